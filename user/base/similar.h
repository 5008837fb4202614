/* SPDX-License-Identifier: GPL-2.0-only */
/* "Did you mean": the nearest of some words to one that was mistyped. */
#ifndef NETFSNOOP_SIMILAR_H
#define NETFSNOOP_SIMILAR_H

struct similar {
	const char *word;
	const char *best; /* of those tried, borrowed; NULL: none is near */
	unsigned int distance;
};

/* Tries one candidate; of several as near the first one stays. */
void similar_try(struct similar *s, const char *candidate);

#endif

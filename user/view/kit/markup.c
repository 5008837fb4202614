// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/fmt.h"
#include "view/kit/markup.h"

#define PIECE 256 /* bytes of text that are escaped at a time: no memory is needed */

static void put_safe(FILE *out, const char *safe)
{
	for (const char *p = safe; *p; p++) {
		const char *entity = *p == '&'	  ? "&amp;"
				     : *p == '<'  ? "&lt;"
				     : *p == '>'  ? "&gt;"
				     : *p == '"'  ? "&quot;"
				     : *p == '\'' ? "&#39;"
						  : NULL;

		if (entity)
			fputs(entity, out);
		else
			putc(*p, out);
	}
}

void put_html(FILE *out, const char *text)
{
	char piece[PIECE + 1], safe[4 * PIECE + 8];

	while (text && *text) {
		size_t n = strnlen(text, PIECE);

		while (n > PIECE - 4 && (text[n] & 0xc0) == 0x80) /* within a character */
			n--;
		memcpy(piece, text, n);
		piece[n] = '\0';
		put_safe(out, fmt_escape(safe, sizeof(safe), piece));
		text += n;
	}
}

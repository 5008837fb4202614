// SPDX-License-Identifier: GPL-2.0-only
/* Whether a line is the rest of the one above it, which a mailer or a terminal broke. */
#include <ctype.h>
#include <string.h>

#include "oops/parse.h"

static bool only_of(const char *text, const char *set)
{
	return text[strspn(text, set)] == '\0';
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), k = strlen(end);

	return n >= k && !strcmp(text + n - k, end);
}

/* Without stamps only the shape tells that a mailer broke the line. */
static bool continues_bare(const char *whole, const char *text)
{
	if (!strncmp(whole, "Code:", 5))
		return only_of(text, "0123456789abcdef<>() ");
	if (!strncmp(whole, "Modules linked in:", 18))
		return !strstr(text, "+0x") && !strchr(text, ':') && strncmp(text, "---", 3) != 0;
	if (!strncmp(whole, "CPU: ", 5))
		return isdigit((unsigned char)*text) && strchr(text, '.');
	if (*text == '[')
		return strstr(whole, "+0x") && !strchr(whole, '[') && !strstr(text, "+0x");
	return ends_with(whole, "?") || !strncmp(text, "knlGS:", 6) ||
	       ends_with(whole, " at addr") || ends_with(whole, "address:");
}

static bool is_line_of_its_own(const char *text)
{
	static const char *const starts[] = {
		"RIP: ",	  "RSP: ",	   "RAX: ",
		"CPU: ",	  "Call Trace:",   "Code: ",
		"<TASK>",	  "</TASK>",	   "Modules linked in:",
		"Hardware name:", "---[ end trace"
	};
	struct oops_draft d = {};
	struct oops_entry e;

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (!strncmp(text, starts[i], strlen(starts[i])))
			return true;
	return oops_frame(text, &e) || oops_headline(&d, text) ||
	       strstr(text, "last message repeated "); /* without "kernel: " */
}

/* What ends a log in a web form, and whatever stands behind a frame that is whole. */
static bool is_no_rest(const char *whole, const char *text)
{
	static const char *const ends[] = { "```", "~~~", "{code", "{noformat", "[/code", "</" };
	struct oops_entry e;

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (!strncmp(text, ends[i], strlen(ends[i])))
			return true;
	return oops_frame(whole, &e) && *text != '[' && *text != '(';
}

bool oops_continues(const char *whole, bool stamped, const char *text)
{
	if (!stamped)
		return continues_bare(whole, text);
	return oops_frame_begins(whole) || ends_with(whole, " at") || ends_with(whole, " in") ||
	       (!is_no_rest(whole, text) && !is_line_of_its_own(text));
}

// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <sys/ioctl.h>

#include "base/units.h"
#include "run/screen.h"

bool screen_is_smart(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && *term && strcmp(term, "dumb");
}

/* https://no-color.org: set and not empty */
bool screen_colour_on(int fd)
{
	const char *no = getenv("NO_COLOR");

	return screen_is_smart(fd) && !(no && *no);
}

bool screen_is_colour(const char *when)
{
	return !strcmp(when, "auto") || !strcmp(when, "always") || !strcmp(when, "never");
}

bool screen_colour(const char *when)
{
	if (when && strcmp(when, "auto"))
		return !strcmp(when, "always");
	return screen_colour_on(STDOUT_FILENO);
}

unsigned int screen_width_or(unsigned int wanted, unsigned int otherwise)
{
	const char *columns = getenv("COLUMNS");
	uint64_t width = wanted;
	struct winsize ws;

	if (!width && columns && parse_number(columns, 1, UINT32_MAX, &width))
		width = 0;
	if (!width && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws))
		width = ws.ws_col;
	if (!width)
		width = otherwise;
	if (width > SCREEN_MAX_WIDTH)
		return SCREEN_MAX_WIDTH;
	return width < SCREEN_MIN_WIDTH ? SCREEN_MIN_WIDTH : width;
}

unsigned int screen_width(unsigned int wanted)
{
	return screen_width_or(wanted, 80);
}

unsigned int screen_height(void)
{
	const char *lines = getenv("LINES");
	uint64_t height = 0;
	struct winsize ws;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (lines && !parse_number(lines, 1, UINT16_MAX, &height))
		return height;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) ? 0 : ws.ws_row;
}

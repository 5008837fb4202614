// SPDX-License-Identifier: GPL-2.0-only
#include <sys/ioctl.h>
#include <time.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "run/progress.h"
#include "run/screen.h"

#define PATIENCE_NS 2000000000ULL
#define AGAIN_NS    200000000ULL
#define MAX_LINE    256

void progress_begin(struct progress *p, bool wanted)
{
	*p = (struct progress){ .on = wanted && screen_is_smart(STDERR_FILENO) };
	if (!p->on)
		return;
	p->begun_ns = monotonic_ns();
	p->next_ns = p->begun_ns + PATIENCE_NS;
}

bool progress_due(struct progress *p)
{
	uint64_t now = p->on ? monotonic_ns() : 0;

	if (!p->on || now < p->next_ns)
		return false;
	p->next_ns = now + AGAIN_NS;
	return true;
}

/* A line that wraps could not be erased. */
void progress_say(struct progress *p, const char *fmt, ...)
{
	char raw[MAX_LINE], text[MAX_LINE];
	struct winsize ws = {};
	va_list ap;

	if (!p->on)
		return;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	ioctl(STDERR_FILENO, TIOCGWINSZ, &ws);
	fmt_escape(text, ws.ws_col > 8 && ws.ws_col < MAX_LINE ? ws.ws_col : 80, raw);
	fprintf(stderr, "\r\033[K%s", text);
	p->shown = true;
}

void progress_clear(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}

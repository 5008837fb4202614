// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

#include "run/screen.h"
#include "run/terminal.h"

#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[?25h\033[?1049l"

/* For the handler of deadly signals alone, which gets no context. */
static struct termios restore_to;

static const int deadly[] = { SIGINT,  SIGTERM, SIGHUP,	 SIGQUIT, SIGPIPE,
			      SIGSEGV, SIGBUS,	SIGABRT, SIGFPE,  SIGILL };

/* Only calls that signal-safety(7) allows; SA_RESETHAND: the second time it is deadly. */
static void on_deadly(int sig)
{
	ssize_t n = write(STDOUT_FILENO, LEAVE, sizeof(LEAVE) - 1);

	(void)n;
	tcsetattr(STDIN_FILENO, TCSANOW, &restore_to);
	raise(sig);
}

static void catch_deadly(bool on)
{
	struct sigaction sa = { .sa_flags = SA_RESETHAND };

	sa.sa_handler = on ? on_deadly : SIG_DFL;
	for (size_t i = 0; i < ARRAY_SIZE(deadly); i++)
		sigaction(deadly[i], &sa, NULL);
}

int terminal_check(struct err *err)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(
			err, -ENOTTY,
			"--top needs a terminal on standard input and output; --once prints a table without one");
	if (!screen_is_smart(STDOUT_FILENO))
		return err_set(err, -ENOTTY,
			       "--top cannot use a terminal of type '%s'; set TERM, or give --once",
			       term ? term : "");
	return 0;
}

int terminal_open(struct terminal *t, struct err *err)
{
	int rc = terminal_check(err);
	struct termios raw;

	if (rc)
		return rc;
	if (tcgetattr(STDIN_FILENO, &t->saved))
		return err_set(err, -errno, "cannot read the terminal settings: %s",
			       strerror(errno));
	restore_to = t->saved;
	raw = t->saved;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = raw.c_cc[VTIME] = 0;
	raw.c_cc[VSUSP] = _POSIX_VDISABLE; /* stopped, it would leave the other screen behind */
	catch_deadly(true);
	t->on = true;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw))
		return err_set(err, -errno, "cannot change the terminal settings: %s",
			       strerror(errno));
	fputs(ENTER, stdout);
	fflush(stdout);
	return 0;
}

void terminal_close(struct terminal *t)
{
	if (!t->on)
		return;
	t->on = false;
	fputs(LEAVE, stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &t->saved);
	catch_deadly(false);
}

void terminal_size(unsigned int *ret_width, unsigned int *ret_height)
{
	struct winsize ws = {};

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws);
	*ret_width = screen_width(0);
	if (ws.ws_col && ws.ws_col < *ret_width) /* a longer line would break the screen */
		*ret_width = ws.ws_col;
	*ret_height = ws.ws_row ? ws.ws_row : 24;
}

int terminal_key(void)
{
	unsigned char c;

	return read(STDIN_FILENO, &c, 1) == 1 ? c : 0;
}

int terminal_draw(const char *text, const char *footer)
{
	unsigned int width, height;

	terminal_size(&width, &height);
	fputs("\033[H", stdout);
	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
		printf("%.*s\033[K\r\n", (int)strcspn(p, "\n"), p);
	printf("\033[J\033[%u;1H%.*s\033[K", height, (int)width, footer);
	return fflush(stdout) ? -errno : 0;
}

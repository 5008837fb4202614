// SPDX-License-Identifier: GPL-2.0-only
/* run: the full screen of watch --top, on a pseudo-terminal. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "run/terminal.h"
#include "text_util.h"

#define ENTER "\033[?1049h"
#define LEAVE "\033[?1049l"

/* The other end of a terminal of 100 columns and 30 lines, which is standard input and output. */
struct pty {
	int master, in, out;
};

static int setup(void **state)
{
	struct pty *p = calloc(1, sizeof(*p));
	struct winsize ws = { .ws_col = 100, .ws_row = 30 };
	int slave;

	p->master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(p->master >= 0);
	assert_int_equal(grantpt(p->master) | unlockpt(p->master), 0);
	slave = open(ptsname(p->master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	ioctl(slave, TIOCSWINSZ, &ws);
	setenv("TERM", "xterm", 1);
	unsetenv("COLUMNS");
	fflush(stdout);
	p->in = dup(STDIN_FILENO);
	p->out = dup(STDOUT_FILENO);
	dup2(slave, STDIN_FILENO);
	dup2(slave, STDOUT_FILENO);
	close(slave);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pty *p = *state;

	fflush(stdout);
	dup2(p->in, STDIN_FILENO);
	dup2(p->out, STDOUT_FILENO);
	close(p->in);
	close(p->out);
	close(p->master);
	free(p);
	return 0;
}

/* What has come there until it is silent. */
static const char *screen(struct pty *p)
{
	static char text[8192];
	struct pollfd pfd = { .fd = p->master, .events = POLLIN };
	size_t n = 0;
	ssize_t got;

	fflush(stdout);
	while (n < sizeof(text) - 1 && poll(&pfd, 1, 100) == 1 &&
	       (got = read(p->master, text + n, sizeof(text) - 1 - n)) > 0)
		n += got;
	text[n] = '\0';
	return text;
}

static bool echoes(void)
{
	struct termios t;

	assert_int_equal(tcgetattr(STDIN_FILENO, &t), 0);
	return t.c_lflag & ECHO;
}

static void test_taken_and_given_back(void **state)
{
	struct terminal t = {};
	struct err err = {};
	unsigned int width, height;
	const char *shown;

	assert_true(echoes());
	assert_int_equal(terminal_open(&t, &err), 0);
	assert_false(echoes());
	assert_has(screen(*state), ENTER);
	terminal_size(&width, &height);
	assert_int_equal(width, 100);
	assert_int_equal(height, 30);
	assert_int_equal(terminal_key(), 0);
	assert_int_equal(write(((struct pty *)*state)->master, "q", 1), 1);
	usleep(50000);
	assert_int_equal(terminal_key(), 'q');
	assert_int_equal(terminal_draw("one\ntwo\n", "q quit"), 0);
	shown = screen(*state);
	assert_has(shown, "one\033[K\r");
	assert_has(shown, "two\033[K\r");
	assert_has(shown, "\033[30;1Hq quit");
	terminal_close(&t);
	assert_true(echoes());
	assert_has(screen(*state), LEAVE);
	terminal_close(&t); /* once is enough */
	assert_string_equal(screen(*state), "");
}

/* Whatever kills the program, the terminal is as it was. */
static void test_killed(void **state)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		struct terminal t = {};

		if (!terminal_open(&t, NULL))
			raise(SIGTERM);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	assert_has(screen(*state), LEAVE);
	assert_true(echoes());
}

static void test_refused(void **state)
{
	struct terminal t = {};
	struct err err = {};
	int null = open("/dev/null", O_RDONLY);

	(void)state;
	setenv("TERM", "dumb", 1);
	assert_int_equal(terminal_open(&t, &err), -ENOTTY);
	assert_has(err.text, "cannot use a terminal of type 'dumb'");
	setenv("TERM", "xterm", 1);
	dup2(null, STDIN_FILENO);
	close(null);
	assert_int_equal(terminal_check(&err), -ENOTTY);
	assert_has(err.text, "--top needs a terminal");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_taken_and_given_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	};

	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}

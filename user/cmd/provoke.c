// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fmt.h"
#include "capture/child.h"
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "provoke/credentials.h"
#include "provoke/loop.h"

#define DEFAULT_LISTEN "127.0.0.1:1445"
#define DEFAULT_TO     "127.0.0.1:445"

struct provoke_args {
	const char *plan, *credentials, *log, *ready_file;
	struct loop_options loop;
	char **command;
	bool quiet, list;
};

enum { OPT_LISTEN = 0x100, OPT_TO, OPT_CREDENTIALS, OPT_LOG, OPT_READY_FILE, OPT_LIST };

static const struct argp_option options[] = {
	{ "listen", OPT_LISTEN, "ADDR", 0,
	  "Take connections at this address and port (default " DEFAULT_LISTEN
	  "); mount with -o port=1445",
	  0 },
	{ "to", OPT_TO, "ADDR", 0, "Address and port of the server (default " DEFAULT_TO ")", 0 },
	{ "credentials", OPT_CREDENTIALS, "FILE", 0,
	  "Take the password of the client's account from FILE, as mount.cifs does, to sign and seal changed messages anew",
	  0 },
	{ "log", OPT_LOG, "FILE", 0,
	  "Write a JSON line per fault to FILE, instead of one on standard error", 0 },
	{ "ready-file", OPT_READY_FILE, "FILE", 0, "Create FILE once connections are taken", 0 },
	{ "quiet", 'q', NULL, 0, "Print nothing on standard error but errors", 0 },
	{ "list", OPT_LIST, NULL, 0, "List the faults, and the statuses that can be answered", 0 },
	{ 0 },
};

static void take_address(struct argp_state *state, const char *option, const char *arg,
			 struct address *ret)
{
	if (address_parse(arg, ret))
		argp_error(state, "%s takes an address and a port, such as %s, not %s", option,
			   DEFAULT_LISTEN, arg);
}

static error_t take_word(struct provoke_args *a, char *arg, struct argp_state *state)
{
	if (a->plan)
		return ARGP_ERR_UNKNOWN; /* the command */
	if (state->quoted)
		argp_error(state, "give a plan, then -- and the command");
	a->plan = arg;
	return 0;
}

static void check_args(struct provoke_args *a, struct argp_state *state)
{
	if (a->list)
		return;
	if (!a->plan)
		argp_error(state, "give a file with a plan; docs/provoke.md says what is in it");
	if (a->command && !state->quoted)
		argp_error(state, "one plan at a time; a command goes behind --");
}

static int parse(int key, char *arg, struct argp_state *state)
{
	struct provoke_args *a = state->input;

	switch (key) {
	case OPT_LISTEN:
		take_address(state, "--listen", arg, &a->loop.listen);
		return 0;
	case OPT_TO:
		take_address(state, "--to", arg, &a->loop.to);
		return 0;
	case OPT_CREDENTIALS:
		a->credentials = arg;
		return 0;
	case OPT_LOG:
		a->log = arg;
		return 0;
	case OPT_READY_FILE:
		a->ready_file = arg;
		return 0;
	case OPT_LIST:
		a->list = true;
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		return take_word(a, arg, state);
	case ARGP_KEY_ARGS:
		a->command = state->argv + state->next;
		return 0;
	case ARGP_KEY_END:
		check_args(a, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp provoke_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "PLAN [-- COMMAND [ARG...]]\n--list",
	.doc = "Stand between an SMB client and its server, and show the client faults that a lawful server or network may show, as PLAN says; until Ctrl-C or the end of COMMAND.\v"
	       "Exit status: that of COMMAND, or 128 + the signal that killed it; 125 if netfsnoop itself failed, 126 if COMMAND cannot be run, 127 if it is not found. Without COMMAND: 0, or 3 if it cannot listen, reach the server or write. 2 usage, or an error in PLAN.\n\n"
	       "Examples:\n"
	       "  netfsnoop provoke short.plan\n"
	       "  netfsnoop provoke --credentials cred --log faults.json short.plan -- ./test\n"
	       "  mount -t cifs //127.0.0.1/share /mnt -o port=1445,credentials=cred\n",
};

static void list_statuses(void)
{
	static const char *const names[] = {
#define NTSTATUS(name, value, commands, forgets) #name,
#include "provoke/statuses.def"
#undef NTSTATUS
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		printf("status %s\n", names[i]);
}

static int list(void)
{
	for (size_t i = 0; i < FAULTS; i++)
		printf("%-12s  %s\n", fault_infos[i].name, fault_infos[i].sentence);
	list_statuses();
	return cmd_end(EXIT_CLEAN);
}

struct run {
	const struct provoke_args *args;
	struct child child;
	unsigned int signals;
};

static int on_ready(void *ctx, struct err *err)
{
	struct run *r = ctx;
	const char *path = r->args->ready_file;
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) : -1;

	if (path && fd < 0)
		return err_set(err, -errno, "cannot create %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (!r->args->quiet)
		fprintf(stderr, "netfsnoop: takes connections at %s for %s\n",
			address_text(&r->args->loop.listen).s, address_text(&r->args->loop.to).s);
	return r->child.pid ? child_start(&r->child) : 0;
}

static bool on_child(void *ctx)
{
	struct run *r = ctx;

	return r->child.pid && child_reap(&r->child);
}

/* The command may need its connection to end well; a second signal does not wait for that. */
static bool on_signal(void *ctx, int sig)
{
	struct run *r = ctx;

	if (!r->child.pid || r->signals++)
		return true;
	child_signal(&r->child, sig);
	return false;
}

static int open_log(const char *path, FILE **ret, struct err *err)
{
	if (!path)
		return 0;
	*ret = fopen(path, "we");
	return *ret ? 0 : err_set(err, -errno, "cannot write %s: %s", path, strerror(errno));
}

static int run_loop(struct provoke_args *a, struct run *r, struct journal *j, struct err *err)
{
	struct loop_options *o = &a->loop;
	int rc;

	o->ready = on_ready;
	o->child = on_child;
	o->signal = on_signal;
	o->ctx = r;
	rc = a->command ? child_fork(&r->child, a->command, false) : 0;
	if (!rc)
		rc = loop_run(o, err);
	if (!rc)
		journal_summary(j, o->proxy.plan);
	if (!rc && j->error)
		rc = err_set(err, j->error, "cannot write %s: %s", a->log, err_why(j->error));
	child_finish(&r->child);
	return rc;
}

static int run(struct provoke_args *a, struct fault_plan *plan, int *ret_status, struct err *err)
{
	__autofree char *password = NULL;
	__autofclose FILE *log = NULL;
	char name[256];
	struct journal j = { .people = a->quiet ? NULL : stderr,
			     .each = !a->log,
			     .plan = fmt_escape(name, sizeof(name), a->plan) };
	struct run r = { .args = a, .child.go_fd = -1 };
	int rc = a->credentials ? credentials_password(a->credentials, &password, err) : 0;

	if (!rc)
		rc = open_log(a->log, &log, err);
	if (rc)
		return rc;
	j.log = log;
	a->loop.proxy = (struct proxy){ .plan = plan, .journal = &j, .password = password };
	rc = run_loop(a, &r, &j, err);
	*ret_status = r.child.status;
	return rc;
}

/* 0, or the exit status: there is no such command. */
static int find_command(const struct provoke_args *a)
{
	__autofree char *path = NULL;
	struct err err = {};
	int rc = a->command ? child_find(*a->command, &path, &err) : 0;

	if (!rc)
		return 0;
	return cmd_fail(&err, rc, rc == -ENOENT ? 127 : rc == -EACCES ? 126 : EXIT_OWN_FAILURE);
}

int cmd_provoke(int argc, char **argv)
{
	struct provoke_args a = {};
	__free(fault_plan_free) struct fault_plan plan = {};
	struct err err = {};
	int rc, status = 0;

	address_parse(DEFAULT_LISTEN, &a.loop.listen);
	address_parse(DEFAULT_TO, &a.loop.to);
	rc = args_parse("provoke", &provoke_argp, argc, argv, ARGP_IN_ORDER, &a);
	if (rc)
		return rc;
	if (a.list)
		return list();
	rc = fault_plan_read(&plan, a.plan, &err);
	if (rc)
		return cmd_fail(&err, rc, EXIT_USAGE);
	rc = find_command(&a);
	if (rc)
		return rc;
	rc = run(&a, &plan, &status, &err);
	if (rc)
		cmd_fail(&err, rc, 0);
	return cmd_child_exit(rc, a.command, status);
}

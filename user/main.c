// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "base/similar.h"
#include "cmd/args.h"
#include "cmd/cmd.h"

static void usage(FILE *to)
{
	fprintf(to, "Usage: netfsnoop COMMAND [OPTIONS]\n"
		    "Trace the Linux kernel's netfs and SMB client (cifs) I/O path.\n\n");
	for (const struct subcommand *c = subcommands; c->name; c++)
		if (c->summary)
			fprintf(to, "  %-9s %s\n", c->name, c->summary);
	fprintf(to, "\nFirst steps:\n"
		    "  netfsnoop doctor                        can this kernel be traced?\n"
		    "  netfsnoop record -- cp /mnt/smb/a /tmp  capture one command\n"
		    "  netfsnoop report netfsnoop.nsn          see what the I/O path did\n"
		    "\nRun `netfsnoop COMMAND --help` for details.\n");
}

/*
 * A closed standard descriptor would become the first file that is opened, and what is printed
 * would go there. Of the wrong kind, it fails as a closed one does.
 */
static void hold_std_fds(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static const struct subcommand *find(const char *name)
{
	for (const struct subcommand *c = subcommands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static int no_command(const char *name)
{
	struct similar near = { .word = name };

	fprintf(stderr, "netfsnoop: no %s '%s'", *name == '-' ? "option" : "command", name);
	for (const struct subcommand *c = subcommands; c->name; c++)
		similar_try(&near, c->name);
	similar_try(&near, "--help");
	similar_try(&near, "--version");
	if (near.best)
		fprintf(stderr, "; did you mean '%s'?", near.best);
	else if (*name == '-')
		fputs("; options go after the command;", stderr);
	else if (!access(name, R_OK))
		fprintf(stderr, "; to see a trace: `netfsnoop report %s`;", name);
	else
		fputs(";", stderr);
	fputs(" `netfsnoop --help` lists the commands\n", stderr);
	return EXIT_USAGE;
}

/* `help`, or `help COMMAND` */
static int help(const char *name)
{
	const struct subcommand *c = name ? find(name) : NULL;

	if (c)
		return args_help(c->name, c->argp);
	if (name && *name != '-' && strcmp(name, "help") != 0)
		return no_command(name);
	usage(stdout);
	return cmd_end(EXIT_CLEAN);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	const struct subcommand *c;

	argp_err_exit_status = EXIT_USAGE;
	hold_std_fds();
	signal(SIGXFSZ, SIG_IGN); /* beyond `ulimit -f` a write fails, as on a full disk */
	if (!name) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(name, "--version") || !strcmp(name, "-V"))
		return args_version();
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help"))
		return help(argc > 2 ? argv[2] : NULL);
	c = find(name);
	return c ? cmd_end(c->run(argc - 1, argv + 1)) : no_command(name);
}

// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <string.h>

#include "cmd/cmd.h"
#include "version.h"

static void usage(FILE *to)
{
	fprintf(to, "Usage: netfsnoop COMMAND [OPTIONS]\n"
		    "Trace the Linux kernel's netfs and SMB client (cifs) I/O path.\n\n");
	for (const struct subcommand *c = subcommands; c->name; c++)
		fprintf(to, "  %-9s %s\n", c->name, c->summary);
	fprintf(to, "\nFirst steps:\n"
		    "  netfsnoop doctor                       can this kernel be traced?\n"
		    "  netfsnoop record -- cp /mnt/smb/a /tmp  capture one command\n"
		    "  netfsnoop report netfsnoop.nsn          see what the I/O path did\n"
		    "\n`netfsnoop COMMAND --help` tells the rest.\n");
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	argp_err_exit_status = EXIT_USAGE;
	if (!name) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		printf("netfsnoop %s\n", NETFSNOOP_VERSION);
		return 0;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
		usage(stdout);
		return 0;
	}
	for (const struct subcommand *c = subcommands; c->name; c++)
		if (!strcmp(c->name, name))
			return c->run(argc - 1, argv + 1);
	fprintf(stderr, "netfsnoop: no command '%s'; `netfsnoop --help` lists them\n", name);
	return EXIT_USAGE;
}

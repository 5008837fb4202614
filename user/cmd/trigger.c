// SPDX-License-Identifier: GPL-2.0-only
#include "base/units.h"
#include "cmd/trigger.h"

enum { OPT_SLOWER = 0x500, OPT_ON };

static const struct argp_option options[] = {
	{ "slower", OPT_SLOWER, "TIME", 0,
	  "Requests, and SMB commands outside of requests, that took TIME or longer: 20ms, 1s; 0 for all",
	  0 },
	{ "on", OPT_ON, "WHAT,...", 0,
	  "error: requests and SMB commands that fail; reconnect; finding: broken rules (default: finding)",
	  0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct trigger_args *a = state->input;
	unsigned int on;

	switch (key) {
	case OPT_SLOWER:
		if (parse_duration(arg, &a->options.slower_ns))
			argp_error(
				state,
				"--slower takes a time with a unit, such as 20ms or 1.5s; not %s",
				arg);
		a->options.on |= ON_SLOWER;
		a->given = true;
		return 0;
	case OPT_ON:
		if (trigger_parse(arg, &on))
			argp_error(
				state,
				"--on takes error, reconnect and finding, such as error,reconnect; not %s",
				arg);
		a->options.on = (a->options.on & ON_SLOWER) | on;
		a->given = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp trigger_argp = { .options = options, .parser = parse };

// SPDX-License-Identifier: GPL-2.0-only
/* All checks, in the order in which they are listed. */
#include "check/checks.h"

const struct check_ops *const checks[] = {
	&check_iter_revert, /* one a line */
	&check_credit_leak,
	&check_credit_double,
	&check_credit_starved,
	&check_inflight,
	&check_retry_loop,
	&check_retry_rules,
	&check_stuck,
	&check_lifecycle,
	&check_ref_balance,
	&check_coverage,
	&check_transfer,
	&check_error_map,
	&check_write_lost,
	&check_wire,
	&check_command,
	&check_handles,
	NULL,
};

// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/kinds.h"

/* every kind of bpf/event.h: number, name, struct, whether it ends in text */
#define KINDS(X)                                              \
	X(EV_TASK, "task", ev_task, false)                    \
	X(EV_CONN, "conn", ev_conn, false)                    \
	X(EV_PROC, "proc", ev_proc, false)                    \
	X(EV_TEST, "test", ev_test, false)                    \
	X(EV_PATH, "path", ev_path, true)                     \
	X(EV_RREQ, "rreq", ev_rreq, false)                    \
	X(EV_SREQ, "sreq", ev_sreq, false)                    \
	X(EV_REF, "ref", ev_ref, false)                       \
	X(EV_FAILURE, "failure", ev_failure, false)           \
	X(EV_COLLECT, "collect", ev_collect, false)           \
	X(EV_WRITE_ITER, "write_iter", ev_write_iter, false)  \
	X(EV_FOLIO, "folio", ev_folio, false)                 \
	X(EV_REVERT, "revert", ev_revert, false)              \
	X(EV_WB_ERR, "wb_err", ev_wb_err, false)              \
	X(EV_SMB_RW, "smb_rw", ev_smb_rw, false)              \
	X(EV_SMB_CMD, "smb_cmd", ev_smb_cmd, false)           \
	X(EV_SMB_FILE, "smb_file", ev_smb_file, false)        \
	X(EV_CREDIT, "credit", ev_credit, false)              \
	X(EV_RW_CREDITS, "rw_credits", ev_rw_credits, false)  \
	X(EV_RECONNECT, "reconnect", ev_reconnect, false)     \
	X(EV_EIO, "eio", ev_eio, false)                       \
	X(EV_SLOW_RSP, "slow_rsp", ev_slow_rsp, false)        \
	X(EV_STEP, "step", ev_step_rec, false)                \
	X(EV_CREDIT_FN, "credit_fn", ev_credit_fn_rec, false) \
	X(EV_SETUP, "setup", ev_setup, false)                 \
	X(EV_SEND, "send", ev_send, false)                    \
	X(EV_RSP, "rsp", ev_rsp, false)                       \
	X(EV_CALLBACK, "callback", ev_callback, false)        \
	X(EV_CIFS_IO, "cifs_io", ev_cifs_io, false)           \
	X(EV_META, "meta", ev_meta, true)                     \
	X(EV_KIND, "kind", ev_kind_rec, true)                 \
	X(EV_PROBE, "probe", ev_probe_rec, true)              \
	X(EV_ENUM, "enum", ev_enum_rec, true)                 \
	X(EV_ANCHOR, "anchor", ev_anchor, false)              \
	X(EV_TICK, "tick", ev_tick, false)                    \
	X(EV_LOST, "lost", ev_lost, false)                    \
	X(EV_MODULE, "module", ev_module, true)               \
	X(EV_MOUNT, "mount", ev_mount, true)                  \
	X(EV_SNAPSHOT, "snapshot", ev_snapshot, true)         \
	X(EV_MARK, "mark", ev_mark_rec, false)                \
	X(EV_HITS, "hits", ev_hits, false)                    \
	X(EV_SYM, "sym", ev_sym, true)                        \
	X(EV_WAITER, "waiter", ev_waiter, true)               \
	X(EV_TEST_LINE, "test_line", ev_test, false)          \
	X(EV_TEST_ENV, "test_env", ev_test_env, true)         \
	X(EV_BLOCK, "block", ev_block, false)                 \
	X(EV_KLOG, "klog", ev_klog, true)                     \
	X(EV_TEST_RESULT, "test_result", ev_test_result, true)

#define AS_SLOT(nr, nm, type, txt) SLOT_##nr,
enum slot { KINDS(AS_SLOT) };

#define AS_INFO(nr, nm, type, txt) \
	{ .kind = (nr), .name = (nm), .min_size = sizeof(struct type), .text = (txt) },
static const struct ev_kind_info table[] = { KINDS(AS_INFO) };

#define AS_CASE(nr, nm, type, txt) \
	case nr:                   \
		return &table[SLOT_##nr];

/* A switch, so that the compiler names a kind that is missing from KINDS. */
const struct ev_kind_info *ev_kind_info(uint8_t kind)
{
	switch ((enum ev_kind)kind) {
		KINDS(AS_CASE)
	case EV_NONE:
		break;
	}
	return NULL;
}

bool ev_of_probe(const struct ev_hdr *ev)
{
	return ev->probe && ev->kind < EV_META;
}

const struct ev_kind_info *ev_kind_table(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(table);
	return table;
}

const char *lost_why_text(uint8_t why)
{
	static const char *const text[] = {
		[EV_LOST_DAMAGED] = "a damaged block",
		[EV_LOST_MISSING] = "blocks are missing",
		[EV_LOST_MISPLACED] = "a block in the wrong place",
		[EV_LOST_FOREIGN] = "blocks of another trace",
		[EV_LOST_END] = "the end is missing",
	};

	if (why == EV_LOST_RECORDER)
		return NULL;
	return why < ARRAY_SIZE(text) ? text[why] : "damage of another kind";
}

const char *ev_text(const struct ev_hdr *ev, unsigned int n)
{
	const struct ev_kind_info *info = ev_kind_info(ev->kind);
	const char *end = (const char *)ev + ev->size;
	const char *p;

	if (!info || !info->text)
		return "";
	for (p = (const char *)ev + info->min_size; n && p < end; n--)
		p += strnlen(p, end - p) + 1;
	return p < end ? p : "";
}

// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "tp/decode.h"

static uint64_t get(const struct tp_record *s, const char *field)
{
	return s->get(s, field);
}

/* Of an event that is about a subrequest: which; see EV_SREQ_ZERO. */
static uint32_t get_sreq(const struct tp_record *s, const char *field)
{
	uint32_t index = get(s, field);

	return index ? index : EV_SREQ_ZERO;
}

/* Kernels name the same thing differently: rreq and wreq, what and why. */
static uint64_t get_either(const struct tp_record *s, const char *a, const char *b)
{
	return get(s, a) | get(s, b);
}

static void head(union decoded *d, const struct tp_record *s, uint8_t kind, uint8_t flags,
		 size_t size)
{
	memset(d, 0, sizeof(*d));
	d->hdr = *s->hdr;
	d->hdr.kind = kind;
	d->hdr.flags = flags | EVF_TPONLY;
	d->hdr.size = size;
}

static void decode_rreq(union decoded *d, const struct tp_record *s, uint8_t event)
{
	struct ev_rreq *ev = &d->rreq;

	head(d, s, EV_RREQ, EVF_RREQ, sizeof(*ev));
	ev->rreq = get_either(s, "rreq", "wreq");
	ev->event = event;
	ev->what = get(s, "what");
	ev->flags = get(s, "flags");
	ev->origin = get(s, "origin");
	ev->ino = get_either(s, "netfs_inode", "ino");
	ev->i_size = get(s, "i_size");
	ev->start = ev->arg_start = get(s, "start");
	ev->len = ev->arg_len = get(s, "len");
}

static void decode_sreq(union decoded *d, const struct tp_record *s)
{
	struct ev_sreq *ev = &d->sreq;

	head(d, s, EV_SREQ, EVF_RREQ, sizeof(*ev));
	ev->rreq = get(s, "rreq");
	ev->sreq = get_sreq(s, "index");
	ev->start = get(s, "start");
	ev->len = get(s, "len");
	ev->transferred = get(s, "transferred");
	ev->error = get(s, "error");
	ev->flags = get(s, "flags");
	ev->what = get(s, "what");
	ev->source = get(s, "source");
}

static void decode_ref(union decoded *d, const struct tp_record *s, bool of_sreq)
{
	struct ev_ref *ev = &d->ref;

	head(d, s, EV_REF, EVF_RREQ, sizeof(*ev));
	ev->rreq = get(s, "rreq");
	ev->sreq = of_sreq ? get_sreq(s, "subreq") : 0;
	ev->ref = get(s, "ref");
	ev->what = get(s, "what");
}

static void decode_failure(union decoded *d, const struct tp_record *s)
{
	struct ev_failure *ev = &d->failure;
	int16_t index = get(s, "index");

	head(d, s, EV_FAILURE, EVF_RREQ, sizeof(*ev));
	ev->rreq = get(s, "rreq");
	ev->sreq = index < 0 ? 0 : get_sreq(s, "index"); /* -1: the request's own failure */
	ev->start = get(s, "start");
	ev->len = get(s, "len");
	ev->transferred = get(s, "transferred");
	ev->error = get(s, "error");
	ev->flags = get(s, "flags");
	ev->what = get(s, "what");
	ev->source = get(s, "source");
}

static void decode_collect(union decoded *d, const struct tp_record *s, uint8_t event)
{
	struct ev_collect *ev = &d->collect;

	head(d, s, EV_COLLECT, EVF_RREQ, sizeof(*ev));
	ev->rreq = get(s, "wreq");
	ev->sreq = event == EV_COLLECT_SREQ ? get_sreq(s, "subreq") : 0;
	ev->event = event;
	ev->start = get_either(s, "start", "from");
	ev->len = get(s, "len");
	ev->transferred = get(s, "transferred");
	ev->collected_to = get_either(s, "collected_to", "to");
	ev->notes = get(s, "notes");
	ev->stream = get(s, "stream");
	ev->type = get(s, "type");
}

static void decode_rw(union decoded *d, const struct tp_record *s, uint8_t event, bool write)
{
	struct ev_smb_rw *ev = &d->rw;

	head(d, s, EV_SMB_RW, EVF_RREQ, sizeof(*ev));
	ev->rreq = get(s, "rreq_debug_id");
	ev->sreq = get(s, "rreq_debug_index");
	ev->fid = get(s, "fid");
	ev->sesid = get(s, "sesid");
	ev->offset = get(s, "offset");
	ev->len = get(s, "len");
	ev->xid = get(s, "xid");
	ev->tid = get(s, "tid");
	ev->rc = get(s, "rc");
	ev->event = event;
	ev->write = write;
}

static void decode_cmd(union decoded *d, const struct tp_record *s, uint8_t event)
{
	struct ev_smb_cmd *ev = &d->cmd;

	head(d, s, EV_SMB_CMD, EVF_RREQ, sizeof(*ev));
	ev->mid = get(s, "mid");
	ev->sesid = get(s, "sesid");
	ev->tid = get(s, "tid");
	ev->status = get(s, "status");
	ev->rc = get(s, "rc");
	ev->cmd = get(s, "cmd");
	ev->event = event;
}

static void decode_file(union decoded *d, const struct tp_record *s)
{
	struct ev_smb_file *ev = &d->file;

	head(d, s, EV_SMB_FILE, 0, sizeof(*ev));
	ev->fid = get(s, "fid");
	ev->sesid = get(s, "sesid");
	ev->arg[0] = get_either(s, "create_options", "lease_state") | get(s, "oflags");
	ev->arg[1] = get_either(s, "desired_access", "lease_key_low") | get(s, "cflags");
	ev->xid = get(s, "xid");
	ev->tid = get(s, "tid");
	ev->rc = get(s, "rc");
}

static void decode_credit(union decoded *d, const struct tp_record *s)
{
	struct ev_credit *ev = &d->credit;

	head(d, s, EV_CREDIT, 0, sizeof(*ev));
	ev->conn = get(s, "conn_id");
	ev->mid = get(s, "currmid");
	ev->credits = get(s, "credits");
	ev->change = get(s, "credits_to_add");
	ev->in_flight = get(s, "in_flight");
}

static void decode_rw_credits(union decoded *d, const struct tp_record *s)
{
	struct ev_rw_credits *ev = &d->rw_credits;

	head(d, s, EV_RW_CREDITS, EVF_RREQ, sizeof(*ev));
	ev->rreq = get(s, "rreq_debug_id");
	ev->sreq = get_either(s, "subreq_debug_index", "rreq_debug_index");
	ev->held = get(s, "subreq_credits");
	ev->pool = get(s, "server_credits");
	ev->in_flight = get(s, "in_flight");
	ev->change = get(s, "credit_change");
	ev->what = get(s, "trace");
}

static void decode_reconnect(union decoded *d, const struct tp_record *s)
{
	struct ev_reconnect *ev = &d->reconnect;

	head(d, s, EV_RECONNECT, 0, sizeof(*ev));
	ev->conn = get(s, "conn_id");
	ev->mid = get_either(s, "currmid", "sesid");
	ev->rc = get(s, "rc");
}

static void decode_folio(union decoded *d, const struct tp_record *s, bool collected)
{
	struct ev_folio *ev = &d->folio;

	head(d, s, EV_FOLIO, 0, sizeof(*ev));
	ev->ino = get(s, "ino");
	ev->index = get(s, "index");
	ev->what = collected ? 0xff : get(s, "why");
}

/* filemap_set_wb_err prints what the mapping had before: which error it has now is not there. */
static void decode_wb_err(union decoded *d, const struct tp_record *s, uint8_t event)
{
	struct ev_wb_err *ev = &d->wb_err;

	head(d, s, EV_WB_ERR, 0, sizeof(*ev));
	ev->ino = get(s, "i_ino");
	ev->dev = get(s, "s_dev");
	ev->seq = get(s, "new");
	ev->old = get_either(s, "errseq", "old");
	ev->error = -(int32_t)(ev->seq & 4095); /* MAX_ERRNO */
	ev->event = event;
}

static void decode_others(union decoded *d, const struct tp_record *s)
{
	if (s->hdr->probe == P_netfs_write_iter) {
		head(d, s, EV_WRITE_ITER, 0, sizeof(d->write_iter));
		d->write_iter.start = get(s, "start");
		d->write_iter.len = get(s, "len");
		d->write_iter.ino = get(s, "ino");
		d->write_iter.ki_flags = get(s, "flags");
	} else if (s->hdr->probe == P_smb3_eio) {
		head(d, s, EV_EIO, 0, sizeof(d->eio));
		d->eio.what = get(s, "trace");
		d->eio.info = get(s, "info");
		d->eio.info2 = get(s, "info2");
	} else {
		head(d, s, EV_SLOW_RSP, 0, sizeof(d->slow));
		d->slow.mid = get(s, "mid");
		d->slow.sent = get(s, "when_sent");
		d->slow.received = get(s, "when_received");
		d->slow.pid = get(s, "pid");
		d->slow.cmd = get(s, "cmd");
	}
}

static bool decode_netfs(union decoded *d, const struct tp_record *s)
{
	switch (s->hdr->probe) {
	case P_netfs_read:
		return decode_rreq(d, s, EV_RREQ_READ), true;
	case P_netfs_write:
		return decode_rreq(d, s, EV_RREQ_WRITE), true;
	case P_netfs_rreq:
		return decode_rreq(d, s, EV_RREQ_STATE), true;
	case P_netfs_sreq:
		return decode_sreq(d, s), true;
	case P_netfs_rreq_ref:
		return decode_ref(d, s, false), true;
	case P_netfs_sreq_ref:
		return decode_ref(d, s, true), true;
	case P_netfs_failure:
		return decode_failure(d, s), true;
	case P_netfs_collect:
		return decode_collect(d, s, EV_COLLECT_REQ), true;
	case P_netfs_collect_sreq:
		return decode_collect(d, s, EV_COLLECT_SREQ), true;
	case P_netfs_collect_state:
		return decode_collect(d, s, EV_COLLECT_STATE), true;
	case P_netfs_collect_gap:
		return decode_collect(d, s, EV_COLLECT_GAP), true;
	case P_netfs_collect_stream:
		return decode_collect(d, s, EV_COLLECT_STREAM), true;
	case P_netfs_folio:
	case P_netfs_collect_folio:
		return decode_folio(d, s, s->hdr->probe == P_netfs_collect_folio), true;
	case P_filemap_set_wb_err:
		return decode_wb_err(d, s, EV_WB_ERR_SET), true;
	case P_file_check_and_advance_wb_err:
		return decode_wb_err(d, s, EV_WB_ERR_READ), true;
	default:
		return false;
	}
}

static bool decode_io(union decoded *d, const struct tp_record *s)
{
	switch (s->hdr->probe) {
	case P_smb3_read_enter:
		return decode_rw(d, s, EV_RW_ENTER, false), true;
	case P_smb3_read_done:
		return decode_rw(d, s, EV_RW_DONE, false), true;
	case P_smb3_read_err:
		return decode_rw(d, s, EV_RW_ERR, false), true;
	case P_smb3_write_enter:
		return decode_rw(d, s, EV_RW_ENTER, true), true;
	case P_smb3_write_done:
		return decode_rw(d, s, EV_RW_DONE, true), true;
	case P_smb3_write_err:
		return decode_rw(d, s, EV_RW_ERR, true), true;
	case P_smb3_cmd_enter:
		return decode_cmd(d, s, EV_CMD_ENTER), true;
	case P_smb3_cmd_done:
		return decode_cmd(d, s, EV_CMD_DONE), true;
	case P_smb3_cmd_err:
		return decode_cmd(d, s, EV_CMD_ERR), true;
	case P_smb3_ses_expired:
		return decode_cmd(d, s, EV_CMD_SES_EXPIRED), true;
	case P_smb3_rw_credits:
		return decode_rw_credits(d, s), true;
	default:
		return false;
	}
}

static bool decode_cifs(union decoded *d, const struct tp_record *s)
{
	uint16_t probe = s->hdr->probe;

	if (probe >= P_smb3_add_credits && probe <= P_smb3_reconnect_with_invalid_credits)
		return decode_credit(d, s), true;
	if (probe >= P_smb3_open_enter && probe <= P_smb3_lease_not_found)
		return decode_file(d, s), true;
	if (probe >= P_smb3_reconnect && probe <= P_smb3_ses_not_found)
		return decode_reconnect(d, s), true;
	if (probe == P_smb3_eio || probe == P_smb3_slow_rsp || probe == P_netfs_write_iter)
		return decode_others(d, s), true;
	return false;
}

bool decode_fields(union decoded *ret, const struct tp_record *r)
{
	return decode_netfs(ret, r) || decode_io(ret, r) || decode_cifs(ret, r);
}

struct raw_record {
	struct tp_record r;
	const struct tp_format *format;
	const void *bytes;
	size_t size;
};

static uint64_t raw_get(const struct tp_record *r, const char *field)
{
	const struct raw_record *raw = container_of(r, struct raw_record, r);

	return format_value(raw->format, field, raw->bytes, raw->size, 0);
}

bool decode_record(union decoded *ret, const struct ev_hdr *hdr, const struct tp_format *format,
		   const void *bytes, size_t size)
{
	const struct raw_record raw = {
		.r = { .hdr = hdr, .get = raw_get }, .format = format, .bytes = bytes, .size = size
	};

	return decode_fields(ret, &raw.r);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/fs/cifs/DebugData, as cifs_debug_data_proc_show() writes it since 4.4; also a copy whose tabs
 * became blanks.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "hang/hang.h"
#include "hang/parse.h"

#define MAX_CONNS 1024
#define MAX_MIDS  65536

struct debug_data {
	struct hang_snap *s;
	size_t server;	   /* index of the server whose sessions these are, or HANG_NO_CONN */
	size_t conn;	   /* the same or one of its channels: whose lines these are */
	uint64_t mid_conn; /* connection of the list of messages we are in */
	bool in_mids, in_shares;
};

static const char *skip_blanks(const char *line)
{
	return line + strspn(line, " \t");
}

static int add_conn(struct debug_data *d, uint64_t id, bool channel)
{
	struct hang_snap *s = d->s;
	struct hang_conn *c;
	int rc = hang_grow((void **)&s->conn, s->nr_conns, sizeof(*c), MAX_CONNS);

	if (rc)
		return rc;
	c = &s->conn[s->nr_conns];
	memset(c, 0, sizeof(*c));
	if (channel && d->server != HANG_NO_CONN)
		*c = s->conn[d->server];
	c->id = id;
	c->channel = channel;
	c->disconnected = false;
	d->conn = s->nr_conns++;
	d->in_mids = d->in_shares = false;
	if (!channel)
		d->server = d->conn;
	return 0;
}

/* "\n%d) ConnectionId: 0x%llx Hostname: %s " */
static int parse_server(struct debug_data *d, const char *line, bool *ret_taken)
{
	uint64_t id;
	int rc;

	*ret_taken = isdigit((unsigned char)*line) && strstr(line, ") ConnectionId: ") &&
		     hang_find_u64(line, "ConnectionId: ", 0, &id);
	if (!*ret_taken)
		return 0;
	rc = add_conn(d, id, false);
	if (!rc)
		hang_find_word(line, "Hostname: ", d->s->conn[d->conn].host,
			       sizeof(d->s->conn[d->conn].host));
	return rc;
}

/* cifs_dump_channel(): "\t\tChannel: %d ConnectionId: 0x%llx" */
static int parse_channel(struct debug_data *d, const char *line, bool *ret_taken)
{
	uint64_t id;

	*ret_taken = line != skip_blanks(line) && !strncmp(skip_blanks(line), "Channel: ", 9) &&
		     hang_find_u64(line, "ConnectionId: ", 0, &id);
	return *ret_taken ? add_conn(d, id, true) : 0;
}

/* "\n\tServer ConnectionId: 0x%llx" and then one line a message; one of several sessions of a
 * connection repeats them. */
static bool known_mid(const struct hang_snap *s, uint64_t conn, uint64_t mid)
{
	for (size_t i = s->nr_mids; i > 0 && s->nr_mids - i < 4096; i--)
		if (s->mid[i - 1].conn == conn && s->mid[i - 1].mid == mid)
			return true;
	return false;
}

/* "\n\t\tState: %d com: %d pid: %d cbdata: %p mid %llu", until 6.2 with one tab */
static int parse_mid(struct debug_data *d, const char *line, bool *ret_taken)
{
	struct hang_snap *s = d->s;
	struct hang_mid m = { .conn = d->mid_conn };
	int rc;

	*ret_taken = d->in_mids && !strncmp(skip_blanks(line), "State: ", 7) &&
		     hang_find_u32(line, "State: ", 10, &m.state) &&
		     hang_find_u32(line, " com: ", 10, &m.cmd) &&
		     hang_find_i32(line, " pid: ", &m.pid) &&
		     hang_find_u64(line, " mid ", 10, &m.mid);
	if (!*ret_taken || known_mid(s, m.conn, m.mid))
		return 0;
	rc = hang_grow((void **)&s->mid, s->nr_mids, sizeof(m), MAX_MIDS);
	if (!rc)
		s->mid[s->nr_mids++] = m;
	return rc;
}

/* What belongs to the connection, or channel, we are in. */
static void parse_conn_line(struct hang_conn *c, const char *line)
{
	const char *credits = strstr(line, "Number of credits: ");

	if (credits)
		sscanf(credits, "Number of credits: %d,%d,%d", &c->credits, &c->echo_credits,
		       &c->oplock_credits);
	hang_find_u32(line, " Dialect ", 0, &c->dialect);
	if (hang_find_u32(line, "TCP status: ", 10, &c->tcp_status))
		hang_find_u32(line, "Instance: ", 10, &c->instance);
	hang_find_i32(line, "Req On Wire: ", &c->in_flight);
	if (hang_find_i32(line, "In Send: ", &c->in_send))
		hang_find_i32(line, "In MaxReq Wait: ", &c->waiters);
}

/* Sessions and trees: "\n\t%d) Address: %s Uses:", "\n\t%d) Name: %s  Domain:", cifs_debug_tcon()
 */
static void parse_session_line(struct hang_conn *c, const char *line)
{
	const char *share = strstr(line, ") \\\\"), *end;

	if (!hang_find_word(line, ") Address: ", c->address, sizeof(c->address)) && !*c->address)
		hang_find_word(line, ") Name: ", c->address, sizeof(c->address));
	if (!c->session_id)
		hang_find_u64(line, " SessionId: ", 0, &c->session_id);
	end = share ? strstr(share, " Mounts: ") : NULL;
	if (end && !*c->share)
		snprintf(c->share, sizeof(c->share), "%.*s", (int)(end - share - 2), share + 2);
}

/* A share or a session that is DISCONNECTED comes back when it is used: that is no hang yet. */
static void parse_flags(struct debug_data *d, const char *line)
{
	struct hang_snap *s = d->s;

	if (d->in_shares)
		return;
	if (strstr(line, "\tDISCONNECTED") || strstr(line, "[RECONNECTING]"))
		s->conn[d->conn].disconnected = true;
	if (strstr(line, "Primary channel: DISCONNECTED"))
		s->conn[d->server].disconnected = true;
}

static void parse_place(struct debug_data *d, const char *line)
{
	const char *text = skip_blanks(line);

	if (text == line) {
		if (!strcmp(line, "--"))
			d->in_shares = d->in_mids = false;
		return;
	}
	if (!strncmp(text, "Shares:", 7)) {
		d->conn = d->server;
		d->in_shares = true;
	}
	if (!strncmp(text, "MIDs:", 5)) {
		d->in_mids = true;
		/* until 6.2 the list is of the server it stands below, and no line says so */
		d->mid_conn = d->s->conn[d->server].id;
	} else if (d->in_mids && !strncmp(text, "Server ConnectionId: ", 21)) {
		hang_find_u64(line, "ConnectionId: ", 0, &d->mid_conn);
	}
}

static int parse_line(struct debug_data *d, const char *line)
{
	bool taken;
	int rc = parse_mid(d, line, &taken);

	if (!taken)
		rc = parse_server(d, line, &taken);
	if (!taken)
		rc = parse_channel(d, line, &taken);
	if (taken || d->conn == HANG_NO_CONN)
		return rc;
	parse_place(d, line);
	if (*line != '\t' || !strncmp(line, "\t\t", 2))
		parse_conn_line(&d->s->conn[d->conn], line);
	parse_session_line(&d->s->conn[d->server], line);
	parse_flags(d, line);
	return 0;
}

int hang_parse_debug_data(struct hang_snap *s, char *text)
{
	struct debug_data d = { .s = s, .server = HANG_NO_CONN, .conn = HANG_NO_CONN };
	char *line;

	if (!strstr(text, "Display Internal CIFS Data Structures"))
		return -EPROTO;
	if (text[strlen(text) - 1] != '\n') /* somebody's copy was cut */
		s->truncated = true;
	while (text && *text) {
		int rc;

		line = hang_line(&text);
		rc = parse_line(&d, line);
		if (rc == -E2BIG) {
			s->truncated = true;
			return 0;
		}
		if (rc)
			return rc;
	}
	return 0;
}

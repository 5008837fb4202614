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
	bool unlisted; /* a session whose list of messages has not come yet */
	bool dashed;   /* this kernel ends such a list with "--" (with named connections it does) */
	bool odd;      /* there was a connection or a message that could not be read */
	/* until 5.10: connections have a number, and their credits stand on the line before it */
	bool numbered;
	char credits[160];
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
	d->unlisted |= !channel;
	if (!channel)
		d->server = d->conn;
	return 0;
}

/* What belongs to the connection, or channel, we are in. */
static void parse_conn_line(struct hang_conn *c, const char *line)
{
	const char *credits = strstr(line, "Number of credits: ");

	c->has_credits |= credits != NULL;
	if (credits)
		c->has_echo_credits = sscanf(credits, "Number of credits: %d,%d,%d", &c->credits,
					     &c->echo_credits, &c->oplock_credits) == 3;
	if (hang_find_u32(line, " Dialect ", 0, &c->dialect))
		c->smb1 = !c->dialect;
	if (hang_find_u32(line, "TCP status: ", 10, &c->tcp_status))
		hang_find_u32(line, "Instance: ", 10, &c->instance);
	hang_find_i32(line, "Req On Wire: ", &c->in_flight);
	if (hang_find_i32(line, "In Send: ", &c->in_send))
		hang_find_i32(line, "In MaxReq Wait: ", &c->waiters);
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

/*
 * Until 5.10: "\n%d) Name: %s Uses: ...", with the OS of a server of SMB 1; until 4.17 also "\n%d) entry for
 * %s not fully displayed". The number is that of the connection, one line for each of its sessions.
 */
static int parse_numbered(struct debug_data *d, const char *line, bool *ret_taken)
{
	const char *name = strstr(line, ") Name: "), *entry = strstr(line, ") entry for ");
	uint64_t id = strtoull(line, NULL, 10);
	struct hang_conn *c;
	int rc = 0;

	*ret_taken = isdigit((unsigned char)*line) && (name || entry);
	if (!*ret_taken)
		return 0;
	d->numbered = d->unlisted = true;
	if (d->server == HANG_NO_CONN || d->s->conn[d->server].id != id)
		rc = add_conn(d, id, false);
	if (rc)
		return rc;
	d->in_mids = d->in_shares = false;
	c = &d->s->conn[d->server];
	c->smb1 |= strstr(line, " OS: ") != NULL;
	hang_find_word(line, entry ? ") entry for " : ") Name: ", c->address, sizeof(c->address));
	if (*d->credits)
		parse_conn_line(c, d->credits);
	*d->credits = '\0';
	parse_conn_line(c, line);
	return 0;
}

/* "\nNumber of credits: %d Dialect 0x%x" in front of the connection that it is of */
static bool is_ahead(struct debug_data *d, const char *line)
{
	if (strncmp(line, "Number of credits: ", 19) != 0 ||
	    (d->conn != HANG_NO_CONN && !d->numbered))
		return false;
	snprintf(d->credits, sizeof(d->credits), "%s", line);
	return true;
}

/* 5.5: "\t\tChannel %d Number of credits: ...", whose messages no list has */
static bool is_unlisted_channel(struct debug_data *d, const char *line)
{
	const char *text = skip_blanks(line);
	int32_t in_flight = 0;

	if (strncmp(text, "Channel ", 8) != 0 || !isdigit((unsigned char)text[8]))
		return false;
	d->odd |= hang_find_i32(line, "Req On Wire: ", &in_flight) && in_flight;
	return true;
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
	struct hang_mid m = { .conn = d->mid_conn,
			      .smb1 = d->server != HANG_NO_CONN && s->conn[d->server].smb1 };
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
	if (strstr(line, "\tDISCONNECTED") || strstr(line, "  DISCONNECTED") ||
	    strstr(line, "[RECONNECTING]"))
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

/*
 * Each session ends with its list of messages, a connection without one says "[NONE]".
 */
static void look_for_holes(struct debug_data *d, const char *line)
{
	const char *text = skip_blanks(line);

	if (d->in_mids && !strncmp(text, "State: ", 7))
		d->odd = true;
	else if (strstr(line, "[NONE]") || !strncmp(text, "MIDs:", 5))
		d->unlisted = false;
	else if (isdigit((unsigned char)*text) &&
		 (strstr(text, ") Address: ") || strstr(text, ") Name: ")))
		d->unlisted = true;
	d->dashed |= !strcmp(line, "--") || !strncmp(text, "Server ConnectionId: ", 21);
}

static int parse_line(struct debug_data *d, const char *line)
{
	bool taken;
	int rc = parse_mid(d, line, &taken);

	if (!taken)
		rc = parse_server(d, line, &taken);
	if (!taken)
		rc = parse_channel(d, line, &taken);
	if (!taken && !rc)
		rc = parse_numbered(d, line, &taken);
	if (!taken && (is_ahead(d, line) || is_unlisted_channel(d, line)))
		return 0;
	if (!taken)
		look_for_holes(d, line);
	if (taken || d->conn == HANG_NO_CONN)
		return rc;
	parse_place(d, line);
	if (*line != '\t' || !strncmp(line, "\t\t", 2) || (d->numbered && !d->in_shares))
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
	s->truncated |= hang_is_cut(text);
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
	/* cut between two lines, or a form that was not understood */
	s->truncated |= d.unlisted || d.odd || (d.in_mids && d.dashed);
	return 0;
}

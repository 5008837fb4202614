// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the code of a file system leaves out of the stream that netfs fills for the others. Read in
 * Debian's 6.12.118 and 7.3.4; a file system that is not here is not known, and nothing is expected
 * of it.
 */
#include <string.h>

#include "check/inside.h"

static const struct {
	const char *fs;
	unsigned int families;
	unsigned int out;
} table[] = {
	/* fs/smb/client/file.c: cifs_issue_read() says SUBMT, or ends it with an error before */
	{ "cifs", FAMILY_NETFS, 0 },
	{ "smb3", FAMILY_NETFS, 0 },
	/* fs/9p/vfs_addr.c: v9fs_issue_read() reads, and ends; without prepare_read and
	 * prepare_write netfs sends again without RETRY */
	{ "9p", FAMILY_NETFS, LEFT_READ_SUBMIT | LEFT_RETRY },
	/* fs/afs/file.c: afs_issue_read() says SUBMT; there is no prepare_read */
	{ "afs", FAMILY_NETFS, LEFT_RETRY },
	/* fs/ceph/addr.c: ceph_netfs_issue_op_inline() ends without SUBMT, and without an error,
	 * a read of inline data behind the end of the file */
	{ "ceph", FAMILY_NETFS, LEFT_READ_SUBMIT },
	/* fs/nfs/fscache.c: nfs_netfs_issue_read() says nothing */
	{ "nfs", FAMILY_NETFS, LEFT_READ_SUBMIT | LEFT_RETRY },
	{ "nfs4", FAMILY_NETFS, LEFT_READ_SUBMIT | LEFT_RETRY },
};

/* An imported stream does not name it: it is one of those that say SUBMT if it does. */
static unsigned int guess(const struct request *r)
{
	for_each_subrequest (r, s)
		if (s->attempts || s->mid)
			return 0;
	return LEFT_READ_SUBMIT | LEFT_RETRY;
}

unsigned int left_out(const struct check *c, const struct request *r)
{
	if (!*r->fs)
		return guess(r);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (!strcmp(table[i].fs, r->fs))
			return table[i].families & check_family(c) ? table[i].out : 0;
	return LEFT_READ_SUBMIT | LEFT_RETRY;
}

bool says_no_submit(const struct check *c, const struct request *r, const struct subrequest *s)
{
	return !s->attempts && !s->write && left_out(c, r) & LEFT_READ_SUBMIT;
}

void check_leave(struct check *c, const struct request *r)
{
	if (!*r->fs && r->unbegun) /* more likely it was sent before the recording */
		return;
	if (!c->left++)
		snprintf(c->left_fs, sizeof(c->left_fs), "%s", *r->fs ? r->fs : "a file system");
}

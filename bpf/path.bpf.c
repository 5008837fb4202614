// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of files, for `record --paths`. No lock is taken: a name is what the dentries say at that
 * moment, and one that is renamed right then may be read half. The memory is RCU's, so it is there.
 */
#include "compat.bpf.h"

#define PATH_ROOM (EV_PATH_FULL + EV_PATH_NAME + EV_ALIGN)

/*
 * From the file upwards; returns the bytes of its names. Numbers of 64 bits, and no loop that the
 * verifier has to follow: it must know the place of each name.
 */
static __always_inline u64 take_names(struct ev_path *ev, const struct dentry *d,
				      const struct dentry *root)
{
	u8 nr = 0, how = EV_PATH_LOOSE;
	u64 at = 0;

#pragma unroll
	for (int i = 0; i <= EV_PATH_DEPTH; i++) {
		const struct dentry *parent = BPF_CORE_READ(d, d_parent);
		long n;

		if (!parent || parent == d) {
			how = d == root ? EV_PATH_WHOLE : EV_PATH_LOOSE;
			break;
		}
		barrier_var(at); /* what is tested is what is used */
		if (i == EV_PATH_DEPTH || at > EV_PATH_FULL) {
			how = EV_PATH_CUT;
			break;
		}
		n = bpf_probe_read_kernel_str(ev->text + at, EV_PATH_NAME,
					      BPF_CORE_READ(d, d_name.name));
		if (n <= 1 || n > EV_PATH_NAME)
			break;
		at += n;
		nr = i + 1;
		d = parent;
	}
	ev->nr = nr;
	ev->how = how;
	return at;
}

/* One NUL more, and those that the record is filled up with: the ring's memory is not zeroed. */
static __always_inline u64 end_names(struct ev_path *ev, u64 end)
{
	barrier_var(end);
	if (end > EV_PATH_FULL + EV_PATH_NAME)
		end = 0; /* it is not, but the verifier does not know */
#pragma unroll
	for (int i = 0; i < EV_ALIGN; i++)
		ev->text[end + i] = '\0';
	return (sizeof(*ev) + end + EV_ALIGN) / EV_ALIGN * EV_ALIGN;
}

static __always_inline bool send_path(const struct path_key *key, const struct dentry *d,
				      const struct dentry *root)
{
	struct ev_path *ev = bpf_ringbuf_reserve(&ring_main, sizeof(*ev) + PATH_ROOM, 0);

	if (!ev) {
		count_lost(PROBE_NONE);
		return false;
	}
	ev->nr = 0;
	ev->how = EV_PATH_LOOSE;
	fill_header(&ev->hdr, PROBE_NONE, EV_PATH, 0,
		    end_names(ev, d ? take_names(ev, d, root) : 0));
	ev->ino = key->ino;
	ev->dev = key->dev;
	__builtin_memset(ev->pad, 0, sizeof(ev->pad));
	commit(ev);
	return true;
}

__noinline int note_path(u64 inode_addr, u64 dentry_addr)
{
	const struct inode *inode = (void *)inode_addr;
	const struct dentry *d = (void *)dentry_addr;
	struct path_told now = {}, *told;
	struct path_key key = {};

	if (!enabled || !with_paths || !inode)
		return 0;
	key.ino = BPF_CORE_READ(inode, i_ino);
	key.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	if (!d)
		d = first_dentry(inode);
	if (d) {
		now.parent = (u64)BPF_CORE_READ(d, d_parent);
		now.hash_len = BPF_CORE_READ(d, d_name.hash_len);
	}
	told = bpf_map_lookup_elem(&paths_told, &key);
	if (told && told->parent == now.parent && told->hash_len == now.hash_len)
		return 0;
	if (send_path(&key, d, BPF_CORE_READ(inode, i_sb, s_root)))
		bpf_map_update_elem(&paths_told, &key, &now, BPF_ANY);
	return 0;
}

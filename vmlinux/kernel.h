/* SPDX-License-Identifier: GPL-2.0-only */
/* Types of vmlinux that the probes read; see README.md for the rules. */
#ifndef NETFSNOOP_KERNEL_H
#define NETFSNOOP_KERNEL_H

typedef unsigned char __u8;
typedef short int __s16;
typedef short unsigned int __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long int __s64;
typedef long long unsigned int __u64;
typedef __u16 __le16;
typedef __u32 __le32;
typedef __u64 __le64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u64 u64;
typedef __u32 u32;
typedef __u16 u16;
typedef __u8 u8;
typedef __s64 s64;
typedef __s16 s16;
typedef __s32 s32;
typedef _Bool bool;
enum { false = 0, true = 1 };
#define NULL ((void *)0)

/* uapi: context of kprobe and perf_event programs, with the names <bpf/bpf_tracing.h> expects */
#if defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	u64 regs[31];
	u64 sp, pc, pstate;
};
typedef struct user_pt_regs bpf_user_pt_regs_t;
#else
struct pt_regs {
	unsigned long r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	unsigned long rax, rcx, rdx, rsi, rdi, orig_rax, rip, cs, eflags, rsp, ss;
};
typedef struct pt_regs bpf_user_pt_regs_t;
#endif

struct bpf_perf_event_data {
	bpf_user_pt_regs_t regs;
	__u64 sample_period;
	__u64 addr;
};

/* uapi values that bpf_helpers users need; linux/bpf.h would pull in the host's headers */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_RINGBUF = 27,
};
enum { BPF_ANY = 0 };
enum { BPF_F_MMAPABLE = 1 << 10 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2 };
enum { BPF_RB_AVAIL_DATA = 0 };
enum bpf_func_id { BPF_FUNC_trace_vprintk = 177 }; /* 5.16+ */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct file_system_type {
	const char *name;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct super_block {
	u32 s_dev;
	struct file_system_type *s_type;
	struct dentry *s_root;
};

struct inode {
	struct super_block *i_sb;
	unsigned long i_ino;
	s64 i_size;
	struct hlist_head i_dentry;
};

struct address_space {
	struct inode *host;
	u32 wb_err; /* errseq_t */
};

struct qstr {
	u64 hash_len;
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	union {
		struct hlist_node d_alias;
	} d_u;			   /* until 6.x */
	struct hlist_node d_alias; /* 7.x */
};

struct file {
	struct inode *f_inode;
	struct address_space *f_mapping;
	u32 f_wb_err; /* errseq_t */
};

/* only where they lie within something else is asked */
struct kref {
	int refcount;
};

struct work_struct {
	long data;
};

struct kiocb {
	struct file *ki_filp;
	s64 ki_pos;
	int ki_flags;
};

/* the numbers drift: ask for them with bpf_core_enum_value() */
enum iter_type {
	ITER_UBUF = 100,
	ITER_BVEC,
	ITER_XARRAY,
	ITER_DISCARD,
	ITER_FOLIOQ, /* 6.12+ */
};

struct bio_vec {
	struct page *bv_page;
	unsigned int bv_len;
};

/* 6.12+ */
struct folio_queue {
	u8 orders[31]; /* as many as the queue has slots */
	struct folio_queue *prev;
};

struct iov_iter {
	u8 iter_type; /* u8 on every kernel so far */
	unsigned long iov_offset;
	unsigned long count;
	unsigned long nr_segs;
	const struct bio_vec *bvec;
	const struct folio_queue *folioq; /* 6.12+ */
	u8 folioq_slot;			  /* 6.12+ */
};

struct kvec {
	void *iov_base;
};

struct list_head {
	struct list_head *next, *prev;
};

struct folio {
	struct address_space *mapping;
	unsigned long index;
};

struct module {
	char name[56];
};

struct module_kobject {
	struct module *mod;
};

struct task_struct {
	int exit_code;
	int pid;
	int tgid;
	u64 start_time;
	struct task_struct *real_parent;
	char comm[16];
};

struct linux_binprm {
	const char *filename;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct kallsym_iter {
	unsigned long value;
	char type;
	char name[512]; /* 128 until 6.1 */
	char module_name[56];
	int show_value;
};

struct bpf_iter__ksym {
	struct bpf_iter_meta *meta;
	struct kallsym_iter *ksym;
};

#pragma clang attribute pop
#endif

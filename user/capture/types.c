// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/btf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "capture/types.h"
#include "sym/image.h"

static void btf_freep(struct btf **btf)
{
	btf__free(*btf);
}

/* A file of BTF alone does not say which build it is of. */
static int same_build(const char *path, const char *build_id, struct err *err)
{
	__free(image_freep) struct image *img = NULL;
	struct err ignored = { "" };

	if (!build_id || !*build_id || image_open(&img, path, &ignored) || !*img->build_id ||
	    !strcmp(img->build_id, build_id))
		return 0;
	return err_set(
		err, -ESTALE,
		"%s is not the loaded build (build-id %.12s..., loaded %.12s...): give the file that was loaded, or BTF made from it",
		path, img->build_id, build_id);
}

/* BTF that continues another does not begin its strings with an empty one, and fails alone. */
static struct btf *parse(const char *path, struct btf *base)
{
	struct btf *btf = btf__parse(path, NULL);

	return btf || !base ? btf : btf__parse_split(path, base);
}

int types_read(const char *path, struct btf *base, const char *build_id, struct btf **ret_btf,
	       struct err *err)
{
	__autoclose int fd = -1;
	char open_path[64];
	int rc = same_build(path, build_id, err);

	if (!rc)
		rc = image_file_open(path, &fd, err);
	if (rc)
		return rc;
	snprintf(open_path, sizeof(open_path), "/proc/self/fd/%d", fd);
	*ret_btf = parse(open_path, base);
	if (*ret_btf)
		return 0;
	return err_set(
		err, -EBADMSG,
		"%s has no readable BTF: make some with `pahole --btf_encode_detached=OUT --btf_base=VMLINUX %s`",
		path, path);
}

int types_first_own(const struct btf *btf)
{
	const struct btf *base = btf__base_btf(btf);

	return base ? (int)btf__type_cnt(base) : 1;
}

/* ---- one of many ---- */

/* Ids of a module's own types begin at `first` there and at `to` here. */
struct move {
	uint32_t first, to;
};

static void move_id(const struct move *m, uint32_t *id)
{
	if (*id >= m->first)
		*id = *id - m->first + m->to;
}

static void move_members(const struct move *m, struct btf_type *t)
{
	for (int i = 0; i < btf_vlen(t); i++) {
		if (btf_is_composite(t))
			move_id(m, &btf_members(t)[i].type);
		else if (btf_is_func_proto(t))
			move_id(m, &btf_params(t)[i].type);
		else if (btf_is_datasec(t))
			move_id(m, &btf_var_secinfos(t)[i].type);
	}
}

/* Documentation/bpf/btf.rst says which kinds have a type in which place. */
static void move_ids(const struct move *m, struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_FUNC_PROTO:
		move_members(m, t);
		move_id(m, &t->type);
		break;
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
	case BTF_KIND_TYPE_TAG:
		move_id(m, &t->type);
		break;
	case BTF_KIND_ARRAY:
		move_id(m, &btf_array(t)->type);
		move_id(m, &btf_array(t)->index_type);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
		move_members(m, t);
		break;
	default:
		break;
	}
}

static int add_module(struct btf *all, const struct btf *module)
{
	struct move m = { .first = types_first_own(module), .to = btf__type_cnt(all) };

	for (uint32_t id = m.first; id < btf__type_cnt(module); id++) {
		int added = btf__add_type(all, module, btf__type_by_id(module, id));

		if (added < 0)
			return added;
		move_ids(&m, (struct btf_type *)btf__type_by_id(all, added));
	}
	return 0;
}

static int write_out(const struct btf *btf, int *ret_fd)
{
	__autoclose int fd = memfd_create("netfsnoop-btf", MFD_CLOEXEC);
	uint32_t size;
	const void *data = btf__raw_data(btf, &size);
	int rc = fd < 0 ? -errno : data ? fd_write_all(fd, data, size) : -ENOMEM;

	if (rc)
		return rc;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int types_merge(const struct btf *vmlinux, struct btf *const *modules, int nr, int *ret_fd)
{
	__free(btf_freep) struct btf *all = btf__new_empty();
	int rc = all ? btf__add_btf(all, vmlinux) : -ENOMEM;

	for (int i = 0; rc >= 0 && i < nr; i++)
		if (modules[i])
			rc = add_module(all, modules[i]);
	return rc < 0 ? rc : write_out(all, ret_fd);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * For static builds with elfutils 0.192 (Debian 13): its libelf.a and libdw.a call functions of a library that
 * is not installed (sourceware bug 32293, fixed in 0.193). These do the same without locks, as one thread alone
 * uses libdw here. Weak, so that an archive that has its own wins.
 */
#include <search.h>
#include <stddef.h>

/* elfutils' lib/eu-search.h: the root is followed by a lock */
struct eu_search_tree {
	void *root;
};

typedef int (*eu_compare)(const void *a, const void *b);

__attribute__((weak)) void eu_search_tree_init(struct eu_search_tree *tree);
__attribute__((weak)) void eu_search_tree_fini(struct eu_search_tree *tree,
					       void (*free_node)(void *));
__attribute__((weak)) void *eu_tsearch(const void *key, struct eu_search_tree *tree,
				       eu_compare compare);
__attribute__((weak)) void *eu_tfind(const void *key, struct eu_search_tree *tree,
				     eu_compare compare);
__attribute__((weak)) void *eu_tdelete(const void *key, struct eu_search_tree *tree,
				       eu_compare compare);
__attribute__((weak)) void eu_tdestroy(struct eu_search_tree *tree, void (*free_node)(void *));

void eu_search_tree_init(struct eu_search_tree *tree)
{
	tree->root = NULL;
}

void eu_search_tree_fini(struct eu_search_tree *tree, void (*free_node)(void *))
{
	eu_tdestroy(tree, free_node);
}

void *eu_tsearch(const void *key, struct eu_search_tree *tree, eu_compare compare)
{
	return tsearch(key, &tree->root, compare);
}

void *eu_tfind(const void *key, struct eu_search_tree *tree, eu_compare compare)
{
	return tfind(key, &tree->root, compare);
}

void *eu_tdelete(const void *key, struct eu_search_tree *tree, eu_compare compare)
{
	return tdelete(key, &tree->root, compare);
}

void eu_tdestroy(struct eu_search_tree *tree, void (*free_node)(void *))
{
	tdestroy(tree->root, free_node);
	tree->root = NULL;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/fmt.h"
#include "view/kit/file_name.h"

struct file_words file_words(const struct model *m, const char *path)
{
	struct file_words w = { "" };

	if (!path && model_recording(m)->paths)
		strcpy(w.s, " (name unknown)");
	if (!path)
		return w;
	w.s[0] = ' ';
	fmt_path(w.s + 1, sizeof(w.s) - 1, path);
	return w;
}

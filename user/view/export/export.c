// SPDX-License-Identifier: GPL-2.0-only
/* The table of formats, in which cmd/export.c finds the one that is wanted. */
#include "view/export/export.h"

const struct exporter_ops *const exporters[] = {
	&export_json, &export_html, &export_sqlite, &export_perfetto, &export_junit, NULL,
};

// SPDX-License-Identifier: GPL-2.0-only
#include "view/export.h"

const struct exporter_ops *const exporters[] = {
	&export_json, &export_html, &export_sqlite, &export_perfetto, &export_junit, NULL,
};

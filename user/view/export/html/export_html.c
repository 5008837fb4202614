// SPDX-License-Identifier: GPL-2.0-only
/* One file that opens in a browser, offline: the page of user/view/html with the data inside. */
#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"
#include "view/export/html/html_data.h"

/* The page, embedded by the build; the data go where DATA_MARK is. */
extern const char html_page[], html_page_end[];
__asm__(".section .rodata\n"
	".global html_page, html_page_end\n"
	"html_page: .incbin \"" HTML_PAGE "\"\n"
	"html_page_end: .byte 0\n"
	".previous\n");

#define DATA_MARK "@DATA@"

struct html_export {
	const struct export_job *job;
	struct html_data *d;
};

static void html_export_free(void *x)
{
	struct html_export *h = x;

	if (h)
		html_data_free(h->d);
	free(h);
}

static int html_export_create(void **ret_x, const struct export_job *job, struct err *err)
{
	struct html_export *h = calloc(1, sizeof(*h));
	int rc = h ? html_data_new(&h->d, job) : -ENOMEM;

	(void)err;
	if (rc) {
		free(h);
		return rc;
	}
	h->job = job;
	*ret_x = h;
	return 0;
}

static const struct model_listener *html_export_listener(void *x)
{
	return html_data_listener(((struct html_export *)x)->d);
}

/* RFC 4648, without line breaks: nothing in it that HTML would read as markup. */
static void put_base64(FILE *out, const uint8_t *p, size_t len)
{
	static const char digit[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (; len; p += 3, len -= len < 3 ? len : 3) {
		uint32_t bits = p[0] << 16 | (len > 1 ? p[1] << 8 : 0) | (len > 2 ? p[2] : 0);

		putc_unlocked(digit[bits >> 18], out);
		putc_unlocked(digit[bits >> 12 & 63], out);
		putc_unlocked(len > 1 ? digit[bits >> 6 & 63] : '=', out);
		putc_unlocked(len > 2 ? digit[bits & 63] : '=', out);
	}
}

static int collect(struct html_data *d, struct mem *raw)
{
	FILE *f = mem_open(raw);
	int rc = f ? html_data_write(d, f) : -ENOMEM;

	return mem_close(f, raw) ? -ENOMEM : rc;
}

/* zlib's format is what browsers call "deflate". */
static int put_data(struct html_export *h)
{
	__autofree uint8_t *packed = NULL;
	__free(mem_free) struct mem raw = {};
	uLongf room;
	int rc = collect(h->d, &raw);

	if (rc)
		return rc;
	room = compressBound(raw.len);
	packed = malloc(room);
	if (!packed || compress2(packed, &room, (const Bytef *)raw.text, raw.len, 6) != Z_OK)
		return -ENOMEM;
	put_base64(h->job->out, packed, room);
	return 0;
}

static int html_export_finish(void *x, struct err *err)
{
	struct html_export *h = x;
	FILE *out = h->job->out;
	const char *mark = strstr(html_page, DATA_MARK), *rest = mark + strlen(DATA_MARK);
	int rc;

	(void)err;
	errno = 0;
	fwrite(html_page, 1, mark - html_page, out);
	rc = put_data(h);
	fwrite(rest, 1, html_page_end - rest, out);
	if (!rc && ferror(out))
		rc = errno ? -errno : -EIO;
	return rc;
}

const struct exporter_ops export_html = {
	.name = "html",
	.summary = "one page with tables and a timeline, for a browser; needs no network",
	.endings = "html htm",
	.create = html_export_create,
	.listener = html_export_listener,
	.finish = html_export_finish,
	.free = html_export_free,
};

// SPDX-License-Identifier: GPL-2.0-only
/* What the pages of an xfstests run share: they open offline, and are read without scripts too. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "view/text/findings.h"
#include "xfstests/testrun_parts.h"

extern const char testrun_css[], testrun_js[];

/* What a terminal could not show is escaped first, so that no control character gets through. */
/* The same, as the report's page has it, as part of an address. */
static void put_encoded(FILE *out, const char *text)
{
	char safe[4 * EV_TEST_LEN + 8]; /* of the name of a test */

	for (const char *p = fmt_escape(safe, sizeof(safe), text); *p; p++)
		if (isalnum((unsigned char)*p) || strchr("/-_.", *p))
			putc(*p, out);
		else
			fprintf(out, "%%%02X", (unsigned char)*p);
}

static const char *class_of_line(const char *line)
{
	if (!strncmp(line, "@@", 2))
		return "hunk";
	if (*line == '+' && strncmp(line, "+++", 3) != 0)
		return "add";
	return *line == '-' && strncmp(line, "---", 3) != 0 ? "del" : NULL;
}

void put_block(FILE *out, const char *text, bool diff)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *class = diff ? class_of_line(text) : NULL;
		char line[512];

		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		if (class)
			fprintf(out, "<span class=\"%s\">", class);
		put_html(out, line);
		if (len >= sizeof(line))
			fputs("...", out);
		if (class)
			fputs("</span>", out);
		text += len;
		if (*text) {
			if (!class)
				putc('\n', out);
			text++;
		}
	}
}

void put_begin(FILE *out, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
	      out);
	put_html(out, title);
	fprintf(out, "</title>\n<style>\n%s</style></head><body>\n", testrun_css);
}

int put_end(FILE *out)
{
	fprintf(out, "<script>\n%s</script>\n</body></html>\n", testrun_js);
	return ferror(out) ? -EIO : 0;
}

enum test_group group_of(const struct test *t)
{
	if (!t->judged)
		return GROUP_OTHER;
	switch (t->outcome) {
	case EV_TEST_PASS:
		return GROUP_PASS;
	case EV_TEST_FAIL:
	case EV_TEST_DMESG:
	case EV_TEST_KILLED:
		return GROUP_FAIL;
	case EV_TEST_NOTRUN:
		return GROUP_SKIP;
	default:
		return GROUP_OTHER;
	}
}

static const char *class_of_result(const struct test *t)
{
	static const char *const names[GROUP_NR] = {
		[GROUP_PASS] = "good",
		[GROUP_FAIL] = "bad",
		[GROUP_SKIP] = "none",
		[GROUP_OTHER] = "odd",
	};

	return t->judged ? names[group_of(t)] : "none";
}

static const char *class_of_verdict(enum io_verdict v)
{
	static const char *const names[] = {
		[IO_CLEAN] = "good",   [IO_FINDINGS] = "bad",	    [IO_INCONCLUSIVE] = "odd",
		[IO_NOTHING] = "none", [IO_NOT_EVALUATED] = "none",
	};

	return names[v];
}

void put_result(FILE *out, const struct test *t)
{
	fprintf(out, "<span class=\"%s\">%s</span>", class_of_result(t), test_result_text(t));
}

void put_verdict_badge(FILE *out, const struct test_verdict *v)
{
	fprintf(out, "<span class=\"%s\">%s", class_of_verdict(v->io), io_verdict_name(v->io));
	if (v->violations)
		fprintf(out, " (%" PRIu64 ")", v->violations);
	fputs("</span>", out);
}

void put_test_name(FILE *out, const struct test *t)
{
	put_html(out, t->name);
	if (t->repeat > 1)
		fprintf(out, " #%" PRIu32, t->repeat);
}

void put_cell(FILE *out, uint64_t v, const char *text)
{
	fprintf(out, "<td data-v=\"%" PRIu64 "\"%s>%s</td>", v, v ? "" : " class=\"zero\"", text);
}

void put_number(FILE *out, int64_t n)
{
	fprintf(out, "<td data-v=\"%" PRId64 "\"%s>%" PRId64 "</td>", n, n ? "" : " class=\"zero\"",
		n);
}

void put_mount(FILE *out, const char *source, const char *point, const char *fstype,
	       const char *options)
{
	fputs("<dt>mount</dt><dd>", out);
	put_html(out, source);
	fputs(" on ", out);
	put_html(out, point);
	fputs(" type ", out);
	put_html(out, fstype);
	fputs(" <span class=\"dim mono\">", out);
	put_html(out, options);
	fputs("</span></dd>\n", out);
}

void put_file_links(FILE *out, const struct testrun *r, const struct test *t, const char *dir)
{
	const struct left *l = left_of(r, t->ordinal);
	struct test_slug slug = test_slug(t);
	const struct {
		bool there;
		const char *suffix, *name;
	} files[] = {
		{ l && l->out_bad, "out.bad", ".out.bad" },
		{ l && l->full, "full", ".full" },
		{ l && l->dmesg, "dmesg", ".dmesg" },
		{ true, "txt", "text" },
		{ true, "json", "JSON" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (files[i].there)
			fprintf(out, "<a href=\"%s%s.%s\">%s</a> ", dir, slug.s, files[i].suffix,
				files[i].name);
}

/* "22.694873": as dmesg has it, and as the report's page reads it. */
static void put_at(FILE *out, uint64_t ns)
{
	fprintf(out, "&amp;at=%" PRIu64 ".%06" PRIu64, ns / 1000000000, ns / 1000 % 1000000);
}

/* Where the report's page is, from a page in DIR/up; false: nowhere. */
static bool put_page(FILE *out, const struct testrun *r, const char *up, uint64_t ns)
{
	const char *page = r->page_at ? r->page_at(r->page_ctx, ns) : NULL;

	if (page)
		fprintf(out, "<a href=\"%s%s#", up, page);
	return page;
}

void put_request_link(FILE *out, const struct testrun *r, const char *up,
		      const struct request_key *key, uint64_t ns, const char *text)
{
	struct short_text name = fmt_request(key->synth, key->rreq, 0);
	bool linked = put_page(out, r, up, ns);

	if (linked) {
		fprintf(out, "%s&amp;epoch=%" PRIu32, name.s, key->epoch);
		put_at(out, ns);
		fprintf(out, "\" title=\"%s\">", name.s);
	}
	if (text)
		fputs(text, out);
	else
		fprintf(out, "<span class=\"mono\">%s</span>", name.s);
	fputs(linked ? "</a>" : "", out);
}

bool put_test_link(FILE *out, const struct testrun *r, const char *up, const struct test *t,
		   const char *text)
{
	if (!put_page(out, r, up, t->mark_ns))
		return false;
	fputs("test=", out);
	put_encoded(out, t->name);
	put_at(out, t->mark_ns);
	fprintf(out, "\">%s</a>", text);
	return true;
}

static int put_finding(FILE *out, const struct testrun *r, const struct finding *f)
{
	__free(mem_free) struct mem mem = {};
	FILE *text = mem_open(&mem);
	int rc = text ? finding_print(text, r->m, f, false) : 0;

	if (mem_close(text, &mem))
		return -ENOMEM;
	fputs("<pre>", out);
	put_block(out, mem.text ? mem.text : "", false);
	fputs("</pre>\n", out);
	return rc;
}

int put_findings(FILE *out, const struct testrun *r, uint32_t test)
{
	unsigned int doubtful = 0;
	int rc = 0;

	for_each_finding_of(r, f, test)
	{
		doubtful += f->verdict != VERDICT_VIOLATION;
		if (!rc && f->verdict == VERDICT_VIOLATION)
			rc = put_finding(out, r, f);
	}
	if (!doubtful)
		return rc;
	fprintf(out, "<details><summary>%u inconclusive: what was lost may explain %s</summary>\n",
		doubtful, doubtful == 1 ? "it" : "them");
	for_each_finding_of(r, f, test)
	{
		if (!rc && f->verdict != VERDICT_VIOLATION)
			rc = put_finding(out, r, f);
	}
	fputs("</details>\n", out);
	return rc;
}

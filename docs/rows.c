// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes what is made of rows.def and kept in the tree: `rows schema` export.schema.json, `sql`
 * export_tables.sql, `json.md` and `sql.md` the tables of these pages. `make rows` runs it, no part
 * of the program.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind {
	IS_ROW,
	IS_END,
	IS_KEY,
	IS_FIELD,
	IS_WORDS,
	IS_OPEN,
	IS_CLOSE,
	IS_PART,
	IS_NAMES,
	IS_MIX
};

struct entry {
	enum kind kind;
	const char *name;
	const char *type; /* of a ROW its form, of a PART how, of OPEN and ONE_OF when */
	bool json, sql;
	const char *unit; /* of a PART its item, of ONE_OF the words */
	const char *text;
};

#define HAS_Y			  1
#define HAS__			  0
#define ROW(name, json, sql, per) { IS_ROW, #name, #json, 0, HAS_##sql, "", per },
#define END(name)		  { IS_END, #name, "", 0, 0, "", "" },
#define KEY(columns)		  { IS_KEY, columns, "", 0, 0, "", "" },
#define FIELD(name, type, json, sql, page, unit, text, ...) \
	{ IS_FIELD, #name, #type, HAS_##json, HAS_##sql, unit, text },
#define ONE_OF(name, json, sql, words, text, known, ...) \
	{ IS_WORDS, #name, #known, HAS_##json, HAS_##sql, words, text },
#define OPEN(name, known, text)		 { IS_OPEN, #name, #known, 1, 0, "", text },
#define CLOSE()				 { IS_CLOSE, "", "", 1, 0, "", "" },
#define PART(name, how, item, text, ...) { IS_PART, #name, #how, 1, 0, #item, text },
#define NAMES(name, text, ...)		 { IS_NAMES, #name, "", 1, 0, "", text },
#define MIX(item)			 { IS_MIX, #item, "", 1, 0, "", "" },
#define ALL_ROWS

static const struct entry all[] = {
#include "view/export/rows/rows.def"
};

#define for_each_row(e)                                                              \
	for (const struct entry *e = all; e < all + sizeof(all) / sizeof(*all); e++) \
		if (e->kind == IS_ROW)

static bool is(const char *a, const char *b)
{
	return !strcmp(a, b);
}

/* An OPEN or ONE_OF that is never null. */
static bool always(const struct entry *e)
{
	return is(e->type, "true");
}

static bool optional(const struct entry *e)
{
	return is(e->type, "test");
}

/* One of the lines, and no object inside of them. */
static bool is_line(const struct entry *row)
{
	return is(row->type, "LINE") || is(row->type, "TOLD");
}

static const struct entry *find(const char *name)
{
	for_each_row(row) if (is(row->name, name)) return row;
	fprintf(stderr, "rows.def: there is no row %s\n", name);
	exit(1);
}

/* The entry behind the CLOSE of this OPEN. */
static const struct entry *behind(const struct entry *open)
{
	int depth = 0;

	do {
		depth += (open->kind == IS_OPEN) - (open->kind == IS_CLOSE);
		open++;
	} while (depth);
	return open;
}

/* ---- types ---- */

struct type {
	const char *name;
	const char *schema; /* what is in {} */
	const char *sql;
	const char *doc;
};

#define REF(name)     "\"$ref\": \"#/$defs/" name "\""
#define NUMBER	      REF("count"), "BIGINT", "number"
#define OR_NULL(text) text " or null"

static const struct type types[] = {
	{ "number", NUMBER },
	{ "number_if", REF("count_or_null"), "BIGINT", OR_NULL("number") },
	{ "lost", REF("count_or_null"), "BIGINT", OR_NULL("number") },
	{ "signed", "\"type\": \"integer\"", "BIGINT", "signed number" },
	{ "signed_if", REF("signed_or_null"), "BIGINT", OR_NULL("signed number") },
	{ "big_if", REF("big"), "BIGINT", OR_NULL("decimal text") },
	{ "id", REF("id"), "BIGINT", "hex text" },
	{ "id_if", REF("id"), "BIGINT", OR_NULL("hex text") },
	{ "hex_if", REF("id"), "TEXT", OR_NULL("hex text") },
	{ "bool", "\"type\": \"boolean\"", "SMALLINT", "boolean" },
	{ "bool_if", "\"type\": [\"boolean\", \"null\"]", "SMALLINT", OR_NULL("boolean") },
	{ "name", REF("name"), "TEXT", OR_NULL("text") },
	{ "word", "\"type\": \"string\"", "TEXT", "text" },
	{ "word_if", "\"type\": [\"string\", \"null\"]", "TEXT", OR_NULL("text") },
	{ "rreq", REF("rreq"), "TEXT", OR_NULL("hex text") },
	{ "sreq", REF("sreq"), "TEXT", OR_NULL("hex text") },
	{ "dev", REF("dev"), "TEXT", OR_NULL("text") },
	{ "status_if", REF("status"), "TEXT", OR_NULL("hex text") },
	{ "test", NUMBER },
	{ "wall", "", "TEXT", "text" },
};

static const struct type *type_of(const struct entry *e)
{
	static const struct type words = { "", "", "TEXT", "text" },
				 words_or_null = { "", "", "TEXT", OR_NULL("text") };

	if (e->kind == IS_WORDS)
		return always(e) ? &words : &words_or_null;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (is(types[i].name, e->type))
			return &types[i];
	fprintf(stderr, "rows.def: %s has an unknown type, %s\n", e->name, e->type);
	exit(1);
}

/* ---- schema ---- */

static void indent(int depth)
{
	printf("\n%*s", 2 * depth, "");
}

/* Markdown without its marks: [text](link) and `code`. */
static void put_plain(const char *text)
{
	for (const char *end = NULL; *text; text++) {
		const char *bracket = *text == '[' ? strchr(text, ']') : NULL;

		if (bracket && bracket[1] == '(')
			end = bracket;
		else if (text == end)
			text = strchr(text, ')');
		else if (*text != '`')
			putchar(*text);
	}
}

static void put_description(const struct entry *e)
{
	printf("\"description\": \"");
	if (*e->unit && e->kind == IS_FIELD)
		printf("%s: ", e->unit);
	put_plain(e->text);
	printf("\"");
}

static void put_words(const char *words, const char *between)
{
	for (const char *w = words; *w; w += strcspn(w, ",") + (w[strcspn(w, ",")] == ','))
		printf("%s%s%.*s%s", w == words ? "" : ", ", between, (int)strcspn(w, ","), w,
		       between);
}

static void put_members(const struct entry *e, int depth);

static void put_part(const struct entry *e)
{
	if (is(e->type, "LIST"))
		printf("\"type\": \"array\", \"items\": {" REF("%s") "}", e->unit);
	else if (is(e->type, "MAP"))
		printf("\"type\": \"object\", \"additionalProperties\": {" REF("%s") "}", e->unit);
	else
		printf(REF("%s"), e->unit);
}

/* What a member is, without the braces. */
static void put_what(const struct entry *e, int depth)
{
	put_description(e);
	printf(", ");
	if (e->kind == IS_OPEN) {
		printf("\"type\": %s", always(e) ? "\"object\"," : "[\"object\", \"null\"],");
		put_members(e + 1, depth);
	} else if (e->kind == IS_PART) {
		put_part(e);
	} else if (e->kind == IS_NAMES) {
		printf("\"type\": \"array\", \"items\": {" REF("name") "}");
	} else if (e->kind == IS_WORDS) {
		printf("\"enum\": [");
		put_words(e->unit, "\"");
		printf("%s]", always(e) ? "" : ", null");
	} else {
		printf("%s", type_of(e)->schema);
	}
}

static bool ends(const struct entry *e)
{
	return e->kind == IS_END || e->kind == IS_CLOSE;
}

static const struct entry *next(const struct entry *e)
{
	return e->kind == IS_OPEN ? behind(e) : e + 1;
}

static bool is_member(const struct entry *e)
{
	return e->json && e->kind != IS_MIX;
}

static void put_required(const struct entry *first, bool typed)
{
	const char *comma = typed ? ", " : "";

	printf("\"required\": [%s", typed ? "\"type\"" : "");
	for (const struct entry *e = first; !ends(e); e = next(e)) {
		if (!is_member(e) || optional(e))
			continue;
		printf("%s\"%s\"", comma, e->name);
		comma = ", ";
	}
	printf("],");
}

static const char *put_properties(const struct entry *first, int depth, const char *comma)
{
	for (const struct entry *e = first; !ends(e); e = next(e)) {
		if (e->kind == IS_MIX)
			comma = put_properties(find(e->name) + 1, depth, comma);
		if (!is_member(e))
			continue;
		printf("%s", comma);
		indent(depth);
		printf("\"%s\": {", e->name);
		put_what(e, depth + 1);
		printf("}");
		comma = ",";
	}
	return comma;
}

static void put_members(const struct entry *e, int depth)
{
	indent(depth);
	put_required(e, false);
	indent(depth);
	printf("\"properties\": {");
	put_properties(e, depth + 1, "");
	indent(depth);
	printf("}");
}

static void put_row(const struct entry *row)
{
	bool line = is_line(row);

	indent(2);
	printf("\"%s\": {", row->name);
	indent(3);
	put_description(row);
	printf(",");
	indent(3);
	printf("\"type\": \"object\",");
	indent(3);
	put_required(row + 1, line);
	indent(3);
	printf("\"properties\": {");
	if (line) {
		indent(4);
		printf("\"type\": {\"const\": \"%s\"}", row->name);
	}
	put_properties(row + 1, 4, line ? "," : "");
	indent(3);
	printf("}");
	indent(2);
	printf("}");
}

static const char schema_head[] =
	"{\n"
	"  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
	"  \"$id\": \"urn:netfsnoop:export:2\",\n"
	"  \"title\": \"A line of netfsnoop export --to json\",\n"
	"  \"description\": \"Made of rows.def; docs/json.md has the same for people. Fields and types of lines are only ever added; the version of the trace line changes if one is renamed or changes its meaning.\",\n"
	"  \"oneOf\": [";

static const char schema_types[] =
	"\n    \"count\": {\n"
	"      \"description\": \"a number that is never negative; a decimal string where a kernel's mistake made it more than 2^63 - 1\",\n"
	"      \"oneOf\": [{\"type\": \"integer\", \"minimum\": 0}, {\"type\": \"string\", \"pattern\": \"^[0-9]{19,20}$\"}]\n"
	"    },\n"
	"    \"count_or_null\": {\"oneOf\": [{" REF(
		"count") "}, {\"type\": \"null\"}]},\n"
			 "    \"signed_or_null\": {\"type\": [\"integer\", \"null\"]},\n"
			 "    \"big\": {\n"
			 "      \"description\": \"decimal, as text, because readers that keep numbers as doubles would round it; null: not known\",\n"
			 "      \"type\": [\"string\", \"null\"],\n"
			 "      \"pattern\": \"^[0-9]{1,20}$\"\n"
			 "    },\n"
			 "    \"name\": {\n"
			 "      \"description\": \"text; what a terminal must not get is escaped as \\\\xNN; null: none\",\n"
			 "      \"type\": [\"string\", \"null\"]\n"
			 "    },\n"
			 "    \"id\": {\"description\": \"64 bits in hex; null: not known\", \"type\": [\"string\", \"null\"], \"pattern\": \"^0x[0-9a-f]{1,16}$\"},\n"
			 "    \"status\": {\"type\": [\"string\", \"null\"], \"pattern\": \"^0x[0-9a-f]{8}$\"},\n"
			 "    \"rreq\": {\"type\": [\"string\", \"null\"], \"pattern\": \"^([0-9a-f]{8}|cifs-[0-9]+)$\"},\n"
			 "    \"sreq\": {\"type\": [\"string\", \"null\"], \"pattern\": \"^[0-9a-f]{1,8}$\"},\n"
			 "    \"dev\": {\"type\": [\"string\", \"null\"], \"pattern\": \"^[0-9]+:[0-9]+$\"}";

static bool in_json(const struct entry *row)
{
	return is_line(row) || is(row->type, "ITEM");
}

static void put_schema(void)
{
	const char *comma = "";

	printf("%s", schema_head);
	for_each_row(row) if (is_line(row))
	{
		printf("%s\n    {" REF("%s") "}", comma, row->name);
		comma = ",";
	}
	printf("\n  ],\n  \"$defs\": {%s", schema_types);
	for_each_row(row) if (in_json(row) && !is(row->name, "trigger"))
	{
		printf(",");
		put_row(row);
	}
	printf("\n  }\n}\n");
}

/* ---- SQL ---- */

static void put_table(const struct entry *row)
{
	int width = 1000;
	char column[80];

	printf("CREATE TABLE %s (\n\trun TEXT NOT NULL, host TEXT, kernel TEXT", row->name);
	for (const struct entry *e = row + 1; e->kind != IS_END; e++) {
		if (!e->sql)
			continue;
		snprintf(column, sizeof(column), "%s %s", e->name, type_of(e)->sql);
		width += strlen(column) + 2;
		if (width > 100) {
			printf(",\n\t%s", column);
			width = 8 + strlen(column);
		} else {
			printf(", %s", column);
		}
	}
	if (row[1].kind == IS_KEY)
		printf(",\n\tPRIMARY KEY (%s)", row[1].name);
	printf(");\n");
}

static void put_sql(void)
{
	printf("-- Made of rows.def by `make rows`; docs/sql.md says what is in them. PostgreSQL takes the same.\n"
	       "-- Every row names its run, host and kernel, so that rows of many recordings can be in one table.\n");
	for_each_row(row) if (row->sql) put_table(row);
}

/* ---- docs ---- */

static void put_doc(const struct entry *e, const char *prefix, const char *type)
{
	bool words = e->kind == IS_WORDS;

	printf("| `%s%s` | %s | %s | %s", prefix, e->name, type, words ? "" : e->unit, e->text);
	if (words) {
		printf(": ");
		put_words(e->unit, "");
	}
	printf(" |\n");
}

static void put_json_fields(const struct entry *first, const char *prefix)
{
	char inside[80];

	for (const struct entry *e = first; !ends(e); e = next(e)) {
		if (!is_member(e))
			continue;
		if (e->kind == IS_FIELD || e->kind == IS_WORDS) {
			put_doc(e, prefix, optional(e) ? "number, or no member" : type_of(e)->doc);
			continue;
		}
		if (e->kind == IS_NAMES) {
			put_doc(e, prefix, "list of texts");
			continue;
		}
		printf("| `%s%s` | %s | | %s |\n", prefix, e->name,
		       e->kind == IS_OPEN    ? always(e) ? "object" : "object or null"
		       : is(e->type, "LIST") ? "list of objects"
		       : is(e->type, "MAP")  ? "object of objects"
					     : "object",
		       e->text);
		snprintf(inside, sizeof(inside), "%s%s%s.", prefix, e->name,
			 is(e->type, "LIST")  ? "[]"
			 : is(e->type, "MAP") ? "{}"
					      : "");
		put_json_fields(e->kind == IS_OPEN ? e + 1 : find(e->unit) + 1, inside);
	}
}

static const char columns[] = "\n| field | type | unit | what it is |\n|---|---|---|---|\n";

static void put_json_doc(void)
{
	for_each_row(row)
	{
		if (!is_line(row) && !is(row->name, "trigger"))
			continue;
		printf("\n### %s%s%s\n\nOne per %s.\n%s", is_line(row) ? "`" : "",
		       is_line(row) ? row->name : "Members of a trigger", is_line(row) ? "`" : "",
		       row->text, columns);
		put_json_fields(row + 1, "");
	}
}

static void put_sql_doc(void)
{
	for_each_row(row)
	{
		if (!row->sql)
			continue;
		printf("\n### `%s`\n\nOne row per %s.\n\n| column | type | unit | what it is |\n|---|---|---|---|\n",
		       row->name, row->text);
		for (const struct entry *e = row + 1; e->kind != IS_END; e++)
			if (e->sql)
				put_doc(e, "", type_of(e)->sql);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*put)(void);
	} outputs[] = { { "schema", put_schema },
			{ "sql", put_sql },
			{ "json.md", put_json_doc },
			{ "sql.md", put_sql_doc } };

	for (size_t i = 0; argc == 2 && i < sizeof(outputs) / sizeof(*outputs); i++)
		if (is(outputs[i].name, argv[1])) {
			outputs[i].put();
			return fflush(stdout) ? 1 : 0;
		}
	fprintf(stderr, "usage: rows schema|sql|json.md|sql.md\n");
	return 2;
}

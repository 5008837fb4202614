// SPDX-License-Identifier: GPL-2.0-only
/* The stamps of kernel/printk/printk.c, dmesg(1), journalctl(1), syslogs, containers, vendors. */
#include <ctype.h>
#include <string.h>

#include "log/stamp.h"

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

static size_t digits(const char *p)
{
	return strspn(p, "0123456789");
}

static void set_text(char *to, size_t room, const char *from, size_t n)
{
	if (n >= room)
		n = room - 1;
	memcpy(to, from, n);
	to[n] = '\0';
}

static void set_when(struct log_line *l, const char *from, size_t n)
{
	l->stamped = true;
	set_text(l->when, sizeof(l->when), from, n);
}

static void set_caller(struct log_line *l, char kind, const char *from)
{
	snprintf(l->caller, sizeof(l->caller), "%c%.*s", kind, (int)digits(from), from);
}

static bool has_clock(const char *p, size_t n)
{
	for (size_t i = 1; i + 2 < n; i++)
		if (p[i] == ':' && isdigit((unsigned char)p[i - 1]) &&
		    isdigit((unsigned char)p[i + 1]) && isdigit((unsigned char)p[i + 2]))
			return true;
	return false;
}

/* "228.573734", "+0.000003": bytes, 0 if it is none */
static size_t seconds(const char *p)
{
	size_t sign = *p == '+', whole = digits(p + sign), n = sign + whole, part;

	if (!whole || whole > 10 || (p[n] != '.' && p[n] != ','))
		return 0;
	part = digits(p + n + 1);
	return part >= 1 && part <= 9 ? n + 1 + part : 0;
}

/* What stands in brackets: of printk's own stamp, and of dmesg -T and -H ("Nov23 10:00"). */
static bool is_printk_stamp(const char *in, size_t n)
{
	size_t k = seconds(in);

	if (!k || k > n)
		return false;
	if (k < n && in[k] == '@') /* Amlogic: the CPU */
		k += 1 + digits(in + k + 1);
	return k == n || !strncmp(in + k, " <", 2); /* dmesg -d: the time since the line before */
}

static bool is_date(const char *in, size_t n)
{
	return n <= 40 && (isupper((unsigned char)*in) || digits(in) == 4) && has_clock(in, n);
}

/* The contents of "[ ... ]" without blanks; false: there is none. */
static bool bracket(const char *p, const char **ret_in, size_t *ret_n, const char **ret_end)
{
	const char *in, *end, *last;

	if (*p != '[')
		return false;
	in = skip_blanks(p + 1);
	end = strchr(in, ']');
	if (!end || end == in || end - p > 48)
		return false;
	last = end;
	while (last > in && (last[-1] == ' ' || last[-1] == '\t'))
		last--;
	*ret_in = in;
	*ret_n = last - in;
	*ret_end = end + 1;
	return true;
}

const char *log_skip_stamp(const char *p, struct log_line *l)
{
	const char *in, *end, *cpu;
	size_t n;

	if (!bracket(p, &in, &n, &end) || !(is_printk_stamp(in, n) || is_date(in, n)))
		return p;
	if (memchr(in, '<', n))
		n = seconds(in);
	cpu = memchr(in, '@', n);
	if (cpu)
		set_caller(l, 'C', cpu + 1);
	if (!*l->when || isdigit((unsigned char)*in) || *in == '+')
		set_when(l, in, cpu ? (size_t)(cpu - in) : n);
	l->stamped = true;
	return end;
}

const char *log_find_stamp(const char *p)
{
	const char *in, *end;
	size_t n;

	for (size_t i = 0; i < LOG_MAX_PREFIX && p[i]; i++)
		if (p[i] == '[' && bracket(p + i, &in, &n, &end) && is_printk_stamp(in, n))
			return p + i;
	return NULL;
}

/* "(3)[456:name]": MediaTek's CPU and task */
static const char *skip_mediatek(const char *p, struct log_line *l)
{
	size_t n = *p == '(' ? digits(p + 1) : 0;
	const char *end;

	if (!n || p[1 + n] != ')' || p[2 + n] != '[' || !digits(p + 3 + n))
		return p;
	end = strchr(p + 3 + n, ']');
	if (!end || p[3 + n + digits(p + 3 + n)] != ':')
		return p;
	set_caller(l, 'T', p + 3 + n);
	return end + 1;
}

/* "[2:  kworker/2:1:  456]": Samsung's CPU and task; "[2]" the CPU alone */
static bool is_samsung(const char *in, size_t n, struct log_line *l)
{
	size_t cpu = digits(in);
	const char *last = memrchr(in, ':', n);

	if (!cpu || cpu > 3)
		return false;
	if (cpu == n) {
		set_caller(l, 'C', in);
		return true;
	}
	if (in[cpu] != ':' || last == in + cpu)
		return false;
	last = skip_blanks(last + 1);
	if (!digits(last) || last + digits(last) != in + n)
		return false;
	set_caller(l, 'T', last);
	return true;
}

/* "T4033", "C2" (CONFIG_PRINTK_CALLER) */
static bool is_caller_id(const char *in, size_t n, struct log_line *l)
{
	if (n < 2 || (*in != 'T' && *in != 'C') || 1 + digits(in + 1) != n)
		return false;
	set_caller(l, *in, in + 1);
	return true;
}

/* "c0    456 text" */
static const char *skip_unisoc(const char *p, struct log_line *l)
{
	size_t cpu = digits(p + 1);
	const char *pid = skip_blanks(p + 1 + cpu);

	if (!cpu || cpu > 3 || pid == p + 1 + cpu || !digits(pid) || pid[digits(pid)] != ' ')
		return p;
	set_caller(l, 'T', pid);
	return pid + digits(pid);
}

/* "(CPU:0-pid:456:[kworker/0:1])": Qualcomm's */
static const char *skip_qualcomm(const char *p, struct log_line *l)
{
	const char *pid, *end;

	if (strncmp(p, "(CPU:", 5) != 0)
		return p;
	pid = p + 5 + digits(p + 5);
	if (strncmp(pid, "-pid:", 5) != 0 || !digits(pid + 5))
		return p;
	end = strstr(pid + 5 + digits(pid + 5), "])");
	if (!end || end - p > 64)
		return p;
	set_caller(l, 'T', pid + 5);
	return end + 2;
}

const char *log_skip_caller(const char *p, struct log_line *l)
{
	const char *in, *end;
	size_t n;

	if (*p == '(')
		return p[1] == 'C' ? skip_qualcomm(p, l) : skip_mediatek(p, l);
	if (*p == 'c')
		return skip_unisoc(p, l);
	if (!bracket(p, &in, &n, &end))
		return p;
	return is_caller_id(in, n, l) || is_samsung(in, n, l) ? end : p;
}

/* "228.573734] text", "[  228.573734 text", "228.573734: text", "[...] text" */
const char *log_skip_torn_stamp(const char *p, struct log_line *l)
{
	bool open = *p == '[';
	const char *in = skip_blanks(p + open), *end;
	size_t n = seconds(in);

	if (open && !n) {
		end = in + strspn(in, ". ?");
		if (*end != ']' || end == in)
			end = !strncmp(in, "\xe2\x80\xa6", 3) ? in + 3 : p; /* an ellipsis */
		if (end == p || *end != ']')
			return p;
		l->stamped = true;
		return end + 1;
	}
	if (!n || n < 8 || digits(strpbrk(in, ".,") + 1) != 6) /* printk's six */
		return p;
	end = in + n + (in[n] == ']' || in[n] == ':');
	if (*end && *end != ' ' && *end != '\t')
		return p;
	set_when(l, in, n);
	return end;
}

const char *log_skip_level(const char *p, struct log_line *l)
{
	unsigned long long usec;
	unsigned int level, seq;
	int n = 0;

	if (*p == '<' && digits(p + 1)) {
		const char *end = p + 1 + digits(p + 1);

		return *end == '>' && end - p < 6 ? end + 1 : p;
	}
	if (!strncmp(p, "kern ", 5) && p[5 + strspn(p + 5, " ")] == ':') { /* dmesg -x */
		const char *end = strchr(strchr(p, ':') + 1, ':');

		if (!end || end - p > 20)
			return p;
		l->stamped = true;
		return end + 1;
	}
	if (sscanf(p, "%3u,%9u,%15llu,%n", &level, &seq, &usec, &n) != 3 || !n)
		return p;
	l->stamped = true;
	snprintf(l->when, sizeof(l->when), "%llu.%06llu", usec / 1000000, usec % 1000000);
	p += n;
	if (!strncmp(p, "caller=", 7) || strstr(p, ",caller=")) /* CONFIG_PRINTK_CALLER */
		set_caller(l, strstr(p, "caller=")[7], strstr(p, "caller=") + 8);
	n = strcspn(p, ";");
	return p[n] ? p + n + 1 : p;
}

/* Behind the word kernel: ":", "[123]:", "(  0):", " - - -" (RFC 5424); NULL: it is no tag */
static const char *tag_end(const char *p)
{
	p = skip_blanks(p);
	if (!strncmp(p, "- - - ", 6))
		return p + 6;
	if (*p == '[' || *p == '(') {
		const char *end = strpbrk(p, *p == '[' ? "]" : ")");

		if (!end || end - p > 12)
			return NULL;
		p = end + 1;
	}
	return *p == ':' ? p + 1 : NULL;
}

/* What stands in front of a tag: nothing, behind a stamp the host, else a time, or logcat's "E/". */
static bool is_tag_front(const char *p, size_t n, const struct log_line *l)
{
	if (!n || l->stamped)
		return !n || strcspn(p, " \t") + 1 >= n;
	return has_clock(p, n) || seconds(p) ||
	       (n == 2 && isupper((unsigned char)p[0]) && p[1] == '/');
}

/* The date: what is in front of the tag, without the host. */
static void date_before(struct log_line *l, const char *p, size_t n)
{
	while (n && p[n - 1] == ' ')
		n--;
	while (n && p[n - 1] != ' ')
		n--;
	while (n && p[n - 1] == ' ')
		n--;
	if (n && has_clock(p, n))
		set_when(l, p, n);
	else if (seconds(p))
		set_when(l, p, seconds(p));
}

const char *log_skip_tag(const char *p, struct log_line *l)
{
	const char *tag = p;

	while ((tag = strstr(tag, "kernel")) && tag - p <= LOG_MAX_PREFIX) {
		const char *end = tag_end(tag + strlen("kernel"));
		bool front = tag == p || strchr(" \t/", tag[-1]);

		if (!end || !front || !is_tag_front(p, tag - p, l)) {
			tag++;
			continue;
		}
		if (!*l->when)
			date_before(l, p, tag - p);
		l->stamped = true;
		return end;
	}
	return p;
}

/* The word of a container's stream behind its stamp: "stdout F ", "stderr P " (CRI) */
static const char *skip_stream(const char *p)
{
	const char *at = skip_blanks(p);

	if (strncmp(at, "stdout ", 7) != 0 && strncmp(at, "stderr ", 7) != 0)
		return p;
	at += 7;
	return (*at == 'F' || *at == 'P') && at[1] == ' ' ? at + 2 : at;
}

/* "07-19 22:10:02.551  1233  1251 W tag     : text" (logcat -v threadtime); of the kernel the tag may be empty */
static const char *skip_logcat(const char *p, struct log_line *l)
{
	const char *tag, *end;
	char level;
	int n = 0;

	if (sscanf(p, "%*2u-%*2u %*2u:%*2u:%*2u.%*3u %*u %*u %c%n", &level, &n) != 1 ||
	    !strchr("VDIWEF", level) || p[n] != ' ')
		return p;
	tag = skip_blanks(p + n);
	end = *tag == ':' ? tag : strstr(tag, ": ");
	if (!end || end - tag > 40)
		return p;
	set_when(l, p, strlen("MM-DD hh:mm:ss.mmm"));
	return end + 1;
}

const char *log_skip_date(const char *p, struct log_line *l)
{
	size_t n = strcspn(p, " \t"), clock;

	if (digits(p) == 2)
		return skip_logcat(p, l);
	if (n < 10 || n > 40 || digits(p) != 4 || p[4] != '-' || p[7] != '-')
		return p;
	if (!has_clock(p, n)) { /* "2026-11-23 10:00:00,123" */
		const char *at = skip_blanks(p + n);

		clock = strcspn(at, " \t");
		if (n != 10 || !has_clock(at, clock))
			return p;
		n = at + clock - p;
	}
	set_when(l, p, n);
	l->dated = skip_stream(p + n) == p + n;
	return skip_stream(p + n);
}

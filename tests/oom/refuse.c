// SPDX-License-Identifier: GPL-2.0-only
/*
 * LD_PRELOAD=refuse.so OOM_DIR=DIR PROGRAM ARGS: what does the program do when there is no memory?
 *
 * Before main() a process is forked for each run. The first refuses nothing and shows where memory is
 * asked for: places, which are the DEPTH innermost callers, so that a place covers the way of the error
 * through as many functions. Then each place is refused once, and once that and all that comes later. Of
 * each run is asked: the same output and status as the first, or status 3 and one more line on standard
 * error, and no file left behind. Places of OOM_SEEN, a file, were refused by an earlier command.
 *
 * glibc's own functions (asprintf, getline, fopen, qsort) ask malloc() of this file, as libraries do.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unwind.h>

enum { DEPTH = 8, SHOWN = 24, PLACES = 1 << 14, MODULES = 64, CANNOT = 3, SECONDS = 20 };

enum mode { COUNT, ONCE, FROM_HERE };

/* An allocation: the nth of a thread, which is the same one in each run. */
struct spot {
	int thread;
	uint64_t nth;
};

struct place {
	uint64_t hash;
	struct spot first;
	bool seen; /* by an earlier command */
};

/* What all processes see. */
struct shared {
	enum mode mode;
	struct spot wanted;
	int threads;
	uint64_t allocations, refused;
	uint32_t nr;
	struct place place[PLACES];
	int frames;
	uintptr_t frame[SHOWN]; /* of the first refusal */
};

static struct shared *shared;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread bool inside;
static __thread struct spot here = { .thread = -1 };

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);

/* ---- places ---- */

struct module {
	uintptr_t begin, end, base;
	uint64_t name;
	const char *path;
};

static struct module modules[MODULES];
static int nr_modules;

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static int add_module(struct dl_phdr_info *info, size_t size, void *ctx)
{
	const char *base = strrchr(info->dlpi_name, '/');
	uint64_t name = 0;

	(void)size;
	(void)ctx;
	for (const char *p = base ? base : info->dlpi_name; *p; p++)
		name = mix(name, *p);
	for (int i = 0; i < info->dlpi_phnum && nr_modules < MODULES; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_X))
			continue;
		modules[nr_modules++] =
			(struct module){ .begin = info->dlpi_addr + ph->p_vaddr,
					 .end = info->dlpi_addr + ph->p_vaddr + ph->p_memsz,
					 .base = info->dlpi_addr,
					 .name = name,
					 .path = info->dlpi_name };
	}
	return 0;
}

static const struct module *module_of(uintptr_t pc)
{
	for (int i = 0; i < nr_modules; i++)
		if (pc >= modules[i].begin && pc < modules[i].end)
			return &modules[i];
	return NULL;
}

struct walk {
	uintptr_t frame[SHOWN];
	int nr, most, skip;
};

static _Unwind_Reason_Code step(struct _Unwind_Context *c, void *ctx)
{
	struct walk *w = ctx;

	if (w->skip) {
		w->skip--;
		return _URC_NO_REASON;
	}
	w->frame[w->nr++] = _Unwind_GetIP(c);
	return w->nr == w->most ? _URC_END_OF_STACK : _URC_NO_REASON;
}

/* The same in each process, wherever a library was loaded. */
static uint64_t hash_of(const struct walk *w)
{
	uint64_t hash = 1;

	for (int i = 0; i < w->nr && i < DEPTH; i++) {
		const struct module *m = module_of(w->frame[i]);

		hash = mix(hash, m ? mix(m->name, w->frame[i] - m->base) : 0);
	}
	return hash;
}

static void count(uint64_t hash)
{
	uint32_t i = 0;

	for (; i < shared->nr; i++)
		if (shared->place[i].hash == hash)
			break;
	if (i == PLACES)
		return;
	if (i == shared->nr)
		shared->place[shared->nr++] = (struct place){ .hash = hash, .first = here };
}

static void note_place(void)
{
	struct walk w = { .skip = 3, .most = DEPTH };

	_Unwind_Backtrace(step, &w);
	count(hash_of(&w));
}

static void note_refusal(void)
{
	struct walk w = { .skip = 3, .most = SHOWN };

	_Unwind_Backtrace(step, &w);
	shared->frames = w.nr;
	memcpy(shared->frame, w.frame, sizeof(w.frame));
}

static bool is_wanted(void)
{
	return here.thread == shared->wanted.thread && here.nth == shared->wanted.nth;
}

/* Is this one refused? Asked in malloc() and its like, whose frames are skipped. */
static __attribute__((noinline)) bool refuse(void)
{
	bool is = false;

	if (!shared || inside)
		return false;
	inside = true;
	pthread_mutex_lock(&lock);
	if (here.thread < 0)
		here.thread = shared->threads++;
	here.nth++;
	shared->allocations++;
	if (shared->mode == COUNT)
		note_place();
	else
		is = is_wanted() || (shared->refused && shared->mode == FROM_HERE);
	if (is && !shared->refused++)
		note_refusal();
	pthread_mutex_unlock(&lock);
	inside = false;
	if (is)
		errno = ENOMEM;
	return is;
}

void *malloc(size_t size)
{
	return refuse() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return refuse() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return refuse() ? NULL : __libc_realloc(p, size);
}

void *reallocarray(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return refuse() ? NULL : __libc_realloc(p, bytes);
}

void *memalign(size_t align, size_t size)
{
	return refuse() ? NULL : __libc_memalign(align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return refuse() ? NULL : __libc_memalign(align, size);
}

int posix_memalign(void **p, size_t align, size_t size)
{
	*p = refuse() ? NULL : __libc_memalign(align, size);
	return *p ? 0 : ENOMEM;
}

/* A trace has a random number in it; here it is the same one in each run. */
ssize_t getrandom(void *p, size_t size, unsigned int flags)
{
	(void)flags;
	memset(p, 1, size);
	return size;
}

/* ---- runs ---- */

static struct shared *state; /* shared is set in runs only */
static const char *dir;

static char *slurp(const char *path, size_t *ret_len)
{
	int fd = open(path, O_RDONLY);
	struct stat st = {};
	char *text;

	*ret_len = 0;
	if (fd < 0 || fstat(fd, &st))
		return NULL;
	text = __libc_calloc(1, st.st_size + 1);
	if (text && read(fd, text, st.st_size) == st.st_size)
		*ret_len = st.st_size;
	close(fd);
	return text;
}

static void to_file(int fd, const char *name)
{
	char path[4096];
	int to;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
	if (to < 0 || dup2(to, fd) < 0)
		_exit(99);
	close(to);
}

/* Removes what a run left in the working directory; how many files that were. */
static int sweep(const char *keep)
{
	DIR *d = opendir(".");
	struct dirent *e;
	char to[4096];
	int n = 0;

	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.' && (!e->d_name[1] || e->d_name[1] == '.'))
			continue;
		n++;
		snprintf(to, sizeof(to), "%s/%s.%s", dir, keep, e->d_name);
		if (rename(e->d_name, to))
			unlink(e->d_name);
	}
	if (d)
		closedir(d);
	return n;
}

struct result {
	int status;
	int files;
	char *out, *err, *file;
	size_t out_len, err_len, file_len;
};

static void result_free(struct result *r)
{
	free(r->out);
	free(r->err);
	free(r->file);
}

static char *read_part(const char *name, const char *what, size_t *ret_len)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s.%s", dir, name, what);
	return slurp(path, ret_len);
}

/* true in the child, which goes on to main() */
static bool run(enum mode mode, struct spot wanted, struct result *r)
{
	const char *name = mode == COUNT ? "whole" : "refused";
	char file[128], path[4096];
	pid_t pid;

	state->mode = mode;
	state->wanted = wanted;
	state->allocations = state->refused = 0;
	state->threads = 0;
	snprintf(path, sizeof(path), "%s/%s.file", dir, name);
	unlink(path);
	pid = fork();
	if (pid < 0)
		_exit(99);
	if (!pid) {
		snprintf(file, sizeof(file), "%s.out", name);
		to_file(1, file);
		snprintf(file, sizeof(file), "%s.err", name);
		to_file(2, file);
		alarm(SECONDS);
		shared = state;
		return true;
	}
	waitpid(pid, &r->status, 0);
	r->files = sweep(name);
	r->out = read_part(name, "out", &r->out_len);
	r->err = read_part(name, "err", &r->err_len);
	r->file = read_part(name, "file", &r->file_len);
	return false;
}

static bool same(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return !a == !b && a_len == b_len && (!a || !memcmp(a, b, a_len));
}

static int lines(const char *text)
{
	int n = 0;

	for (; text && *text; text++)
		n += *text == '\n';
	return n;
}

/* One line more than otherwise; none of those of its end. */
static bool says_why(const struct result *whole, const struct result *r)
{
	int n = lines(r->err);
	const char *last = r->err + r->err_len - 1;

	if (!n || n > lines(whole->err) + 1 || *last != '\n')
		return false;
	while (last > r->err && last[-1] != '\n')
		last--;
	return strchr(last, ':') && !strstr(last, "(null)");
}

/* NULL: as it should be. */
static const char *wrong(const struct result *whole, const struct result *r)
{
	if (WIFSIGNALED(r->status))
		return WTERMSIG(r->status) == SIGALRM ? "never ended" : "died of a signal";
	if (r->status == whole->status) {
		if (!same(whole->out, whole->out_len, r->out, r->out_len))
			return "another output, and the same status";
		if (!same(whole->file, whole->file_len, r->file, r->file_len))
			return "another file, and the same status";
		return NULL;
	}
	if (WEXITSTATUS(r->status) != CANNOT)
		return "another status than 3";
	if (r->files && !getenv("OOM_LEAVES_FILES"))
		return "status 3, and a file is left";
	if (!says_why(whole, r))
		return "status 3, and not one line that says why";
	return NULL;
}

static void tell(const char *what, const struct result *r)
{
	printf("# %s (status 0x%x, %s)\n", what, r->status,
	       state->mode == ONCE ? "refused once" : "refused from there on");
	for (const char *p = r->err; p && *p && p < r->err + 600;) {
		int len = strcspn(p, "\n");

		printf("#   stderr: %.*s\n", len, p);
		p += len + (p[len] == '\n');
	}
	for (int i = 0; i < state->frames; i++) {
		const struct module *m = module_of(state->frame[i]);

		if (m)
			printf("@ %s 0x%lx\n", *m->path ? m->path : "exe",
			       state->frame[i] - m->base - 1);
	}
	fflush(stdout);
	if (getenv("OOM_STOP")) /* for a look at what it left in OOM_DIR */
		_exit(1);
}

/* ---- what earlier commands have asked ---- */

static void read_seen(const char *path)
{
	FILE *f = path ? fopen(path, "r") : NULL;
	uint64_t hash;

	while (f && fscanf(f, "%lx", &hash) == 1)
		for (uint32_t i = 0; i < state->nr; i++)
			if (state->place[i].hash == hash)
				state->place[i].seen = true;
	if (f)
		fclose(f);
}

static void write_seen(const char *path)
{
	FILE *f = path ? fopen(path, "a") : NULL;

	for (uint32_t i = 0; f && i < state->nr; i++)
		if (!state->place[i].seen)
			fprintf(f, "%lx\n", state->place[i].hash);
	if (f)
		fclose(f);
}

struct tally {
	int tried, told, survived, bad, unmet;
};

/* true in the child */
static bool try_place(const struct result *whole, struct spot spot, enum mode mode, struct tally *t)
{
	struct result r = {};
	const char *what;

	if (run(mode, spot, &r))
		return true;
	what = wrong(whole, &r);
	t->tried++;
	t->unmet += !state->refused;
	t->bad += what != NULL;
	t->survived += !what && r.status == whole->status;
	t->told += !what && r.status != whole->status;
	if (what)
		tell(what, &r);
	result_free(&r);
	return false;
}

static bool try_places(const struct result *whole, struct tally *t)
{
	for (uint32_t i = 0; i < state->nr; i++) {
		const struct place *p = &state->place[i];

		if (p->seen)
			continue;
		if (try_place(whole, p->first, ONCE, t))
			return true;
		/* what is asked for again and again may be gone for good */
		if (try_place(whole, p->first, FROM_HERE, t))
			return true;
	}
	return false;
}

__attribute__((constructor)) static void begin(void)
{
	const char *seen = getenv("OOM_SEEN");
	struct walk warm_up = { .most = 1 };
	struct result whole = {};
	struct tally t = {};
	uint64_t allocations;

	dir = getenv("OOM_DIR");
	if (!dir)
		return;
	unsetenv("LD_PRELOAD");
	dl_iterate_phdr(add_module, NULL);
	_Unwind_Backtrace(step, &warm_up);
	state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (state == MAP_FAILED)
		_exit(99);
	if (run(COUNT, (struct spot){ 0 }, &whole))
		return;
	allocations = state->allocations;
	if (!allocations || WIFSIGNALED(whole.status)) {
		printf("# without refusals: status 0x%x\n", whole.status);
		fflush(stdout);
		_exit(98);
	}
	read_seen(seen);
	if (try_places(&whole, &t))
		return;
	write_seen(seen);
	printf("%lu allocations, %u places, %d refused, %d told, %d survived, %d wrong, %d not met\n",
	       allocations, state->nr, t.tried, t.told, t.survived, t.bad, t.unmet);
	fflush(stdout);
	_exit(t.bad ? 1 : 0);
}

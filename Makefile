# netfsnoop: `make` builds, `make demo` shows the main job, `make test` proves it, `make help` lists the rest.
#   O=DIR  build directory   V=1  show commands   SAN=1  ASan+UBSan   STATIC=1  self-contained binary
#   COV=1  count what runs, for make coverage
#   WERROR=1  warnings are errors, as in make test
O ?= build
ifeq ($(SAN),1)
override O := $(O)/san
endif
ifeq ($(STATIC),1)
override O := $(O)/static
endif
ifeq ($(COV),1)
override O := $(O)/cov
endif

.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

ifeq ($(V),1)
Q =
msg =
else
Q = @
msg = @printf '  %-8s %s\n' "$(1)" "$(patsubst $(CURDIR)/%,%,$(2))"
endif

allow-override = $(if $(or $(findstring environment,$(origin $(1))),$(findstring command line,$(origin $(1)))),,$(eval $(1) = $(2)))
$(call allow-override,CC,gcc)
$(call allow-override,CLANG,clang)
PKG_CONFIG ?= pkg-config
PROTOC_C ?= protoc-c
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/bin/bpftool /sbin/bpftool) bpftool)
ARCH := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')
VERSION := $(shell docs/version.sh)

PKGS = libbpf libdw libelf zlib libzstd liblzma jansson sqlite3 libprotobuf-c nettle
ifeq ($(WERROR),1)
WERROR_FLAG = -Werror
endif
WARN = -Wall -Wextra $(WERROR_FLAG) -Wshadow -Wtype-limits -Wvla -Wformat=2 -Wstrict-prototypes \
       -Wmissing-prototypes -Wno-format-nonliteral
CFLAGS ?= -O2 -g
CFLAGS_ALL = -std=gnu11 $(WARN) $(CFLAGS) $(CPPFLAGS) -D_GNU_SOURCE -DHASH_NONFATAL_OOM=1 \
	     -Iuser -I. -isystem $(O) $(SANFLAGS) $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
ifeq ($(SAN),1)
# UBSan's own tests for NULL make gcc 12 see NULL where there is none
SANFLAGS = -fsanitize=address,undefined -fno-omit-frame-pointer \
	   -Wno-format-overflow -Wno-format-truncation -Wno-stringop-overread
endif
ifeq ($(COV),1)
# as with sanitizers, lengths that the optimizer would know are no warnings
SANFLAGS = --coverage -fprofile-update=atomic -O0 -Wno-format-truncation -include tests/coverage.h
endif
# What each event passes through is one unit to gcc, and takes a seventh fewer instructions. The
# objects have machine code, too: the unit tests link that. -O3 for these takes 3 % off.
LTO ?= $(if $(filter 1,$(SAN) $(COV)),,$(shell $(CC) -v 2>&1 | grep -q '^gcc version' && echo 1))
ifeq ($(LTO),1)
$(O)/user/base/%.o $(O)/user/event/%.o $(O)/user/trace/%.o $(O)/user/model/%.o $(O)/user/check/%.o \
$(O)/user/run/replay.o $(O)/user/cmd/redact.o: \
	CFLAGS_ALL += -flto -ffat-lto-objects $(filter -O3,$(CFLAGS:-O2=-O3))
$(O)/netfsnoop: private CFLAGS_ALL += -flto=auto
NO_LTO = -fno-lto
endif
ifeq ($(STATIC),1)
LDLIBS = -static $(shell $(PKG_CONFIG) --static --libs $(PKGS)) -lm -pthread
else
LDLIBS = $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null) -lm -pthread
endif
# Libraries that may be missing: what needs one is left out then, and each build says so.
# trace.dat is read by a library that Debian has as a shared one only
TRACECMD := $(if $(filter 1,$(STATIC)),,$(shell $(PKG_CONFIG) --exists libtracecmd 2>/dev/null && echo trace.dat))
ifneq ($(TRACECMD),)
TRACECMD_LIBS := $(shell $(PKG_CONFIG) --libs libtracecmd)
$(O)/user/import/dat.o: CFLAGS_ALL += -DHAVE_TRACECMD $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags libtracecmd))
LDLIBS += $(TRACECMD_LIBS)
else ifeq ($(STATIC),1)
NO_TRACECMD = there is no static libtracecmd
else
NO_TRACECMD = no libtracecmd (Debian: libtracecmd-dev libtracefs-dev libtraceevent-dev)
endif
# provoke's connections are libevent's
LIBEVENT := $(shell $(PKG_CONFIG) --exists libevent_core 2>/dev/null && echo provoke)
ifneq ($(LIBEVENT),)
$(O)/user/provoke/loop.o $(O)/user/provoke/link.o: \
	CFLAGS_ALL += -DHAVE_LIBEVENT $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags libevent_core))
LDLIBS += $(shell $(PKG_CONFIG) $(if $(filter 1,$(STATIC)),--static) --libs libevent_core)
else
NO_LIBEVENT = no libevent (Debian: libevent-dev)
endif
# the last two: libbpf before 1.7 has a const variable without a value in BPF_CORE_READ(), which clang 21 sees
BPF_CFLAGS = -g -O2 -target bpf -mcpu=v3 -Wall -Wextra $(WERROR_FLAG) -Wno-unused-parameter \
	     -Wno-unknown-warning-option -Wno-default-const-init-var-unsafe \
	     -D__TARGET_ARCH_$(ARCH) -Ibpf

# core first: libbpf 1.1's linker wants the definition of a map before its declarations
BPF_SRCS = bpf/core.bpf.c $(filter-out bpf/core.bpf.c bpf/classic.bpf.c bpf/tests.bpf.c bpf/ksyms.bpf.c,$(wildcard bpf/*.bpf.c))
# compiled twice, see bpf/program.bpf.h
BPF_TWICE = $(addprefix bpf/,netfs.bpf.c cifs_io.bpf.c cifs_credit.bpf.c cifs_cmd.bpf.c cifs_old.bpf.c)
BPF_OBJS = $(BPF_SRCS:%.c=$(O)/%.o) $(BPF_TWICE:%.bpf.c=$(O)/%.raw.bpf.o)
SKEL = $(O)/netfsnoop.skel.h
# an object of its own: it has to load without any BTF
CLASSIC_SKEL = $(O)/classic.skel.h
# stays attached while the rest is parked
TESTS_SKEL = $(O)/tests.skel.h
# runs before the others are opened
KSYMS_SKEL = $(O)/ksyms.skel.h

# Everything but capture, cmd and main builds and runs without libbpf and without privilege.
CORE_DIRS = base event trace tp import model check log sym oops hang run xfstests provoke \
	    $(addprefix view/,kit measure text export $(addprefix export/,json sqlite perfetto junit html))
CORE_SRCS = $(filter-out $(LEFT_OUT_SRCS),$(wildcard $(CORE_DIRS:%=user/%/*.c)))
# what archives of libraries lack, so no part of ours
STATIC_SRCS = user/sym/eu_search.c
LEFT_OUT_SRCS = $(STATIC_SRCS) $(if $(LIBEVENT),,user/provoke/link.c)
TOOL_SRCS = $(wildcard user/capture/*.c user/cmd/*.c) user/main.c $(if $(filter 1,$(STATIC)),$(STATIC_SRCS))
CORE_LIB = $(O)/libnetfsnoop.a
# what is in the program as it is in the tree
EMBEDDED_DIRS = user/view/export/json user/view/export/sqlite user/xfstests user/cmd
EMBEDDED = $(foreach d,$(EMBEDDED_DIRS),$(wildcard $(addprefix $(d)/*.,schema.json sql css js bash)))
EMBEDDED_OBJS = $(patsubst %,$(O)/gen/%.o,$(notdir $(EMBEDDED)))
CORE_OBJS = $(CORE_SRCS:%.c=$(O)/%.o) $(EMBEDDED_OBJS) $(O)/gen/perfetto.pb-c.o
TOOL_OBJS = $(TOOL_SRCS:%.c=$(O)/%.o)
UNIT_BINS = $(patsubst tests/unit/%.c,$(O)/unit/%,$(wildcard tests/unit/test_*.c))
TEST_PKGS = cmocka
CORE_LIBS = -lzstd -ljansson -lsqlite3 -lprotobuf-c -lnettle -ldw -lelf -llzma -lz -lm -pthread $(NO_LTO) $(TRACECMD_LIBS)

.PHONY: all static bpf user unit clean help
all: $(O)/netfsnoop

help:
	@sed -n 's/^## //p' Makefile docs/docs.mk tests/tests.mk

## make              build build/netfsnoop
## make rows         write schema, SQL tables and docs anew from user/view/export/rows/rows.def
.PHONY: rows
rows:
	$(Q)CC="$(CC)" docs/rows.sh .

## make static       build build/static/netfsnoop, one file for any x86-64 VM
static:
	$(Q)$(MAKE) --no-print-directory STATIC=1 all

check-deps: $(O)/deps.ok
$(O)/deps.ok: tests/deps.sh
	$(Q)mkdir -p $(O)
	$(Q)CC="$(CC)" CLANG="$(CLANG)" BPFTOOL="$(BPFTOOL)" PKG_CONFIG="$(PKG_CONFIG)" PROTOC_C="$(PROTOC_C)" tests/deps.sh check $(PKGS)
	@touch $@

## make deps         install the packages that the build and the tests need (Debian, Ubuntu)
.PHONY: deps deps-build
deps:
	$(Q)tests/deps.sh install
deps-build:
	$(Q)tests/deps.sh install build

# what is built in; an object that depends on it is built anew when that changes
FEATURES = $(strip $(TRACECMD) $(LIBEVENT))
$(O)/features: FORCE
	@mkdir -p $(O)
	@echo '$(FEATURES)' | cmp -s - $@ || echo '$(FEATURES)' > $@
	$(if $(TRACECMD),,@echo 'netfsnoop: built without import of trace.dat: $(NO_TRACECMD)')
	$(if $(LIBEVENT),,@echo 'netfsnoop: built without provoke: $(NO_LIBEVENT)')
$(O)/user/import/dat.o $(O)/user/provoke/loop.o: $(O)/features

$(O)/bpf/%.bpf.o: bpf/%.bpf.c $(O)/deps.ok
	$(call msg,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

$(O)/bpf/%.raw.bpf.o: bpf/%.bpf.c $(O)/deps.ok
	$(call msg,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -DWITHOUT_BTF -MMD -MP -MF $(@:.o=.d) -c $< -o $@

$(O)/netfsnoop.bpf.o: $(BPF_OBJS)
	$(call msg,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(SKEL): $(O)/netfsnoop.bpf.o
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name netfsnoop_bpf > $@

$(O)/user/%.o: user/%.c $(O)/deps.ok
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

# The page of `export --to html`, in one piece and inside the program.
PAGE = $(O)/page.html
$(PAGE): $(wildcard user/view/export/html/page/*)
	$(call msg,PAGE,$@)
	$(Q)mkdir -p $(@D)
	$(Q)user/view/export/html/page/join.sh user/view/export/html/page/page.html > $@
$(O)/user/view/export/html/export_html.o: $(PAGE)
$(O)/user/view/export/html/export_html.o: CFLAGS_ALL += -DHTML_PAGE='"$(PAGE)"'

# files of the tree as strings of the program: export.schema.json is export_schema_json[]
$(foreach e,json sql css js bash,$(eval vpath %.$(e) $(EMBEDDED_DIRS)))
$(EMBEDDED_OBJS:.o=.c): $(O)/gen/%.c: %
	$(call msg,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q){ echo 'const char $(subst .,_,$*)[] ='; sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $<; echo ';'; } > $@
$(O)/gen/%.pb-c.c $(O)/gen/%.pb-c.h: user/view/export/perfetto/%.proto $(O)/deps.ok
	$(call msg,PROTO,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(PROTOC_C) --proto_path=$(<D) --c_out=$(@D) $<
$(O)/user/view/export/perfetto/perfetto_out.o: $(O)/gen/perfetto.pb-c.h
$(O)/gen/%.o: $(O)/gen/%.c
	$(call msg,CC,$@)
	$(Q)$(CC) $(CFLAGS_ALL) -c $< -o $@

$(CLASSIC_SKEL): $(O)/bpf/classic.bpf.o
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name classic_bpf > $@

$(TESTS_SKEL): $(O)/bpf/tests.bpf.o
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name tests_bpf > $@

$(KSYMS_SKEL): $(O)/bpf/ksyms.bpf.o
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name ksyms_bpf > $@

ifeq ($(SAN),1)
# a skeleton is a function of thousands of lines, for which sanitizers take many minutes
$(addprefix $(O)/user/capture/,loader.o classic.o tests.o ksyms_iter.o): SANFLAGS =
endif
$(O)/user/capture/tests.o: $(TESTS_SKEL)
$(O)/user/capture/ksyms_iter.o: $(KSYMS_SKEL)
$(O)/user/capture/loader.o: $(SKEL)
$(O)/user/capture/classic.o: $(CLASSIC_SKEL)

$(O)/version.h: FORCE
	@mkdir -p $(O)
	@echo '#define NETFSNOOP_VERSION "$(VERSION)"' | cmp -s - $@ || echo '#define NETFSNOOP_VERSION "$(VERSION)"' > $@
$(O)/user/cmd/args.o $(O)/user/capture/records.o $(O)/user/cmd/import.o: $(O)/version.h
.PHONY: FORCE

$(CORE_LIB): $(CORE_OBJS)
	$(call msg,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(O)/netfsnoop: $(TOOL_OBJS) $(CORE_LIB)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# The unit tests link the core library alone: proof that it needs no libbpf.
$(O)/unit/%: tests/unit/%.c $(CORE_LIB)
	$(call msg,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -Itests/unit -MMD -MP -MF $@.d -o $@ $< $(CORE_LIB) $(CORE_LIBS) $(shell $(PKG_CONFIG) --libs $(TEST_PKGS))

include tests/tests.mk
include docs/docs.mk

clean:
	rm -rf $(O)

-include $(shell find $(O) -name '*.d' 2>/dev/null)

# netfsnoop: `make` builds, `make demo` shows the main job, `make test` proves it, `make help` lists the rest.
#   O=DIR  build directory   V=1  show commands   SAN=1  ASan+UBSan   STATIC=1  self-contained binary
#   WERROR=1  warnings are errors, as in make test
O ?= build
ifeq ($(SAN),1)
override O := $(O)/san
endif
ifeq ($(STATIC),1)
override O := $(O)/static
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
ifeq ($(STATIC),1)
LDLIBS = -static $(shell $(PKG_CONFIG) --static --libs $(PKGS)) -lm
else
LDLIBS = $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null) -lm
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
# the last two: libbpf before 1.7 has a const variable without a value in BPF_CORE_READ(), which clang 21 sees
BPF_CFLAGS = -g -O2 -target bpf -mcpu=v3 -Wall -Wextra $(WERROR_FLAG) -Wno-unused-parameter \
	     -Wno-unknown-warning-option -Wno-default-const-init-var-unsafe \
	     -D__TARGET_ARCH_$(ARCH) -Ibpf

# core first: libbpf 1.1's linker wants the definition of a map before its declarations
BPF_SRCS = bpf/core.bpf.c $(filter-out bpf/core.bpf.c bpf/classic.bpf.c bpf/tests.bpf.c,$(wildcard bpf/*.bpf.c))
# compiled twice, see bpf/program.bpf.h
BPF_TWICE = $(addprefix bpf/,netfs.bpf.c cifs_io.bpf.c cifs_credit.bpf.c cifs_cmd.bpf.c cifs_old.bpf.c)
BPF_OBJS = $(BPF_SRCS:%.c=$(O)/%.o) $(BPF_TWICE:%.bpf.c=$(O)/%.raw.bpf.o)
SKEL = $(O)/netfsnoop.skel.h
# an object of its own: it has to load without any BTF
CLASSIC_SKEL = $(O)/classic.skel.h
# stays attached while the rest is parked
TESTS_SKEL = $(O)/tests.skel.h

# Everything but capture, cmd and main builds and runs without libbpf and without privilege.
CORE_SRCS = $(filter-out $(STATIC_SRCS),$(wildcard $(addprefix user/,$(addsuffix /*.c,base trace tp import model check view log sym oops hang))))
# what archives of libraries lack, so no part of ours
STATIC_SRCS = user/sym/eu_search.c
TOOL_SRCS = $(wildcard user/capture/*.c user/cmd/*.c) user/main.c $(if $(filter 1,$(STATIC)),$(STATIC_SRCS))
CORE_LIB = $(O)/libnetfsnoop.a
# what is in the program as it is in the tree
EMBEDDED = $(wildcard user/view/*.schema.json user/view/*.sql user/view/*.css user/view/*.js user/cmd/*.bash)
EMBEDDED_OBJS = $(patsubst %,$(O)/gen/%.o,$(notdir $(EMBEDDED)))
CORE_OBJS = $(CORE_SRCS:%.c=$(O)/%.o) $(EMBEDDED_OBJS) $(O)/gen/perfetto.pb-c.o
TOOL_OBJS = $(TOOL_SRCS:%.c=$(O)/%.o)
UNIT_BINS = $(patsubst tests/unit/%.c,$(O)/unit/%,$(wildcard tests/unit/test_*.c))
TEST_PKGS = cmocka
CORE_LIBS = -lzstd -ljansson -lsqlite3 -lprotobuf-c -lnettle -ldw -lelf -llzma -lz -lm $(TRACECMD_LIBS)

.PHONY: all static bpf user unit clean help
all: $(O)/netfsnoop

help:
	@sed -n 's/^## //p' Makefile docs/docs.mk tests/tests.mk

## make              build/netfsnoop
## make static       build/static/netfsnoop, one file for any x86-64 VM
static:
	$(Q)$(MAKE) --no-print-directory STATIC=1 all

check-deps: $(O)/deps.ok
$(O)/deps.ok: tests/deps.sh
	$(Q)mkdir -p $(O)
	$(Q)CC="$(CC)" CLANG="$(CLANG)" BPFTOOL="$(BPFTOOL)" PKG_CONFIG="$(PKG_CONFIG)" PROTOC_C="$(PROTOC_C)" tests/deps.sh check $(PKGS)
	@touch $@

## make deps         install what a build and the tests need (Debian, Ubuntu)
.PHONY: deps deps-build
deps:
	$(Q)tests/deps.sh install
deps-build:
	$(Q)tests/deps.sh install build

# what is built in; an object that depends on it is built anew when that changes
FEATURES = $(strip $(TRACECMD))
$(O)/features: FORCE
	@mkdir -p $(O)
	@echo '$(FEATURES)' | cmp -s - $@ || echo '$(FEATURES)' > $@
	$(if $(TRACECMD),,@echo 'netfsnoop: built without import of trace.dat: $(NO_TRACECMD)')
$(O)/user/import/dat.o: $(O)/features

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
$(PAGE): $(wildcard user/view/html/*)
	$(call msg,PAGE,$@)
	$(Q)mkdir -p $(@D)
	$(Q)user/view/html/join.sh user/view/html/page.html > $@
$(O)/user/view/export_html.o: $(PAGE)
$(O)/user/view/export_html.o: CFLAGS_ALL += -DHTML_PAGE='"$(PAGE)"'

# files of the tree as strings of the program: export.schema.json is export_schema_json[]
vpath %.json user/view
vpath %.sql user/view
vpath %.css user/view
vpath %.js user/view
vpath %.bash user/cmd
$(EMBEDDED_OBJS:.o=.c): $(O)/gen/%.c: %
	$(call msg,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q){ echo 'const char $(subst .,_,$*)[] ='; sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $<; echo ';'; } > $@
$(O)/gen/%.pb-c.c $(O)/gen/%.pb-c.h: user/view/%.proto $(O)/deps.ok
	$(call msg,PROTO,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(PROTOC_C) --proto_path=$(<D) --c_out=$(@D) $<
$(O)/user/view/perfetto_out.o: $(O)/gen/perfetto.pb-c.h
$(O)/gen/%.o: $(O)/gen/%.c
	$(call msg,CC,$@)
	$(Q)$(CC) $(CFLAGS_ALL) -c $< -o $@

$(CLASSIC_SKEL): $(O)/bpf/classic.bpf.o
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name classic_bpf > $@

$(TESTS_SKEL): $(O)/bpf/tests.bpf.o
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name tests_bpf > $@

$(O)/user/capture/tests.o: $(TESTS_SKEL)
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

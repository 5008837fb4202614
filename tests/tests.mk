# Test targets; the tiers and their times are in docs/testing.md.
VM_KERNELS ?= 6.1 6.12 7.3
FUZZ_SECONDS ?= 60
export VM_KERNELS VM_TESTS VM_ALLOW_MISSING STEP_SECONDS MUTANTS_FEW

UNIT_LIBS = $(CORE_LIB) $(CORE_LIBS) $(shell $(PKG_CONFIG) --libs $(TEST_PKGS) 2>/dev/null)

.PHONY: test lint unit-bins golden test-cli test-html test-vm test-kernels test-tools fuzz bench demo

## make test         everything below, with sanitizers: the proof that this tree works
test:
	$(Q)tests/deps.sh ensure
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) WERROR=1 all test-tools
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) WERROR=1 SAN=1 unit-bins
	$(Q)O=$(O) UNIT_O=$(if $(filter 1,$(SAN)),$(O),$(O)/san) tests/run-tests -l $(O)/test-logs lint unit golden cli vm

## make lint         format, layers, sizes, probes.def against the BPF object, shell scripts
lint: $(O)/netfsnoop.bpf.o
	$(Q)O=$(O) tests/run-tests -l $(O)/test-logs lint

## make unit         unit tests; SAN=1 with sanitizers
unit: unit-bins
	$(Q)O=$(O) tests/run-tests -l $(O)/test-logs unit
unit-bins: $(UNIT_BINS)

## make golden       traces of tests/golden: the output of `report`, byte for byte
golden: $(O)/netfsnoop
	$(Q)O=$(O) tests/run-tests -l $(O)/test-logs golden

## make test-cli     the command line, without privilege
test-cli: $(O)/netfsnoop
	$(Q)O=$(O) tests/run-tests -l $(O)/test-logs cli

## make test-html    the page of export --to html in a real Chromium, which it installs; TRACES="more recordings"
test-html: $(O)/netfsnoop $(O)/bench/many $(O)/html/pages
	$(Q)tests/deps.sh ensure html
	$(Q)O=$(O) TRACES="$(abspath $(TRACES))" tests/run-tests -l $(O)/test-logs html

$(O)/html/%: tests/html/%.c $(CORE_LIB)
	$(call msg,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $< $(CORE_LIB) $(CORE_LIBS)

## make test-vm      in virtual machines; VM_KERNELS="6.1 6.12 7.3", VM_TESTS="basic loss compare", VM_ALLOW_MISSING="7.3"
test-vm: $(O)/netfsnoop test-tools
	$(Q)O=$(O) tests/run-tests -l $(O)/test-logs vm

## make test-kernels  what attaches and whether the numbers agree on every kernel: docs/kernels.md
test-kernels: $(O)/netfsnoop test-tools
	$(Q)O=$(O) tests/kernels/run

test-tools: $(O)/tpcount $(O)/shortwrite

# static: it runs in the guest as it is
$(O)/tpcount $(O)/shortwrite: $(O)/%: tests/vm/%.c $(O)/deps.ok
	$(call msg,CC,$@)
	$(Q)$(CC) $(CFLAGS_ALL) -static -o $@ $<

# these parts of capture and cmd are pure: the core library is all they need
$(O)/unit/test_plan: $(O)/user/capture/plan.o
$(O)/unit/test_merge: $(O)/user/capture/merge.o
$(O)/unit/test_ksyms: $(O)/user/capture/ksyms.o
$(O)/unit/test_callsites: $(O)/user/capture/callsites.o
$(O)/unit/test_settings: $(O)/user/capture/settings.o
$(O)/unit/test_flight: $(O)/user/cmd/flight_out.o
$(O)/unit/test_doubt: $(O)/user/capture/doubt.o $(O)/user/capture/idle.o
$(O)/unit/test_xfs_trace: $(O)/user/cmd/xfs_trace.o
$(O)/unit/test_klog: $(O)/user/capture/kmsg.o
$(addprefix $(O)/unit/test_,plan merge ksyms callsites settings flight doubt xfs_trace klog): $(O)/unit/%: tests/unit/%.c $(CORE_LIB)
	$(call msg,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -Itests/unit -MMD -MP -MF $@.d -o $@ $< $(filter %.o,$^) $(UNIT_LIBS)

## make test-clean   the checks are silent on unmodified kernels; CLEAN_KERNELS="6.1 6.12 6.18 7.3", CLEAN="..."
CLEAN_KERNELS ?= 6.1 6.12 6.18 7.3
.PHONY: test-clean
test-clean: $(O)/netfsnoop $(O)/notify $(O)/range
	$(Q)O=$(O) tests/clean/run $(addprefix --kernel ,$(CLEAN_KERNELS)) $(CLEAN)
$(O)/notify $(O)/range: $(O)/%: tests/clean/%.c $(O)/deps.ok
	$(call msg,CC,$@)
	$(Q)$(CC) $(CFLAGS_ALL) -static -o $@ $<

## make test-checks-bite  each rule of each check is taken away: does a unit test notice?
BITE_OBJS = $(patsubst user/check/%.c,$(O)/bite/%.o,$(filter-out user/check/engine.c,$(wildcard user/check/*.c))) $(O)/bite/mute.o
BITE_BINS = $(patsubst tests/unit/%.c,$(O)/bite/%,$(wildcard tests/unit/test_check_*.c))
$(O)/bite/%.o: user/check/%.c tests/bite/mute.h $(O)/deps.ok
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -include tests/bite/mute.h -MMD -MP -MF $(@:.o=.d) -c $< -o $@
$(O)/bite/mute.o: tests/bite/mute.c $(O)/deps.ok
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -MF $(@:.o=.d) -c $< -o $@
$(BITE_BINS): $(O)/bite/%: tests/unit/%.c $(BITE_OBJS) $(CORE_LIB)
	$(call msg,TEST,$@)
	$(Q)$(CC) $(CFLAGS_ALL) -Itests/unit -MMD -MP -MF $@.d -o $@ $< $(BITE_OBJS) $(UNIT_LIBS)
.PHONY: test-checks-bite
test-checks-bite: $(BITE_BINS)
	$(Q)O=$(O) tests/bite/run

## make test-xfstests  XFSTESTS=DIR, a built tree: real tests under `netfsnoop xfstests`; KERNELS="6.12 7.3"
.PHONY: test-xfstests
test-xfstests: $(O)/netfsnoop
	$(Q)test -n "$(XFSTESTS)" || { echo "which tree? do: make test-xfstests XFSTESTS=DIR" >&2; exit 2; }
	$(Q)O=$(O) tests/xfstests/real $(XFSTESTS) $(KERNELS)

## make test-mutants  kernels with an injected bug, docs/mutants.md; MUTANT_KERNELS="6.12 7.3", MUTANTS="..."
MUTANT_KERNELS ?= 6.12 7.3
.PHONY: mutants test-mutants
test-mutants: $(O)/netfsnoop
	$(Q)O=$(O) tests/mutants/run $(addprefix --kernel ,$(MUTANT_KERNELS)) $(MUTANTS)
mutants:
	$(Q)for k in $(MUTANT_KERNELS); do for m in $(or $(MUTANTS),$$(tests/mutants/build --list)); do \
		tests/mutants/build $$k $$m || exit; done; done

## make test-crash   kernels that die, hang or lie of an injected bug: what is left to read
CRASH_KERNELS ?= 6.12
CRASH_TESTS ?= crash hang flight xfstests-crash
.PHONY: test-crash
test-crash: $(O)/netfsnoop test-tools
	$(Q)tests/deps.sh ensure build lab tests crash
	$(Q)O=$(O) VM_KERNELS="$(CRASH_KERNELS)" VM_TESTS="$(CRASH_TESTS)" tests/run-tests -l $(O)/test-logs vm

## make test-deb    the Debian package built, and tried in a clean chroot, of each release: RELEASES="12 13"
.PHONY: test-deb
test-deb:
	$(Q)tests/deps.sh ensure bare
	$(Q)tests/deb/run $(RELEASES)

## make test-bare    README's commands in bare chroots of Debian 12, 13 and sid; RELEASES="12 13"
.PHONY: test-bare
test-bare:
	$(Q)tests/deps.sh ensure bare
	$(Q)for r in $(or $(RELEASES),12 13 sid); do tests/bare/run $$r || exit; done

## make test-clang   BPF objects of the oldest clang of this release, of 19 and of the newest; CLANGS="clang-14 clang-19"
.PHONY: test-clang
test-clang: $(O)/netfsnoop test-tools
	$(Q)clangs="$(or $(CLANGS),$$(tests/deps.sh clangs))" && tests/deps.sh ensure build lab tests $$clangs && \
		O=$(O) CLANGS="$$clangs" VM_TESTS=clangs tests/run-tests -l $(O)/test-logs vm

## make fuzz         the trace reader, the oops parser and the importer under libFuzzer for FUZZ_SECONDS=60
FUZZ_CORE = $(wildcard user/base/*.c user/trace/*.c user/log/*.c user/oops/*.c user/tp/*.c user/import/*.c) user/sym/ref.c
FUZZ_CFLAGS = -std=gnu11 -O1 -g -D_GNU_SOURCE -Iuser -I. -fno-omit-frame-pointer -fsanitize=fuzzer,address,undefined
$(O)/fuzz/%: tests/fuzz/%.c $(FUZZ_CORE) $(wildcard user/base/*.h user/trace/*.h user/log/*.h user/oops/*.h user/sym/*.h user/tp/*.h user/import/*.h bpf/event.h)
	$(call msg,FUZZ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -o $@ $< $(FUZZ_CORE) $(CORE_LIBS)
FUZZERS = $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz:
	$(Q)tests/deps.sh ensure build fuzz
	$(Q)$(MAKE) --no-print-directory $(FUZZERS)
	$(Q)mkdir -p $(O)/fuzz/new
	$(Q)for f in $(FUZZERS); do $$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix=$(O)/fuzz/ $(O)/fuzz/new tests/fuzz/corpus tests/oops tests/import || exit 1; done

## make test-damage  what unit/test_damage does, DAMAGE=2000 random flips and all the rest; TRACES="more recordings"
DAMAGE ?= 2000
.PHONY: test-damage
test-damage: $(O)/unit/test_damage
	$(Q)DAMAGE=$(DAMAGE) TRACES="$(TRACES)" $<

## make bench        how fast traces are written and read
$(O)/bench/%: tests/bench/%.c $(CORE_LIB)
	$(call msg,BENCH,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $< $(CORE_LIB) $(CORE_LIBS)
bench: $(patsubst tests/bench/%.c,$(O)/bench/%,$(wildcard tests/bench/*_bench.c))
	$(Q)for b in $^; do echo "$$b"; $$b || exit 1; done

## make test-fleet   recordings in a PostgreSQL server of its own; TRACES="more recordings"
.PHONY: test-fleet
test-fleet: $(O)/netfsnoop
	$(Q)O=$(O) tests/export/fleet $(abspath $(TRACES))

## make test-views   a recording of 100,000 subrequests and one of a mutant through every view; TRACES= compares those
.PHONY: test-views
test-views: $(O)/netfsnoop
	$(Q)O=$(O) tests/export/$(if $(TRACES),views $(abspath $(TRACES)),big)

## make demo         records a workload on a real SMB mount in a virtual machine and shows it
.PHONY: demo-build
demo:
	$(Q)O=$(O) MAKE="$(MAKE)" tests/vm/demo
# its output is in a log: the demo says how far it is
demo-build:
	$(Q)tests/deps.sh ensure build lab
	$(Q)$(MAKE) --no-print-directory all

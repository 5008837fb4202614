# Test targets; the tiers and their times are in docs/testing.md.
VM_KERNELS ?= 6.1 6.12 7.3
FUZZ_SECONDS ?= 60
export OOM VM_KERNELS VM_TESTS VM_ALLOW_MISSING STEP_SECONDS MUTANTS_FEW

UNIT_LIBS = $(CORE_LIB) $(CORE_LIBS) $(shell $(PKG_CONFIG) --libs $(TEST_PKGS) 2>/dev/null)

.PHONY: test lint unit-bins golden test-cli test-html test-vm test-kernels test-tools fuzz bench demo

## make test         lint, unit, golden, cli, oom and vm tests, with sanitizers
test:
	$(Q)tests/deps.sh ensure
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) WERROR=1 all test-tools oom-bins
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) WERROR=1 SAN=1 unit-bins
	$(Q)O=$(O) UNIT_O=$(if $(filter 1,$(SAN)),$(O),$(O)/san) tests/run-tests -l $(O)/test-logs lint unit golden cli oom vm

## make test-fast    lint, unit, golden, cli and oom tests: two minutes, no virtual machine
.PHONY: test-fast
test-fast: $(O)/netfsnoop unit-bins oom-bins
	$(Q)O=$(O) tests/run-tests -l $(O)/test-logs lint unit golden cli oom

## make lint         check format, layers, sizes, shell scripts, and probes.def against the BPF object
lint: $(O)/netfsnoop.bpf.o
	$(Q)O=$(O) tests/run-tests -l $(O)/test-logs lint

## make unit         run the unit tests; SAN=1 with sanitizers
unit: unit-bins
	$(Q)O=$(O) tests/run-tests -l $(O)/test-logs unit
unit-bins: $(UNIT_BINS)

## make test-san     golden and command line with sanitizers
.PHONY: test-san
test-san:
	$(Q)$(MAKE) --no-print-directory SAN=1 all
	$(Q)O=$(O)/san tests/run-tests -l $(O)/san/test-logs golden cli

## make coverage     which lines unit, golden and cli tests run, by directory; FILES=20 of the least
.PHONY: coverage
# Some tests limit what files can hold, and run without root's rights: the counters, which would complain in the midst
# of what is compared, are made first, and anybody's to write.
coverage:
	$(Q)$(MAKE) --no-print-directory COV=1 all unit-bins $(O)/cov/html/pages
	$(Q)find $(O)/cov -name '*.gcda' -delete
	$(Q)$(O)/cov/netfsnoop --version >/dev/null
	$(Q)chmod -R a+rwX $(O)/cov
	$(Q)GCOV_ERROR_FILE=/dev/null O=$(O)/cov tests/run-tests -l $(O)/cov/test-logs unit golden cli || true
	$(Q)FILES=$(FILES) tests/coverage $(O)/cov

## make golden       compare the output of `report` and `check` for the traces of tests/golden, byte for byte
golden: $(O)/netfsnoop
	$(Q)O=$(O) tests/run-tests -l $(O)/test-logs golden

## make test-cli     test the command line, without privilege
test-cli: $(O)/netfsnoop
	$(Q)O=$(O) tests/run-tests -l $(O)/test-logs cli

## make test-oom     refuse memory to each command, wherever it asks for some; OOM="export|diff"
OOM_BINS = $(O)/oom/refuse.so $(O)/html/pages
.PHONY: test-oom oom-bins
test-oom: $(O)/netfsnoop oom-bins
	$(Q)O=$(O) tests/run-tests -l $(O)/test-logs oom
oom-bins: $(OOM_BINS)
# nothing of it is to be known to the compiler: not malloc(), nor that a place asks twice
$(O)/oom/refuse.so: tests/oom/refuse.c $(O)/deps.ok
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 -g $(WARN) -Wno-missing-prototypes -D_GNU_SOURCE -fno-builtin -fPIC -shared -o $@ $<

## make test-html    test the page of export --to html in Chromium, which it installs; TRACES="more recordings"
test-html: $(O)/netfsnoop $(O)/bench/many $(O)/html/pages
	$(Q)tests/deps.sh ensure html
	$(Q)O=$(O) TRACES="$(abspath $(TRACES))" tests/run-tests -l $(O)/test-logs html

$(O)/html/%: tests/html/%.c $(CORE_LIB)
	$(call msg,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $< $(CORE_LIB) $(CORE_LIBS)

## make test-provoke  test provoke between smbclient and a Samba server, without privilege
.PHONY: test-provoke
test-provoke: $(O)/netfsnoop
	$(Q)tests/deps.sh ensure tests provoke
	$(Q)O=$(O) tests/run-tests -l $(O)/test-logs provoke

## make test-vm      test in virtual machines; VM_KERNELS="6.1 6.12 7.3", VM_TESTS="basic loss compare", VM_ALLOW_MISSING="7.3"
test-vm: $(O)/netfsnoop test-tools
	$(Q)O=$(O) tests/run-tests -l $(O)/test-logs vm

## make test-kernels  attach the probes and compare the numbers on every kernel; writes docs/kernels.md
test-kernels: $(O)/netfsnoop test-tools
	$(Q)O=$(O) tests/kernels/run

test-tools: $(O)/tpcount $(O)/shortwrite

# static: it runs in the guest as it is
$(O)/tpcount $(O)/shortwrite: $(O)/%: tests/vm/%.c $(O)/deps.ok
	$(call msg,CC,$@)
	$(Q)$(CC) $(CFLAGS_ALL) -static -o $@ $<

# these parts of capture are pure: the core library is all they need
$(O)/unit/test_plan: $(O)/user/capture/plan.o
$(O)/unit/test_merge: $(O)/user/capture/merge.o
$(O)/unit/test_ksyms: $(O)/user/capture/ksyms.o
$(O)/unit/test_callsites: $(O)/user/capture/callsites.o
$(O)/unit/test_settings: $(O)/user/capture/settings.o
$(O)/unit/test_doubt: $(patsubst %,$(O)/user/capture/%.o,doubt filter idle)
$(O)/unit/test_klog: $(O)/user/capture/kmsg.o
$(O)/unit/test_faults: $(O)/user/capture/faults.o
$(O)/unit/test_witness: $(O)/user/capture/witness.o
$(O)/unit/test_collector: $(patsubst %,$(O)/user/capture/%.o,collector ring priority)
$(addprefix $(O)/unit/test_,plan merge ksyms callsites settings doubt klog faults collector witness): $(O)/unit/%: tests/unit/%.c $(CORE_LIB)
	$(call msg,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -Itests/unit -MMD -MP -MF $@.d -o $@ $< $(filter %.o,$^) $(UNIT_LIBS)

## make test-clean   test that checks find nothing on unmodified kernels; CLEAN_KERNELS="6.1 6.12 6.18 7.3", CLEAN="..."
CLEAN_KERNELS ?= 6.1 6.12 6.18 7.3
.PHONY: test-clean
test-clean: $(O)/netfsnoop $(O)/notify $(O)/range
	$(Q)O=$(O) tests/clean/run $(addprefix --kernel ,$(CLEAN_KERNELS)) $(CLEAN)
$(O)/notify $(O)/range: $(O)/%: tests/clean/%.c $(O)/deps.ok
	$(call msg,CC,$@)
	$(Q)$(CC) $(CFLAGS_ALL) -static -o $@ $<

## make test-checks-bite  suppress each kind of finding in turn; a unit test must notice
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

## make test-xfstests  run real tests of the built tree XFSTESTS=DIR under `netfsnoop xfstests`; KERNELS="6.12 7.3"
.PHONY: test-xfstests
test-xfstests: $(O)/netfsnoop
	$(Q)test -n "$(XFSTESTS)" || { echo "which tree? do: make test-xfstests XFSTESTS=DIR" >&2; exit 2; }
	$(Q)O=$(O) tests/xfstests/real $(XFSTESTS) $(KERNELS)

## make test-mutants  test that checks find injected kernel bugs (docs/mutants.md); MUTANT_KERNELS="6.12 7.3", MUTANTS="..."
MUTANT_KERNELS ?= 6.12 7.3
.PHONY: mutants test-mutants
test-mutants: $(O)/netfsnoop
	$(Q)O=$(O) tests/mutants/run $(addprefix --kernel ,$(MUTANT_KERNELS)) $(MUTANTS)
mutants:
	$(Q)for k in $(MUTANT_KERNELS); do for m in $(or $(MUTANTS),$$(tests/mutants/build --list)); do \
		tests/mutants/build $$k $$m || exit; done; done

## make test-crash   test what remains readable when an injected bug makes the kernel die, hang or corrupt data
CRASH_KERNELS ?= 6.12
CRASH_TESTS ?= crash hang flight xfstests-crash
.PHONY: test-crash
test-crash: $(O)/netfsnoop test-tools
	$(Q)tests/deps.sh ensure build lab tests crash
	$(Q)O=$(O) VM_KERNELS="$(CRASH_KERNELS)" VM_TESTS="$(CRASH_TESTS)" tests/run-tests -l $(O)/test-logs vm

## make test-deb     build the Debian package and try it in a clean chroot of each release; RELEASES="12 13"
.PHONY: test-deb
test-deb:
	$(Q)tests/deps.sh ensure bare
	$(Q)tests/deb/run $(RELEASES)

## make test-bare    run README's commands in bare chroots of Debian 12, 13 and sid; RELEASES="12 13"
.PHONY: test-bare
test-bare:
	$(Q)tests/deps.sh ensure bare
	$(Q)for r in $(or $(RELEASES),12 13 sid); do tests/bare/run $$r || exit; done

## make test-clang   test BPF objects built with the oldest clang of this release, 19 and the newest; CLANGS="clang-14 clang-19"
.PHONY: test-clang
test-clang: $(O)/netfsnoop test-tools
	$(Q)clangs="$(or $(CLANGS),$$(tests/deps.sh clangs))" && tests/deps.sh ensure build lab tests $$clangs && \
		O=$(O) CLANGS="$$clangs" VM_TESTS=clangs tests/run-tests -l $(O)/test-logs vm

## make fuzz         fuzz the readers of traces and of lines, the oops parser and the importer for FUZZ_SECONDS=60
FUZZ_CORE = $(wildcard user/base/*.c user/event/*.c user/trace/*.c user/log/*.c user/oops/*.c user/tp/*.c user/import/*.c) user/sym/ref.c
FUZZ_CFLAGS = -std=gnu11 -O1 -g -D_GNU_SOURCE -Iuser -I. -fno-omit-frame-pointer -fsanitize=fuzzer,address,undefined
$(O)/fuzz/%: tests/fuzz/%.c $(FUZZ_CORE) $(wildcard user/base/*.h user/event/*.h user/event/*.def user/trace/*.h user/log/*.h user/oops/*.h user/sym/*.h user/tp/*.h user/import/*.h bpf/event.h)
	$(call msg,FUZZ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -o $@ $< $(FUZZ_CORE) $(CORE_LIBS)
FUZZERS = $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz:
	$(Q)tests/deps.sh ensure build fuzz
	$(Q)$(MAKE) --no-print-directory $(FUZZERS)
	$(Q)for f in $(FUZZERS); do mkdir -p $$f.new; \
		case $$f in *reader) seeds=tests/fuzz/corpus ;; \
		*) seeds="tests/oops tests/import tests/cases/oops tests/cases/import" ;; esac; \
		$$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix=$(O)/fuzz/ $$f.new $$seeds || exit 1; done

## make test-damage  damage recordings as unit/test_damage does, more thoroughly; DAMAGE=2000 random flips, TRACES="more recordings"
DAMAGE ?= 2000
.PHONY: test-damage
test-damage: $(O)/unit/test_damage
	$(Q)DAMAGE=$(DAMAGE) TRACES="$(TRACES)" $<

## make bench        what capture and analysis cost beside other tracers: docs/performance.md
# static: it runs in the guest as it is
$(O)/bench/meter: tests/bench/meter.c $(O)/deps.ok
	$(call msg,BENCH,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -static -o $@ $<
$(O)/bench/floor: tests/bench/floor.c $(O)/deps.ok
	$(call msg,BENCH,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $< $(shell $(PKG_CONFIG) --libs libbpf)
$(O)/bench/floor.bpf.o: tests/bench/floor.bpf.c tracepoints/probes.def $(O)/deps.ok
	$(call msg,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@
$(O)/bench/%: tests/bench/%.c $(CORE_LIB)
	$(call msg,BENCH,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $< $(CORE_LIB) $(CORE_LIBS)
bench: $(O)/netfsnoop $(addprefix $(O)/bench/,trace_bench many meter floor floor.bpf.o)
	$(Q)$(O)/bench/trace_bench
	$(Q)O=$(O) tests/bench/run

## make test-fleet   load recordings into a temporary PostgreSQL server and query them; TRACES="more recordings"
.PHONY: test-fleet
test-fleet: $(O)/netfsnoop
	$(Q)O=$(O) tests/export/fleet $(abspath $(TRACES))

## make test-views   compare all views of a recording of 100,000 subrequests and one of a mutant; TRACES= compares those instead
.PHONY: test-views
test-views: $(O)/netfsnoop
	$(Q)O=$(O) tests/export/$(if $(TRACES),views $(abspath $(TRACES)),big)

## make demo         record a workload on an SMB mount in a virtual machine and show it
.PHONY: demo-build
demo:
	$(Q)O=$(O) MAKE="$(MAKE)" tests/vm/demo
# its output is in a log: the demo says how far it is
demo-build:
	$(Q)tests/deps.sh ensure build lab
	$(Q)$(MAKE) --no-print-directory all

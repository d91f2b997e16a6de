# SPDX-License-Identifier: Apache-2.0
#
# The only build file. Libraries are found by pkg-config; what was found and which engines are
# built is printed by `make config`. Programs go to build/ (build/san with SAN=1, build/tsan with TSAN=1).
#
#   make            programs            make check       install what is missing, build, run every test
#   make demo       a scan in the lab   make bench       benchmarks, JSON on stdout (BENCH=hop for one)
#   make config     what was found      make acceptance  the long tests
#   make lint       layout and analysis make install     PREFIX, DESTDIR
#   make SAN=1      ASan + UBSan        make san-check   unit tests under them
#   make TSAN=1     ThreadSanitizer     make race-check  race tests under it
#   make fuzz       libFuzzer, FUZZ_SECONDS each         make clean
#   V=1 shows commands

CC         ?= gcc
ifeq ($(origin CC),default)
CC         := gcc
endif
CLANG      ?= clang
BPFTOOL    ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config
PREFIX     ?= /usr/local
DESTDIR    ?=
VERSION    ?= 0.1.0
V          ?= 0
Q          := $(if $(filter 1,$(V)),,@)

OPT        ?= -O3 -g
WARN       ?= -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings
WERROR     ?= $(if $(CI),-Werror)
LIBS       := ck liburcu-qsbr libmnl libpcap json-c libbpf hwloc libcap-ng libseccomp
ALLOC      ?= $(shell $(PKG_CONFIG) --exists jemalloc 2>/dev/null && echo jemalloc)

B          := build
ifeq ($(SAN),1)
B          := build/san
OPT        := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined -DANYSCAN_DEBUG
ALLOC      :=
endif
ifeq ($(TSAN),1)
B          := build/tsan
# Fences, which it does not model, stand only between us and the kernel: io/af_xdp.
OPT        := -O1 -g -fsanitize=thread -Wno-tsan -DANYSCAN_DEBUG
ALLOC      :=
endif
ifeq ($(FUZZ),1)
B          := build/fuzz
CC         := $(CLANG)
OPT        := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
ALLOC      :=
endif
LIBS       += $(ALLOC)

MISSING    := $(strip $(foreach l,$(LIBS),$(if $(shell $(PKG_CONFIG) --exists $(l) 2>/dev/null || echo no),$(l))) \
              $(foreach p,$(firstword $(CC)) $(CLANG) $(BPFTOOL),$(shell command -v $(p) >/dev/null 2>&1 || echo $(p))))
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBS) 2>/dev/null)
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(LIBS) 2>/dev/null)

# Optional: engine dpdk. Only what is in io/dpdk, or named after it, sees its headers; DPDK= builds without.
DPDK       ?= $(shell $(PKG_CONFIG) --exists libdpdk 2>/dev/null && echo libdpdk)
DPDK_CFLAGS := $(if $(DPDK),$(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags libdpdk)))
ifneq ($(DPDK),)
DPDK_LIBS  := -Wl,--push-state,--as-needed $(filter -L% -lrte_ethdev -lrte_mbuf -lrte_mempool -lrte_timer -lrte_net \
              -lrte_eal,$(shell $(PKG_CONFIG) --libs libdpdk)) -Wl,--pop-state
endif

CFLAGS     ?=
ALL_CFLAGS := -std=gnu11 -pthread $(OPT) $(WARN) $(WERROR) -D_GNU_SOURCE -DANYSCAN_VERSION='"$(VERSION)"' \
              -I. -Iinclude -I$(B)/gen $(PKG_CFLAGS) $(CFLAGS)
ALL_LDLIBS := $(LDFLAGS) $(PKG_LIBS) $(DPDK_LIBS) -lm -pthread
TIDY_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DANYSCAN_VERSION='"$(VERSION)"' -I. -Iinclude -isystem $(B)/gen $(PKG_CFLAGS) $(DPDK_CFLAGS)
BPF_CFLAGS := -O2 -g -target bpf -mcpu=v3 -Wall -I. -Iinclude $(addprefix -I,$(wildcard /usr/include/$(shell uname -m)-linux-gnu))

# ---- sources: the tree is the list
BPF_SRC    := $(wildcard io/*/*.bpf.c tools/*/*.bpf.c)
SKELS      := $(patsubst %.bpf.c,$(B)/gen/%.skel.h,$(notdir $(BPF_SRC)))
WITHOUT    := %.bpf.c $(if $(DPDK),,io/dpdk/% tests/unit/test_dpdk_% bench/bench_dpdk% tools/anyscan-world/dpdk_%)
LIB_SRC    := $(filter-out $(WITHOUT),$(wildcard rings/*.c stages/*.c stages/*/*.c io/*.c io/*/*.c))
LIB_OBJ    := $(LIB_SRC:%.c=$(B)/obj/%.o)
LIB        := $(B)/libanyscan.a
TOOL_NAMES := $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard tools/*/main.c)))))
TOOLS      := $(TOOL_NAMES:%=$(B)/%)
# what several programs share: a folder under tools/ without a main.c
SHARED_SRC := $(wildcard tools/options/*.c tools/device/*.c tools/machine/*.c)
SHARED     := $(B)/libtools.a
# engine dpdk, which io/module.c loads: nobody else starts with its libraries
MODULES    := $(if $(DPDK),$(B)/anyscan-dpdk.so)
PAGED      := $(filter-out anyscan-world,$(TOOL_NAMES))
PAGES      := $(foreach t,$(PAGED),$(B)/$(t).1 $(B)/$(t).bash)
UNIT       := $(patsubst %.c,$(B)/%,$(filter-out $(WITHOUT),$(wildcard tests/unit/test_*.c)))
RACE       := $(patsubst %.c,$(B)/%,$(wildcard tests/race/race_*.c))
LEAK       := $(patsubst %.c,$(B)/%,$(wildcard tests/leak/leak_*.c))
CHECKERS   := $(patsubst %.c,$(B)/%,$(wildcard tests/acceptance/*.c tests/net/*.c))
FUZZERS    := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAYS    := $(FUZZERS:$(B)/tests/fuzz/%=$(B)/tests/replay/%)
BENCHES    := $(patsubst %.c,$(B)/%,$(filter-out $(WITHOUT),$(wildcard bench/bench_*.c)))
BENCH_NAMES := $(BENCHES:$(B)/bench/bench_%=%)
ENGINES    := $(filter-out netlink,$(sort $(notdir $(patsubst %/,%,$(dir $(filter io/%,$(filter-out $(wildcard io/*.c),$(LIB_SRC))))))))

.PHONY: all config check san-check race-check fuzz demo compare compare-dpdk compare-generation bench acceptance install clean \
	lint lint-format lint-tidy lint-cppcheck lint-shell lint-history format \
	found unit-programs race-programs leak-programs fuzz-programs replay-programs checkers bench-programs
.SECONDARY:
all: $(TOOLS) $(PAGES) $(MODULES)
unit-programs: $(UNIT)
race-programs: $(RACE)
leak-programs: $(LEAK)
fuzz-programs: $(FUZZERS)
replay-programs: $(REPLAYS)
checkers: $(CHECKERS)
bench-programs: $(BENCHES)

found:
	@$(if $(MISSING),echo "missing: $(MISSING). tools/install-deps installs what the build needs" >&2; exit 1,:)

# ---- BPF programs become skeletons
define BPF_RULE
$(B)/gen/$(basename $(basename $(notdir $(1)))).bpf.o: $(1) | found $(B)/gen
	@echo "  BPF     $(1)"
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c $$< -o $$@
endef
$(foreach s,$(BPF_SRC),$(eval $(call BPF_RULE,$(s))))
$(B)/gen/%.skel.h: $(B)/gen/%.bpf.o
	@echo "  SKEL    $@"
	$(Q){ echo '/* NOLINTBEGIN: generated */' && $(BPFTOOL) gen skeleton $< name $(subst -,_,$*) && \
		echo '/* NOLINTEND */'; } > $@.tmp && mv $@.tmp $@
$(B)/gen:
	$(Q)mkdir -p $@

# ---- objects, library, programs
$(B)/obj/io/dpdk/%.o $(B)/obj/tests/unit/test_dpdk_%.o $(B)/obj/bench/bench_dpdk%.o: ALL_CFLAGS += $(DPDK_CFLAGS)
$(B)/obj/io/dpdk/%.o $(B)/obj/io/bound_nic.o: ALL_CFLAGS += -fPIC
$(B)/obj/io/registry.o: ALL_CFLAGS += $(if $(DPDK),-DANYSCAN_DPDK)
$(B)/obj/%.o: %.c | found $(SKELS)
	@echo "  CC      $<"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@
$(SHARED): $(SHARED_SRC:%.c=$(B)/obj/%.o)
	@echo "  AR      $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(LIB): $(LIB_OBJ)
	@echo "  AR      $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

define TOOL_RULE
$(B)/$(1): $(patsubst %.c,$(B)/obj/%.o,$(filter-out $(WITHOUT),$(wildcard tools/$(1)/*.c))) $(SHARED) $(LIB)
	@echo "  LD      $$@"
	$$(Q)$$(CC) $$(ALL_CFLAGS) $$(filter %.o,$$^) $(SHARED) $$(LIB) $$(ALL_LDLIBS) -o $$@
endef
$(foreach t,$(TOOL_NAMES),$(eval $(call TOOL_RULE,$(t))))
$(B)/obj/tools/anyscan-world/dpdk_%.o: ALL_CFLAGS += $(DPDK_CFLAGS)

$(B)/anyscan-dpdk.so: $(filter $(B)/obj/io/dpdk/% $(B)/obj/io/bound_nic.o,$(LIB_OBJ))
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -shared -Wl,-soname,$(@F) $^ $(DPDK_LIBS) $(shell $(PKG_CONFIG) --libs json-c) -o $@
ifneq ($(DPDK),) # what it calls of the program
$(B)/anyscan-pipe: ALL_LDLIBS += -Wl,--dynamic-list=io/dpdk/program.syms
endif

# These two look at a host where libraries of the others may be missing: they need only what they use.
$(B)/anyscan-doctor $(B)/anyscan-nic: ALL_LDLIBS := -Wl,--as-needed $(if $(ALLOC),$(filter-out -l$(ALLOC),$(ALL_LDLIBS)),$(ALL_LDLIBS))

# --version tells of what LIBS links, as pkg-config knows it.
$(B)/obj/tools/anyscan-pipe/version.o: ALL_CFLAGS += -DANYSCAN_LIBRARIES='"$(foreach l,$(LIBS) $(DPDK),$(l) $(or \
	$(shell $(PKG_CONFIG) --modversion $(l) 2>/dev/null),unknown)) libc unknown"'

# The manual page and the completion are what the program says of its option table.
$(PAGED:%=$(B)/%.1): %.1: %
	$(Q)$< --man > $@.tmp && mv $@.tmp $@
$(PAGED:%=$(B)/%.bash): %.bash: %
	$(Q)$< --completion > $@.tmp && mv $@.tmp $@

$(B)/tests/unit/test_respond: $(patsubst %,$(B)/obj/tools/anyscan-world/%.o,area respond)
$(B)/tests/unit/test_nic_bind: $(patsubst %.c,$(B)/obj/%.o,$(filter-out %/main.c,$(wildcard tools/anyscan-nic/*.c)))
$(B)/tests/unit/%: $(B)/obj/tests/unit/%.o $(SHARED) $(LIB)
	@echo "  LD      $@"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(filter %.o,$^) $(SHARED) $(LIB) $(ALL_LDLIBS) $(shell $(PKG_CONFIG) --libs criterion 2>/dev/null || echo -lcriterion) -o $@
$(B)/tests/fuzz/%: $(B)/obj/tests/fuzz/%.o $(LIB)
	@echo "  LD      $@"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(filter %.o,$^) $(LIB) $(ALL_LDLIBS) -o $@
$(B)/tests/fuzz/fuzz_options $(B)/tests/replay/fuzz_options: \
	$(patsubst %,$(B)/obj/tools/anyscan-pipe/%.o,aliases option_parsers option_table options) \
	$(patsubst %,$(B)/obj/tools/options/%.o,nearest parse values)
$(B)/tests/fuzz/fuzz_control $(B)/tests/replay/fuzz_control: \
	$(patsubst %,$(B)/obj/tools/anyscan-pipe/%.o,aliases control_request option_parsers option_table options) \
	$(patsubst %,$(B)/obj/tools/options/%.o,nearest parse values)
$(B)/tests/replay/%: $(B)/obj/tests/fuzz/%.o $(B)/obj/tests/fuzz/replay.o $(LIB)
	@echo "  LD      $@"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(filter %.o,$^) $(LIB) $(ALL_LDLIBS) -o $@
$(B)/tests/%: $(B)/obj/tests/%.o $(LIB)
	@echo "  LD      $@"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $< $(LIB) $(ALL_LDLIBS) -o $@
$(B)/bench/bench_scaling: $(B)/obj/tools/anyscan-tune/trial.o $(B)/obj/tools/anyscan-tune/turn.o
ifneq ($(DPDK),) # its engine dpdk is the module that lies with the programs
$(B)/bench/bench_scaling: ALL_LDLIBS += -Wl,--dynamic-list=io/dpdk/program.syms -Wl,-rpath,'$$ORIGIN/..'
endif
$(B)/bench/%: $(B)/obj/bench/%.o $(B)/obj/bench/report.o $(B)/obj/bench/wires.o $(SHARED) $(LIB)
	@echo "  LD      $@"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(filter %.o,$^) $(SHARED) $(LIB) $(ALL_LDLIBS) -o $@

# ---- what was found
config:
	@echo "compiler   $$($(CC) --version 2>/dev/null | grep -m 1 . || echo 'missing: tools/install-deps')"
	@echo "flags      $(strip $(OPT) $(WARN) $(WERROR) $(CFLAGS))"
	@for l in $(LIBS); do \
		printf '%-10s %s\n' $$l "$$($(PKG_CONFIG) --modversion $$l 2>/dev/null || echo 'missing: tools/install-deps')"; \
	done
	@echo "libdpdk    $(or $(if $(DPDK),$(shell $(PKG_CONFIG) --modversion libdpdk 2>/dev/null)),missing: no --io-engine dpdk; tools/install-deps)"
	@echo "allocator  $(or $(ALLOC),libc)"
	@echo "BPF        $$($(CLANG) --version 2>/dev/null | grep -m 1 . || echo 'missing: tools/install-deps')"
	@echo "engines    $(ENGINES)"
	@echo "programs   $(TOOL_NAMES)"
	@echo "to         $(B)/"

# ---- tests. Sub-makes, as each build has its own flags and install-deps may change what pkg-config finds.
JOBS        = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
MAKE_QUIET  = $(MAKE) --no-print-directory $(JOBS)

check:
	$(Q)tools/install-deps
	+$(Q)$(MAKE_QUIET) all unit-programs checkers
	+$(Q)$(MAKE_QUIET) SAN=1 all unit-programs leak-programs replay-programs checkers
	+$(Q)$(MAKE_QUIET) TSAN=1 race-programs
	$(Q)tests/run unit san leak fuzz race net netsan

san-check:
	+$(Q)$(MAKE_QUIET) SAN=1 all unit-programs leak-programs replay-programs checkers
	$(Q)tests/run san leak fuzz netsan

race-check:
	+$(Q)$(MAKE_QUIET) TSAN=1 race-programs
	$(Q)tests/run race

# Each fuzzer for FUZZ_SECONDS, from tests/fuzz/corpus on; what it found new is kept in build/fuzz/corpus. An input that
# failed goes, with the fix, to tests/fuzz/corpus: `make check` replays what is there.
FUZZ_SECONDS ?= 60
fuzz:
	+$(Q)$(MAKE_QUIET) FUZZ=1 fuzz-programs
	$(Q)cd build/fuzz && for f in tests/fuzz/fuzz_*; do \
		name=$${f##*/fuzz_} && mkdir -p corpus/$$name && \
		$$f -max_total_time=$(FUZZ_SECONDS) -max_len=512 -print_final_stats=1 \
			corpus/$$name ../../tests/fuzz/corpus/$$name || exit 1; \
	done

acceptance: all checkers
	$(Q)tests/acceptance/run

demo: # installs and builds by itself
	$(Q)tools/demo

# Side by side with Debian's zmap and masscan, the bare loops of the kernel's calls, pktgen and testpmd; compare-dpdk: our
# engine of DPDK with testpmd; compare-generation: what a probe costs before it leaves, with ZMap 4. ROUNDS=9
compare compare-dpdk compare-generation:
	$(Q)tools/install-deps --compare
	+$(Q)$(MAKE_QUIET) all bench-programs
	$(Q)bench/$(@:compare-%=%) $(ROUNDS)

# Only the benchmarks' own lines go to standard output. BENCH=gen+build is bench/bench_gen_build.c.
bench: # anyscan-pipe too: its start-up is measured
	+$(Q)$(MAKE_QUIET) all bench-programs >&2
	$(Q)for b in $(if $(BENCH),$(B)/bench/bench_$(subst +,_,$(BENCH)),$(BENCHES)); do \
		[ -x $$b ] || { echo "no benchmark '$(BENCH)'; there are: $(BENCH_NAMES)" >&2; exit 1; }; \
		$$b || exit 1; \
	done

# ---- layout and analysis; tools/install-deps --lint installs the programs, `make -k lint` shows all that is wrong
LINT_C     := $(filter-out %.bpf.c,$(wildcard $(foreach d,bench io rings stages tools tests,$(d)/*.c $(d)/*/*.c)))
LINT_FILES := $(LINT_C) $(BPF_SRC) $(wildcard include/anyscan/*.h $(foreach d,bench io rings stages tools tests,$(d)/*.h $(d)/*/*.h))
LINT_SH    := $(shell grep -lE '^\#!.*[ /](ba)?sh' tests/run tests/history .ci/run $(wildcard tools/* tests/*/*) 2>/dev/null)

lint: lint-format lint-tidy lint-cppcheck lint-shell lint-history

lint-format:
	$(Q)clang-format --dry-run -Werror $(LINT_FILES)
format: # what lint-format asks for
	$(Q)clang-format -i $(LINT_FILES)
lint-tidy: $(SKELS)
	$(Q)printf '%s\n' $(LINT_C) | xargs -P $(shell nproc) -n 4 sh -c \
		'clang-tidy --quiet "$$@" -- $(subst ','"'"',$(TIDY_CFLAGS)) 2>/dev/null' clang-tidy
lint-cppcheck:
	$(Q)! command -v cppcheck >/dev/null || \
		cppcheck --quiet --error-exitcode=1 --enable=warning,portability,performance --inline-suppr \
			--suppress=missingIncludeSystem --suppress=unknownMacro -j $(shell nproc) -I. -Iinclude $(filter-out tests/unit/%,$(LINT_C))
lint-history: # the tests that tests/history.md lists are there, and say so
	$(Q)tests/history
lint-shell:
	$(Q)! command -v shellcheck >/dev/null || shellcheck -x -S warning $(LINT_SH)

install: all
	$(Q)install -D -m 0755 -t "$(DESTDIR)$(PREFIX)/bin" $(TOOLS)
	$(Q)$(if $(MODULES),install -D -m 0644 -t "$(DESTDIR)$(PREFIX)/lib/anyscan-pipe" $(MODULES))
	$(Q)install -D -m 0644 -t "$(DESTDIR)$(PREFIX)/share/man/man1" $(PAGED:%=$(B)/%.1)
	$(Q)for t in $(PAGED); do \
		install -D -m 0644 $(B)/$$t.bash "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$t" || exit 1; \
	done
	$(Q)install -D -m 0644 -t "$(DESTDIR)$(PREFIX)/share/anyscan-pipe/topologies" $(wildcard topologies/*.json)

clean:
	$(Q)rm -rf build

-include $(shell find $(B)/obj $(B)/gen -name '*.d' 2>/dev/null)

# SPDX-License-Identifier: GPL-3.0-or-later
#
# make            build ./fdtool            make demo    build it and run its lessons
# make check      run every test            make lint    run the static checks
# make check-vm   test the driver in a virtual machine; KERNEL=6.12, 6.1 or debug; ARCH=arm64
# make check-cross  build for ARCH=arm64, armhf or i386, and run the unit tests by qemu-user
# make fuzz       give mutated input to each parser; FUZZ_TIME=60 seconds
# make fuzz-coverage  show how much of each parser its corpus reaches
# make check-faults  make each system call fail in turn
# make check-load    look 400 times while many clients and descriptors come and go; LOOKS, CLIENTS
# make install    PREFIX, DESTDIR           make bench   compare its speed with other programs
# make deb        make Debian packages in .build/deb; make check-deb checks them
# make dist       make the tarball of the last commit
# make screens    write the terminals of README.md and their picture again
#
# SANITIZE=address,undefined builds and checks with sanitizers, beside the
# ordinary build, and so does CROSS_COMPILE=aarch64-linux-gnu- for another architecture. V=1 shows
# the commands. STATIC=no links libbsd and jansson as shared libraries.

VERSION  := 0.2.0
PREFIX   ?= /usr/local
DESTDIR  ?=
STATIC   ?= yes
SANITIZE ?=

bindir  := $(PREFIX)/bin
incdir  := $(PREFIX)/include
loaddir := $(PREFIX)/lib/bash
mandir  := $(PREFIX)/share/man
bashdir := $(PREFIX)/share/bash-completion/completions
zshdir  := $(PREFIX)/share/zsh/site-functions
fishdir := $(PREFIX)/share/fish/vendor_completions.d

comma   := ,
OUT     := .build/$(CROSS_COMPILE)$(if $(SANITIZE),$(subst $(comma),-,$(SANITIZE)),plain)
FDTOOL  := $(OUT)/fdtool

PKGCONF  := $(or $(and $(CROSS_COMPILE),$(shell command -v $(CROSS_COMPILE)pkg-config)),pkg-config)
ifeq ($(origin CC),default)
CC       := $(CROSS_COMPILE)$(if $(CROSS_COMPILE),gcc,cc)
endif
ifeq ($(origin AR),default)
AR       := $(CROSS_COMPILE)ar
endif
CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wwrite-strings \
	    -Wvla -Wformat=2 -Wswitch-enum -Wno-missing-field-initializers $(if $(CI),-Werror)
# -fPIC and hidden names: fdgrab, which bash loads, is linked of the same objects as the program
HARDEN   := -fPIC -fvisibility=hidden -fstack-protector-strong -fstack-clash-protection \
	    -ffunction-sections -fdata-sections
HARDLD   := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--gc-sections -Wl,--as-needed
ifeq ($(SANITIZE)$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),)
HARDEN   += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
ifneq ($(SANITIZE),)
HARDEN   += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=undefined
HARDLD   += -fsanitize=$(SANITIZE)
endif
# the debug information has no path of this directory, so that builds elsewhere are identical
ALL_CPPFLAGS := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -I. -DFDTOOL_VERSION='"$(VERSION)"' $(CPPFLAGS)
ALL_CFLAGS    = -std=gnu17 $(CFLAGS) $(WARNINGS) $(HARDEN) $(PROBED) '-ffile-prefix-map=$(CURDIR)=.'
ALL_LDFLAGS  := $(LDFLAGS) $(HARDLD)

# Most runs are "grab NAME -- PROGRAM", and loading all libraries would cost more
# than that whole job. So libreadline and libsmartcols are opened when the first
# prompt or table is made (cmd/prompt/readline.c, lib/out/table-smartcols.c), and the two small
# libraries are linked statically. Linking readline statically would make each start a
# tenth slower, since its tables have to be relocated.
ifeq ($(STATIC),yes)
ALL_LDLIBS := -Wl,-Bstatic -lbsd -lmd -ljansson -Wl,-Bdynamic -ldl
else
ALL_LDLIBS := -lbsd -ljansson -ldl
endif

# The programs that fdtool loads into the kernel, for root: lib/look/bpf-scan.c for "inspect" of the
# whole machine, lib/trace/bpf.c and lib/trace/passed.c for "trace". They are built if clang and libbpf's headers are
# installed; BPF=no leaves them out.
CLANG ?= clang

# What each compiler and its C library have, asked once, after the packages are installed; make
# then reads this file anew. That BPF cannot be built is asked again each time.
PROBED_CC  := $(OUT)/probed$(shell printf %s '$(CC)' | tr -c '[:alnum:]' _)
PROBED_BPF := $(PROBED_CC)_bpf_$(shell printf %s '$(CLANG)' | tr -c '[:alnum:]' _)
PROBED_BASH := $(PROBED_CC)_bash
INSTALLING := demo check check-cross check-faults check-load check-vm bench bench-vm fuzz fuzz-coverage lint
ifneq ($(filter-out clean deb check-deb dist uninstall packages-%,$(or $(MAKECMDGOALS),all)),)
include $(PROBED_CC) $(PROBED_BPF) $(PROBED_BASH)
endif

$(PROBED_CC): lib/probe | $(if $(filter $(INSTALLING),$(MAKECMDGOALS)),packages-build)
	@mkdir -p $(@D)
	@lib/probe cc '$(CC)' >$@

$(PROBED_BPF): $(PROBED_CC) $(if $(filter yes,$(BPF)),,ask)
	@lib/probe bpf '$(CC)' '$(CLANG)' >$@.new
	@cmp -s $@.new $@ || cp $@.new $@
	@rm $@.new
$(PROBED_BASH): $(PROBED_CC) $(if $(filter yes,$(FDGRAB)),,ask)
	@lib/probe bash '$(CC)' '$(PKGCONF)' >$@.new
	@cmp -s $@.new $@ || cp $@.new $@
	@rm $@.new
ask:

BPF_CFLAGS := -target bpf -mcpu=v3 -std=gnu17 -ffreestanding -O2 -g -Wall -Wextra $(if $(CI),-Werror) -I. \
	    '-ffile-prefix-map=$(CURDIR)=.'

# V=1 shows the commands.
Q    := $(if $(V),,@)
show := @printf '  %-3s %s\n'

CMD_SRC := $(sort $(filter-out cmd/fdgrab/%,$(wildcard cmd/*.c cmd/*/*.c)))
LIB_SRC := $(sort $(filter-out %.bpf.c,$(wildcard lib/*/*.c)))
CMD_OBJ := $(CMD_SRC:%.c=$(OUT)/%.o)
LIB_OBJ := $(LIB_SRC:%.c=$(OUT)/%.o)
LIB     := $(OUT)/libfdtool.a
# Linked first and together, so that the code of "grab NAME -- PROGRAM" is in few pages.
HOT_OBJ := $(addprefix $(OUT)/cmd/,main.o cli/commands.o cli/parse.o cli/options.o client/acquire.o \
	   grab/grab.o grab/become.o grab/environ.o cli/report.o)

PACKAGES := packages-check packages-fuzz packages-bench packages-deb packages-vm packages-vm-debug \
	packages-vm-arm64 packages-checkpatch
.PHONY: ask all run demo check check-faults check-load check-installed fuzz fuzz-installed fuzz-coverage fuzz-coverage-installed lint screens bench install uninstall dist clean unit \
	check-vm check-vm-installed check-cross check-cross-installed bench-vm checkpatch deb check-deb packages-build $(PACKAGES)
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules

# The builtin for bash, where bash's headers are; FDGRAB=no leaves it out.
BUILTIN := $(if $(SANITIZE)$(CROSS_COMPILE),,$(if $(filter yes,$(FDGRAB)),$(OUT)/fdgrab))
BUILTIN_OBJ := $(addprefix $(OUT)/cmd/,fdgrab/bash.o fdgrab/fdgrab.o client/acquire.o client/failed.o cli/parse.o \
	cli/options.o cli/report.o cli/usage.o cli/wrap.o)

all: $(FDTOOL) $(BUILTIN) $(if $(SANITIZE)$(CROSS_COMPILE),,fdtool)

# A link, so that ./fdtool is always the ordinary build.
fdtool: $(FDTOOL)
	@ln -sf $< $@

$(FDTOOL): $(CMD_OBJ) $(LIB)
	$(show) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(HOT_OBJ) $(LIB) \
		$(filter-out $(HOT_OBJ),$(CMD_OBJ)) $(LIB) $(ALL_LDLIBS)

# libbsd.a has versions of symbols, which a shared object cannot take over. What is not used is
# left out, with what that needs: so the undefined names that remain are bash's.
$(OUT)/fdgrab: $(BUILTIN_OBJ) $(LIB)
	$(show) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(filter-out -pie,$(HARDLD)) -shared -o $@ $^ -lbsd -ldl

# bash's headers have warnings of their own, and a config.h: only this file sees them.
$(OUT)/cmd/fdgrab/bash.o: DEFINES = $(patsubst -I%,-isystem %,$(BASH_CFLAGS))

$(LIB): $(LIB_OBJ)
	$(show) AR $@
	@rm -f $@
	$(Q)$(AR) rcsD $@ $(LIB_OBJ)

$(OUT)/%.o: %.c $(OUT)/flags
	$(show) CC $<
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(DEFINES) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# libbsd does not tell its version at run time.
$(OUT)/cmd/version.o: DEFINES = -DFDTOOL_LIBBSD='"$(shell $(PKGCONF) --modversion libbsd)"'

$(OUT)/%.bpf.o: %.bpf.c $(OUT)/flags
	$(show) BPF $<
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

ifeq ($(BPF),yes)
$(OUT)/lib/base/libbpf.o $(OUT)/lib/trace/attached.o: DEFINES = -DHAVE_BPF
$(OUT)/lib/look/bpf-scan.o: $(OUT)/lib/look/bpf-scan.bpf.o
$(OUT)/lib/look/bpf-scan.o: DEFINES = -DBPF_SCAN_OBJECT='"$(OUT)/lib/look/bpf-scan.bpf.o"'
$(OUT)/lib/trace/bpf.o: $(OUT)/lib/trace/bpf.bpf.o
$(OUT)/lib/trace/bpf.o: DEFINES = -DTRACE_OBJECT='"$(OUT)/lib/trace/bpf.bpf.o"'
$(OUT)/lib/trace/passed.o: $(OUT)/lib/trace/passed.bpf.o
$(OUT)/lib/trace/passed.o: DEFINES = -DPASSED_OBJECT='"$(OUT)/lib/trace/passed.bpf.o"'
endif

# Written only when the flags have changed, which rebuilds everything.
FLAGS := $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(ALL_LDLIBS) \
	$(if $(filter yes,$(BPF)),$(CLANG) $(BPF_CFLAGS))
ifneq ($(wildcard $(PROBED_CC)),)
ifneq ($(FLAGS),$(file <$(OUT)/flags))
$(shell mkdir -p $(OUT))
$(file >$(OUT)/flags,$(FLAGS))
endif
endif

-include $(CMD_OBJ:.o=.d) $(BUILTIN_OBJ:.o=.d) $(LIB_OBJ:.o=.d) $(OUT)/lib/look/bpf-scan.bpf.d $(OUT)/lib/trace/bpf.bpf.d $(OUT)/lib/trace/passed.bpf.d

# --- trying and testing ------------------------------------------------------

packages-build $(PACKAGES): packages-%:
	@.ci/packages $* $(if $(filter check check-faults check-load lint,$(MAKECMDGOALS)),check)
$(PACKAGES): | packages-build # dpkg has one lock

run: all
	$(FDTOOL) $(ARGS)

demo: all
	$(FDTOOL) demo --no-pause

UNIT_SRC := $(sort $(wildcard tests/unit/*.c tests/lib/*/*.c tests/cmd/*/*.c tests/fuzz/*.c))
UNIT_OBJ := $(UNIT_SRC:%.c=$(OUT)/%.o)
UNIT     := $(OUT)/unit-tests
# The parts of cmd/ that have unit tests: they draw, parse or print, and know no command.
TESTED     := $(OUT)/libtested.a
TESTED_OBJ := $(filter $(OUT)/cmd/draw/%,$(CMD_OBJ)) $(addprefix $(OUT)/cmd/,cli/color.o cli/output.o \
	      cli/report.o cli/wrap.o cli/options.o prompt/command.o prompt/expect.o prompt/flag-words.o prompt/lines.o prompt/operands.o prompt/script.o prompt/session.o prompt/unescape.o view/decode.o)

$(TESTED): $(TESTED_OBJ)
	$(show) AR $@
	@rm -f $@
	$(Q)$(AR) rcsD $@ $(TESTED_OBJ)

$(UNIT): $(UNIT_OBJ) $(TESTED) $(LIB)
	$(show) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -pthread -o $@ $(UNIT_OBJ) $(TESTED) $(LIB) $(ALL_LDLIBS)
-include $(UNIT_OBJ:.o=.d)

$(OUT)/tests/fuzz/replay.o: DEFINES = -DFUZZ_CORPUS='"$(CURDIR)/tests/fuzz/corpus"'

unit: $(UNIT)
	$(UNIT)

# Each parser of foreign input is given mutations of its corpus for FUZZ_TIME seconds.
FUZZ_TIME  ?= 60
FUZZ_NAMES := $(patsubst tests/fuzz/%-fuzz.c,%,$(wildcard tests/fuzz/*-fuzz.c))
FUZZ_WITH  := fuzzer-no-link,address,undefined

fuzz: packages-fuzz
	@$(MAKE) --no-print-directory CC=$(CLANG) SANITIZE=$(FUZZ_WITH) fuzz-installed

fuzz-installed: $(FUZZ_NAMES:%=$(OUT)/fuzz/%)
	@for name in $(FUZZ_NAMES); do \
		echo "# $$name"; mkdir -p $(OUT)/fuzz/found/$$name; \
		$(OUT)/fuzz/$$name -max_len=2048 -max_total_time=$(FUZZ_TIME) -timeout=10 -verbosity=0 -print_final_stats=1 \
			-artifact_prefix=$(OUT)/fuzz/$$name- $(OUT)/fuzz/found/$$name tests/fuzz/corpus/$$name || exit 1; \
	done

# How much of each parser its corpus reaches.
fuzz-coverage: packages-fuzz
	@$(MAKE) --no-print-directory CC=$(CLANG) SANITIZE=fuzzer-no-link fuzz-coverage-installed \
		CFLAGS='-O0 -g -fprofile-instr-generate -fcoverage-mapping'

fuzz-coverage-installed: $(FUZZ_NAMES:%=$(OUT)/fuzz/%)
	tests/fuzz/coverage $(OUT)/fuzz

$(OUT)/fuzz/%: tests/fuzz/%-fuzz.c tests/fuzz/replay.c tests/fuzz/fuzz.h $(TESTED) $(LIB)
	$(show) LD $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) -DLIBFUZZER $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ \
		$(filter %.c,$^) $(TESTED) $(LIB) $(ALL_LDLIBS)

# Each system call of a command fails in turn, and the command is killed there: minutes.
check-faults: packages-check all
	tests/faults/inject $(FDTOOL)

# Load and churn at once, while inspect looks LOOKS times in each way: minutes.
check-load: packages-check all
	tests/load/run $(FDTOOL)

# TESTS="tests/cmd/grab.bats" runs only this file of the shell tests.
# In a second make, since the packages installed by the first decide what is built.
check: packages-check
	@$(MAKE) --no-print-directory check-installed

check-installed: lint all $(UNIT)
	tests/run $(FDTOOL) $(UNIT) $(TESTS)

# Writes the terminals in README.md and their picture again, from real terminals: tests/readme.bats.
screens: all
	WRITE_README=yes FDTOOL=$(FDTOOL) LC_ALL=C.UTF-8 bats tests/readme.bats

# Tests the driver, and the tests of the suite that use it, in a virtual machine.
# KERNEL is 6.12 (the default), 6.1, or debug (KASAN, lockdep), which is slow. With ARCH=arm64 it
# is 6.12, 6.12-16k (pages of 16 KiB) or 6.1, and everything is built for it.
ARCH   ?= amd64
FOREIGN = tests/foreign/make $(ARCH)
check-vm: packages-vm$(if $(filter debug,$(KERNEL)),-debug)$(if $(filter-out amd64,$(ARCH)),-$(ARCH))
	@$(if $(filter amd64,$(ARCH)),$(MAKE) --no-print-directory,$(FOREIGN)) check-vm-installed

check-vm-installed: all $(UNIT)
	CC='$(CC)' CROSS_COMPILE='$(CROSS_COMPILE)' ARCH=$(ARCH) ROOT='$(ROOT)' tests/vm/run $(FDTOOL) $(UNIT) $(KERNEL)

# Builds for another architecture without a warning, and runs the unit tests by qemu-user, which
# lacks some system calls: ARCH=arm64 (the default here), armhf or i386.
check-cross: ARCH = arm64
check-cross:
	@.ci/packages cross-$(ARCH)
	@CI=true $(FOREIGN) check-cross-installed

check-cross-installed: all $(UNIT)
	tests/foreign/check $(ARCH) $(UNIT)

# Measures how many events a second a tail gets through the driver, in a guest.
bench-vm:
	@$(MAKE) --no-print-directory check-vm SUITE=figures

# Runs the kernel's checkpatch.pl on the driver. (check-vm runs sparse.)
checkpatch: packages-checkpatch
	tests/vm/checkpatch

lint: packages-check | packages-build
	CC='$(CC)' tests/lint

bench: packages-bench all
	CC='$(CC)' tests/bench/run $(FDTOOL) $(OUT)/bench
	CC='$(CC)' tests/bench/inspect $(FDTOOL) $(OUT)/bench
	CC='$(CC)' tests/bench/questions $(FDTOOL) $(OUT)/bench
	CC='$(CC)' tests/bench/trace $(FDTOOL) $(OUT)/bench

COMPILE = $(CC) $(ALL_CPPFLAGS) -DFDTOOL_LIBBSD='""' $(ALL_CFLAGS)
compile_commands.json: Makefile
	@command='$(subst ','\'',$(subst ",\",$(COMPILE)))'; \
	{ s='['; for f in $(CMD_SRC) $(LIB_SRC) $(UNIT_SRC); do \
		printf '%s{"directory":"%s","file":"%s","command":"%s -c %s"}\n' \
			"$$s" '$(CURDIR)' $$f "$$command" $$f; s=,; \
	done; echo ']'; } > $@

# --- installing ----------------------------------------------------------------

TO := '$(DESTDIR)'

install: all
	install -d $(TO)$(bindir) $(TO)$(incdir) $(TO)$(mandir)/man1 $(TO)$(mandir)/man3 \
		$(TO)$(mandir)/man4 $(TO)$(mandir)/man7 $(TO)$(bashdir) $(TO)$(zshdir) $(TO)$(fishdir)
	install -m 755 $(FDTOOL) $(TO)$(bindir)/fdtool
	$(if $(BUILTIN),install -d $(TO)$(loaddir))
	$(if $(BUILTIN),install -m 644 $(BUILTIN) $(TO)$(loaddir)/fdgrab)
	install -m 644 lib/fdtool.h $(TO)$(incdir)/fdtool.h
	install -m 644 man/*.1 $(TO)$(mandir)/man1
	install -m 644 man/*.3 $(TO)$(mandir)/man3
	install -m 644 man/*.4 $(TO)$(mandir)/man4
	install -m 644 man/*.7 $(TO)$(mandir)/man7
	install -m 644 completions/fdtool.bash $(TO)$(bashdir)/fdtool
	install -m 644 completions/_fdtool $(TO)$(zshdir)/_fdtool
	install -m 644 completions/fdtool.fish $(TO)$(fishdir)/fdtool.fish

uninstall:
	rm -f $(TO)$(bindir)/fdtool $(TO)$(incdir)/fdtool.h $(TO)$(loaddir)/fdgrab $(TO)$(bashdir)/fdtool $(TO)$(zshdir)/_fdtool \
		$(TO)$(fishdir)/fdtool.fish \
		$(patsubst man/%,$(TO)$(mandir)/man1/%,$(wildcard man/*.1)) \
		$(patsubst man/%,$(TO)$(mandir)/man3/%,$(wildcard man/*.3)) \
		$(patsubst man/%,$(TO)$(mandir)/man4/%,$(wildcard man/*.4)) \
		$(patsubst man/%,$(TO)$(mandir)/man7/%,$(wildcard man/*.7))

dist:
	@[ -e .git ] || { echo 'make dist: this is no checkout: git(1) knows what belongs to it' >&2; exit 1; }
	git archive --prefix=fdtool-$(VERSION)/ -o fdtool-$(VERSION).tar.gz HEAD

# fdtool and mypoll-dkms, and the source package, from a copy of this directory.
deb: packages-deb
	tests/deb/build .build/deb

check-deb: packages-deb
	tests/deb/check .build/deb

clean:
	rm -rf .build fdtool compile_commands.json fdtool-*.tar.gz

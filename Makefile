# SPDX-License-Identifier: GPL-3.0-or-later
#
# make            build ./fdtool            make demo    build it and show its main job
# make check      run every test            make lint    what reads the code and the manual
# make install    PREFIX, DESTDIR           make bench   how fast, beside others
#
# SANITIZE=address,undefined builds and checks with sanitizers, beside the
# ordinary build. STATIC=no links libbsd and jansson as shared libraries.

VERSION  := 0.1.0
PREFIX   ?= /usr/local
DESTDIR  ?=
STATIC   ?= yes
SANITIZE ?=

bindir  := $(PREFIX)/bin
mandir  := $(PREFIX)/share/man
bashdir := $(PREFIX)/share/bash-completion/completions
zshdir  := $(PREFIX)/share/zsh/site-functions
fishdir := $(PREFIX)/share/fish/vendor_completions.d

comma   := ,
OUT     := .build/$(if $(SANITIZE),$(subst $(comma),-,$(SANITIZE)),plain)
FDTOOL  := $(OUT)/fdtool

PKGCONF  := pkg-config
CC       ?= cc
CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wwrite-strings \
	    -Wvla -Wformat=2 -Wswitch-enum -Wno-missing-field-initializers $(if $(CI),-Werror)
HARDEN   := -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection \
	    -ffunction-sections -fdata-sections
HARDLD   := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--gc-sections -Wl,--as-needed
ifeq ($(SANITIZE),)
HARDEN   += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
else
HARDEN   += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=undefined
HARDLD   += -fsanitize=$(SANITIZE)
endif
# the source's place is left out of the debug information, so that a build can be repeated elsewhere
ALL_CPPFLAGS := -D_GNU_SOURCE -I. -DFDTOOL_VERSION='"$(VERSION)"' $(CPPFLAGS)
ALL_CFLAGS   := -std=gnu17 $(CFLAGS) $(WARNINGS) $(HARDEN) -ffile-prefix-map=$(CURDIR)=.
ALL_LDFLAGS  := $(LDFLAGS) $(HARDLD)

# Most runs are "grab NAME -- PROGRAM", and loading the shared libraries would
# cost more than that whole job: so the archives are linked in, libc stays
# shared, and libsmartcols, which has no archive, is opened when a table is made.
ifeq ($(STATIC),yes)
ALL_LDLIBS := -Wl,-Bstatic -lbsd -lmd -ljansson -Wl,-Bdynamic
else
ALL_LDLIBS := -lbsd -ljansson
endif

CMD_SRC := $(sort $(wildcard cmd/*.c))
LIB_SRC := $(sort $(wildcard lib/*.c))
CMD_OBJ := $(CMD_SRC:%.c=$(OUT)/%.o)
LIB_OBJ := $(LIB_SRC:%.c=$(OUT)/%.o)
LIB     := $(OUT)/libfdtool.a

.PHONY: all run demo check lint style bench install uninstall dist clean packages-build \
	packages-check packages-bench unit
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

all: $(FDTOOL) $(if $(SANITIZE),,fdtool)

# A link, so that the name at the top is always the ordinary build.
fdtool: $(FDTOOL)
	@ln -sf $< $@

$(FDTOOL): $(CMD_OBJ) $(LIB)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(CMD_OBJ) $(LIB) $(ALL_LDLIBS)

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(AR) rcsD $@ $(LIB_OBJ)

$(OUT)/%.o: %.c $(OUT)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/cmd/help.o: private ALL_CPPFLAGS += -DFDTOOL_LIBBSD='"$(shell $(PKGCONF) --modversion libbsd)"'

# Changes only when the flags do: then everything is built anew.
FLAGS := $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(ALL_LDLIBS)
$(OUT)/flags: .FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS))' > $@
.FORCE:

-include $(CMD_OBJ:.o=.d) $(LIB_OBJ:.o=.d)

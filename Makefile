# SPDX-License-Identifier: Apache-2.0
# Sekisho.  'make' builds, 'make demo' shows, 'make check' proves, 'make help' lists the rest.
# Whatever is made lands in build/.  config.mk, if there is one, overrides.

CC      ?= cc
CFLAGS  ?= -O2 -g
PREFIX  ?= /usr/local
DESTDIR ?=
SAN     ?=
VERSION := 0.1.0
-include config.mk

# A folder of PARTS with all below it becomes one archive; stands before what it may include.
PARTS    := common store sensor correlator dashboards/console tool
PROGRAMS := sensor correlator console tool
sensor_MAIN     := sensor/main
correlator_MAIN := correlator/main
console_MAIN    := dashboards/console/main
tool_MAIN       := tool/main
sensor_PARTS     := sensor store common
correlator_PARTS := correlator store common
console_PARTS    := dashboards/console store common
tool_PARTS       := tool correlator sensor store common
BASE_LIBS       := sqlite3 libzstd libcrypto yaml-0.1 jansson libpcre2-8 libseccomp libcap-ng
sensor_LIBS     := libpcap libndpi libevent libssl expat $(BASE_LIBS)
correlator_LIBS := libevent_openssl libevent libssl $(BASE_LIBS)
console_LIBS    := libevent libsodium $(BASE_LIBS)
tool_LIBS       := pangocairo libpcap libndpi libevent_openssl libevent libsodium libssl expat $(BASE_LIBS)
tests_LIBS      := cmocka $(tool_LIBS)
ALL_LIBS        := $(sort $(tests_LIBS))

comma := ,
# another nDPI than Debian's, built outside the tree: docs/NDPI.md
NDPI_PREFIX ?=
B     := build/$(notdir $(firstword $(CC)))-$(or $(subst $(comma),-,$(SAN)),plain)$(if $(NDPI_PREFIX),-ndpi)
PKG_CONFIG := $(if $(NDPI_PREFIX),PKG_CONFIG_PATH=$(NDPI_PREFIX)/lib/pkgconfig) pkg-config
STD   := -std=c17 -D_GNU_SOURCE -DSEKISHO_VERSION='"$(VERSION)"' -I. -I$B/gen -MMD -MP
WARN  := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
         -Wconversion -Wvla -Wwrite-strings -Wpointer-arith -Werror
HARD  := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer -DSEKISHO_SANITIZED=1,\
         -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE)
INCS  := $(shell $(PKG_CONFIG) --cflags-only-I $(ALL_LIBS) 2>/dev/null | sed 's/-I/-isystem /g')

# A module is a .c in its folder; a test is a test_*.c; a fuzz target is a fuzz_*.c.  Nobody keeps lists.
sources  = $(filter-out %/main.c,$(shell find $1 -name '*.c' 2>/dev/null | sort))
archive  = $B/$(subst /,-,$1).a
UNITS   := $(patsubst %.c,$B/%,$(wildcard tests/unit/test_*.c))
TARGETS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
BENCHES := $(patsubst %.c,$B/%,$(wildcard tests/bench/bench_*.c))
HELPERS := $(patsubst %.c,$B/%,$(wildcard tests/tools/*.c))
HEADERS := $(shell find $(PARTS) -name '*.h' 2>/dev/null | sort)
SQL     := $(wildcard store/schema/*.sql)
libs     = $(shell $(PKG_CONFIG) --libs $($1_LIBS)) $(if $(NDPI_PREFIX),-Wl$(comma)-rpath$(comma)$(NDPI_PREFIX)/lib) -lm -lpthread
say      = $(if $(V),,@echo '  $1	$@';)

.PHONY: all check ci unit replay headers layers spdx format fuzz bench demo web docs install clean index help test-programs
.SECONDARY:
all: $B/sekisho-sensor $B/sekisho-correlator $B/sekisho-console $B/sekisho ## build the four programs

$B/sekisho-sensor $B/sekisho-correlator $B/sekisho-console: $B/sekisho-%:
	$(call say,LINK)$(CC) $(HARD) $(LDFLAGS) -o $@ $^ $(call libs,$*)
$B/sekisho:
	$(call say,LINK)$(CC) $(HARD) $(LDFLAGS) -o $@ $^ $(call libs,tool)
$B/sekisho-sensor: $B/$(sensor_MAIN).o $(foreach p,$(sensor_PARTS),$(call archive,$p))
$B/sekisho-correlator: $B/$(correlator_MAIN).o $(foreach p,$(correlator_PARTS),$(call archive,$p))
$B/sekisho-console: $B/$(console_MAIN).o $(foreach p,$(console_PARTS),$(call archive,$p))
$B/sekisho: $B/$(tool_MAIN).o $(foreach p,$(tool_PARTS),$(call archive,$p))

# Downstream first, so that the linker finds what each part needs behind it.
ARCHIVES := $(foreach p,tool dashboards/console correlator sensor store common,$(call archive,$p))
$B/tests/unit/%: $B/tests/unit/%.o $(ARCHIVES)
	$(call say,LINK)$(CC) $(HARD) $(LDFLAGS) -o $@ $^ $(call libs,tests)
$B/tests/bench/%: $B/tests/bench/%.o $(ARCHIVES)
	$(call say,LINK)$(CC) $(HARD) $(LDFLAGS) -o $@ $^ $(call libs,tests)
$B/tests/tools/%: $B/tests/tools/%.o $(ARCHIVES)
	$(call say,LINK)$(CC) $(HARD) $(LDFLAGS) -o $@ $^ $(call libs,tests)
$B/tests/fuzz/replay_%: $B/tests/fuzz/fuzz_%.o $B/tests/fuzz/replay.o $(ARCHIVES)
	$(call say,LINK)$(CC) $(HARD) $(LDFLAGS) -o $@ $^ $(call libs,tests)

define part
$(call archive,$1): $(patsubst %.c,$B/%.o,$(call sources,$1))
	$$(call say,AR)rm -f $$@ && $$(AR) rcs $$@ $$^
endef
$(foreach p,$(PARTS),$(eval $(call part,$p)))
$B/%.o: %.c Makefile $B/gen/schema.h
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(STD) $(INCS) $(WARN) $(HARD) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$B/gen/schema.h: store/schema/embed.awk $(SQL)
	@mkdir -p $(@D)
	$(call say,GEN)awk -f store/schema/embed.awk $(SQL) > $@.new && mv $@.new $@

test-programs: $(UNITS) $(TARGETS:%=$B/tests/fuzz/replay_%) $(HELPERS) ## build all that tests run
check:                                        ## install what is missing, build with sanitizers by gcc and clang, run every test
	@tests/check.sh
unit: $(UNITS)                                ## cmocka tests of this build, one program a module
	@set -e; for test in $^; do $$test; done
replay: $(TARGETS:%=$B/tests/fuzz/replay_%)   ## saved fuzz inputs, without a fuzzer
	@set -e; for t in $(TARGETS); do $B/tests/fuzz/replay_$$t tests/fuzz/corpus/$$t/*; done
headers: $(HEADERS:%=$B/%.alone)              ## each header compiles by itself
$B/%.h.alone: %.h $B/gen/schema.h
	@mkdir -p $(@D)
	$(call say,HDR)$(CC) $(STD) $(INCS) $(WARN) -MF $@.d -MT $@ -fsyntax-only -include $< -xc /dev/null && touch $@
layers:                                       ## includes point upstream only, libraries have doors
	@awk -f tests/layers.awk tests/layers.txt $$(find $(PARTS) -name '*.[ch]')
spdx:                                         ## every source says its licence
	@tests/spdx.sh
format:                                       ## let clang-format lay it out
	clang-format -i $(shell find $(PARTS) tests -name '*.[ch]')
fuzz: $B/gen/schema.h                         ## make fuzz T=decode TIME=60 (clang)
	@mkdir -p build/fuzz/$T.corpus tests/fuzz/corpus/$T
	clang $(filter-out -M%,$(STD)) $(INCS) -g -O1 -fsanitize=fuzzer,address,undefined -o build/fuzz/$T tests/fuzz/fuzz_$T.c \
		$(foreach p,$(PARTS),$(call sources,$p)) $(call libs,tests)
	build/fuzz/$T -max_total_time=$(or $(TIME),60) -max_len=65536 build/fuzz/$T.corpus tests/fuzz/corpus/$T
bench: all $(BENCHES)                         ## measure against floors and peers, print ratios
	@tests/bench/run.sh
demo:                                         ## install what is missing, build, run the main job on real packets, open the console
	@tests/demo/demo.sh
web:                                          ## bundle the console's page into dashboards/web/dist
	@cd dashboards/web && npm ci --ignore-scripts --no-audit --no-fund && node build.mjs
docs: all                                     ## what is made from tables: records, schema, etc/*.yaml, options of man pages
	$B/sekisho schema --markdown > docs/RECORDS.md
	$B/sekisho schema > docs/record.schema.json
	@B='$B' tests/tools/from_tables.sh
	@PLAIN='$B' tests/system/test_man_pages.sh --write
install: all                                  ## make install DESTDIR= PREFIX=
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' B='$B' tests/install.sh
index:                                        ## every file with its one sentence
	@for f in $$(find $(PARTS) -name '*.[ch]' | sort); do sed -n "2,3s|^[/ ]\*\{1,2\} *\([a-z_0-9]*: .*\)|$$f  \1|p" $$f | sed 's| \*/$$||' | head -1; done
clean:                                        ## remove what was built
	rm -rf build
help:                                         ## this list
	@sed -n 's/^\([a-z-]*\):.*## */\1\t/p' Makefile | expand -t18

-include $(shell find $B -name '*.d' 2>/dev/null)

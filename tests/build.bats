#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The Makefile: a build can be repeated; the right files are installed.

load helper

test_setup() {
	SOURCE=$(realpath "$TESTDIR/..")
	unset MAKEFLAGS MAKELEVEL MFLAGS SANITIZE TESTS # set by the make that runs the tests
}

copy_to() { # DIR: copies the files that a build reads
	mkdir -p "$1"
	cp -r "$SOURCE"/{Makefile,.ci,cmd,lib,man,completions} "$1"
}

@test "make: the same program from another place, with no warning, and nothing to do again" {
	copy_to one
	copy_to "another place"
	export CI=true # makes warnings errors
	run make -s --no-print-directory -j2 -C one show=@:
	assert_success
	assert_output ''
	run make -s --no-print-directory -C "another place" show=@:
	assert_success
	cmp one/.build/plain/fdtool "another place"/.build/plain/fdtool
	run make -q -C one
	assert_success

	touch one/lib/base/fd.h
	run make -n -C one
	assert_output --partial cmd/grab/become.c
	refute_output --partial lib/base/times.c # which does not include fd.h
}

@test "make: other flags build anew" {
	copy_to one
	make -s -j2 -C one CFLAGS='-O1 -flto'
	run one/fdtool --version
	assert_success
	run make -n -C one CFLAGS=-O0
	assert_output --partial lib/base/times.c
}

@test "make: a _FORTIFY_SOURCE of the user stays" {
	copy_to one
	run make -n -C one V=1
	assert_output --partial -D_FORTIFY_SOURCE=2
	local flags
	for flags in CPPFLAGS CFLAGS; do
		run make -n -C one V=1 "$flags=-O2 -D_FORTIFY_SOURCE=3"
		refute_output --partial -D_FORTIFY_SOURCE=2
		refute_output --partial -U_FORTIFY_SOURCE
	done
}

@test "make: clang has no warning either" {
	copy_to one
	CI=true run make -s --no-print-directory -j2 -C one show=@: CC=clang CFLAGS=-O1
	assert_success
	assert_output ''
	run one/fdtool --version
	assert_success
}

@test "make: without clang, what looks at everything by BPF is left out" {
	copy_to one
	run make -s -C one BPF=no .build/plain/lib/look/bpf-scan.o
	assert_success
	[ ! -e one/.build/plain/lib/look/bpf-scan.bpf.o ]
	run strings one/.build/plain/lib/look/bpf-scan.o
	assert_line 'built without BPF'
	run make -s -C one CLANG=no-such-clang -n .build/plain/lib/look/bpf-scan.o
	refute_output --partial bpf-scan.bpf
	run make -s -C one .build/plain/lib/look/bpf-scan.o # clang is found now
	assert_success
	[ -e one/.build/plain/lib/look/bpf-scan.bpf.o ]
	run strings one/.build/plain/lib/look/bpf-scan.o
	refute_line 'built without BPF'
	refute_output --partial "$T"
}

@test "make install: program, manual and completions; uninstall takes all of it away" {
	copy_to one
	make -s -j2 -C one install PREFIX=/usr DESTDIR="$T/the root"
	run "$T/the root/usr/bin/fdtool" --version
	assert_success
	[ -f "$T/the root"/usr/share/man/man1/fdtool-grab.1 ]
	[ -f "$T/the root"/usr/share/man/man3/fdtool_grab.3 ]
	[ -f "$T/the root"/usr/share/man/man7/fdtool-protocol.7 ]
	cmp "$T/the root"/usr/include/fdtool.h "$SOURCE/lib/fdtool.h"
	[ -f "$T/the root"/usr/share/bash-completion/completions/fdtool ]
	[ -f "$T/the root"/usr/share/zsh/site-functions/_fdtool ]
	[ -f "$T/the root"/usr/share/fish/vendor_completions.d/fdtool.fish ]
	[ ! -e one/.build/plain/fdgrab ] || cmp one/.build/plain/fdgrab "$T/the root"/usr/lib/bash/fdgrab
	make -s -C one uninstall PREFIX=/usr DESTDIR="$T/the root"
	run find "$T/the root" -type f
	assert_output ''
}

@test "the program is hardened, and starts without the libraries of tables" {
	run readelf -dW "$FDTOOL"
	assert_success
	assert_output --partial 'BIND_NOW'
	assert_output --partial 'PIE'
	refute_output --regexp 'NEEDED.*(readline|smartcols|jansson|bsd)'
	run readelf -lW "$FDTOOL"
	assert_output --partial 'GNU_RELRO'
	assert_output --regexp 'GNU_STACK[^\n]* RW '
}

@test "what it opens at run time is said in the section .note.dlopen" {
	objcopy -O binary --only-section=.note.dlopen "$FDTOOL" "$T/notes"
	grep -aoE '\[\{"soname":.*","priority":"[a-z]+"\}\]' "$T/notes" >"$T/json"
	jq -r '.[].soname[]' "$T/json" | sort >"$T/said"
	sed -n 's/^#define LIBRARY "\(.*\)"/\1/p' "$TESTDIR"/../{lib,cmd}/*/*.c | sort >"$T/opened"
	"$FDTOOL" --version | grep -q 'libbpf (not built in)' && sed -i /libbpf/d "$T/opened" # built without BPF
	[ -s "$T/said" ]
	diff "$T/opened" "$T/said"
	local library
	while read -r library; do # and the Debian package depends on it, or suggests it
		grep -qE "\b${library/.so./}\b" "$TESTDIR/../debian/control"
	done <"$T/said"
}

@test "the version is the same wherever it stands" {
	local version top=$TESTDIR/..
	version=$(sed -n 's/^VERSION *:= *//p' "$top/Makefile")
	grep -qxF "PACKAGE_VERSION=\"$version\"" "$top/driver/dkms.conf"
	grep -qF "dkms install mypoll/$version " "$top/driver/dkms.conf"
	grep -qF "dkms install mypoll/$version\`" "$top/README.md"
	run grep -m 1 '^## ' "$top/NEWS.md"
	assert_output "## $version"
	run head -n 1 "$top/debian/changelog"
	assert_output --partial "fdtool ($version)"
}

@test "make dist: where there is no checkout it says so, and makes nothing" {
	copy_to one
	run make -s -C one dist
	assert_failure
	assert_output --partial 'this is no checkout'
	[ -z "$(find one -name '*.tar.gz')" ]
}

@test "make dist: the tarball of the last commit" {
	command -v git >/dev/null || skip 'needs git'
	copy_to one
	git init -q one
	git -C one add -A
	git -C one -c user.name=me -c user.email=me commit -qm all
	make -s -C one dist
	tar -tzf one/fdtool-*.tar.gz | grep -q '/cmd/main.c$'
}

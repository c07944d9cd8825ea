#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# inspect --deleted: open files without a name; --mapped: who has an inode mapped, but no descriptor.

bats_require_minimum_version 1.5.0
load ../helper

# python CODE: starts it; mapped(fd) maps without a descriptor, unlike mmap.mmap. It prints a line.
python() {
	rm -f out
	start python3 -c "import ctypes, os, time
libc = ctypes.CDLL(None)
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
def mapped(fd):
	libc.mmap(None, 4096, 1, 1, fd, 0)
$1
time.sleep(60)" >out
	until_true test -s out
}

@test "--deleted: the largest first, each inode counted once, and how to free it" {
	python 'large = os.open("large", os.O_RDWR | os.O_CREAT)
os.write(large, b"x" * 500000)
again = os.open("large", os.O_RDONLY)
small = os.open("small", os.O_RDWR | os.O_CREAT)
os.write(small, b"x")
kept = os.open("kept", os.O_RDWR | os.O_CREAT)
os.link("kept", "name")
memory = os.memfd_create("memory")
size = sum(os.fstat(fd).st_blocks * 512 for fd in (large, small))
for name in ("large", "small", "kept"):
	os.unlink(name)
print(large, again, small, size, flush=True)'
	local pid=${STARTED[-1]} large again small size
	read -r large again small size <out
	run -0 --separate-stderr fdtool inspect --deleted "$pid"
	assert_line --index 0 --regexp '^OFD +PID COMMAND FD MODE ALLOCATED NAME$'
	assert_line --index 1 --regexp "^A +$pid python3 +$large rw +[0-9]+ $T/large \(deleted\)$"
	assert_line --index 2 --regexp "^B +$pid python3 +$again r +[0-9]+ $T/large \(deleted\)$"
	assert_line --index 3 --regexp "^C +$pid python3 +$small rw +[0-9]+ $T/small \(deleted\)$"
	assert_line --index 4 "2 files without a name: truncating them would free $size bytes, the first by 'truncate -s 0 /proc/$pid/fd/$large'"
	assert_equal "${#lines[@]}" 5
	truncate -s 0 "/proc/$pid/fd/$large"
	run -0 --separate-stderr fdtool inspect --deleted -nr -o FD,ALLOCATED "$pid"
	assert_line --index 0 --regexp "^$small "
	run -0 --separate-stderr fdtool inspect --deleted -nr -o PID,FD
	assert_line "$pid $small"
	run -0 --separate-stderr fdtool inspect --deleted --json "$pid"
	json '.[0].descriptions | length == 3'
	run -0 --separate-stderr fdtool inspect --deleted $$
	assert_output --partial 'no open file is without a name'
}

@test "--deleted: a log that was removed, and the ones that still write to it" {
	start bash -c 'exec 7>>app.log; rm app.log; echo x >&7; sleep 60 & echo $! >child; trap "kill $!" TERM; wait'
	until_true test -s child
	run -0 --separate-stderr fdtool inspect --deleted
	assert_line --regexp "^.*[A-Z]+ +${STARTED[-1]} bash +7 w +4096 $T/app.log \(deleted\)$"
	assert_line --regexp "^.*[A-Z]+ +$(<child) sleep +7 w +4096 $T/app.log \(deleted\)$"
}

@test "a memfd, and a deleted file, that others only have mapped" {
	python 'memory = os.memfd_create("pool")
os.ftruncate(memory, 4096)
gone = os.open("gone", os.O_RDWR | os.O_CREAT)
os.ftruncate(gone, 4096)
os.unlink("gone")
ready, done = os.pipe()
mapper = os.fork()
if mapper == 0:
	mapped(memory)
	mapped(gone)
	os.close(memory)
	os.close(gone)
	os.write(done, b"x")
	time.sleep(60)
os.read(ready, 1)
print(memory, gone, mapper, flush=True)'
	local pid=${STARTED[-1]} memory gone mapper
	read -r memory gone mapper <out
	run -0 --separate-stderr fdtool inspect "$pid:$memory"
	assert_line "A: mapped without a descriptor by python3 $mapper"
	run -0 --separate-stderr fdtool inspect --deleted "$pid"
	assert_line "A: mapped without a descriptor by python3 $mapper"
	run -0 --separate-stderr fdtool inspect --json "$pid:$memory"
	json ".[0].descriptions[0].mappers == [{\"pid\": $mapper, \"command\": \"python3\"}]"
	kill "$mapper"
}

@test "--mapped: of any file; and of one that nobody has open" {
	truncate -s 4096 file
	python 'fd = os.open("file", os.O_RDONLY)
mapped(fd)
os.close(fd)
print(flush=True)'
	local mapper=${STARTED[-1]}
	run -4 fdtool inspect -q ./file
	assert_line --index 0 'fdtool inspect: ./file: nobody has it open'
	assert_line --index 1 "  python3 $mapper has it mapped"
	exec {fd}<file
	run -0 --separate-stderr fdtool inspect --mapped "$$:$fd"
	assert_line "A: mapped without a descriptor by python3 $mapper"
	run -0 --separate-stderr fdtool inspect "$$:$fd"
	refute_output --partial mapped
	exec {fd}<&-
}

@test "--mapped on overlayfs, where maps has another device than stat" {
	needs_namespaces
	run -0 unshare -m bash -c 'mkdir mnt && mount -t tmpfs none mnt && cd mnt && mkdir low up work on &&
		truncate -s 4096 low/file && mount -t overlay none -o lowerdir=low,upperdir=up,workdir=work on &&
		python3 -c "import ctypes, os, subprocess, sys
libc = ctypes.CDLL(None)
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
fd = os.open(\"on/file\", os.O_RDONLY)
libc.mmap(None, 4096, 1, 1, fd, 0)
os.close(fd)
print(os.getpid(), flush=True)
sys.exit(subprocess.run([os.environ[\"FDTOOL\"], \"inspect\", \"-q\", \"on/file\"]).returncode != 4)"'
	assert_line --index -1 "  python3 ${lines[0]} has it mapped"
}

@test "--deleted and --mapped do not go with --limits" {
	run -2 fdtool inspect --limits --deleted fd:0
	run -2 fdtool inspect --limits --mapped fd:0
}

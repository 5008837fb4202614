#!/bin/bash
# shellcheck disable=SC2317 # workloads are called by name
# workload.sh [NAME...]: in the guest. One recording, $OUT/clean.nsn, of everything a healthy kernel may meet;
# $OUT/phases has "NAME START STATUS" (ns of CLOCK_MONOTONIC) of each workload. A workload's status is 0 when
# it did what it is meant to show; "skipped" with a reason on the same line when this kernel or server cannot.
set -uo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

base=vers=3.1.1,sign
other=/mnt/other
all=(mixed-io tree metadata enospc small-io large-io cache-none cache-loose seal many-mounts locks change-notify signals
	slow-server reconnect-soft reconnect-hard retries multichannel ranges lock-at-end smb-2.0.2 smb-2.1 ksmbd aio
	fscache p9-none p9-readahead p9-mmap p9-loose p9-fscache)

now() {
	local up
	read -r up _ </proc/uptime
	echo "${up/./}0000000"
}

skip() {
	echo "$*" >"$OUT/why"
	return 77
}

fresh() { echo 3 >/proc/sys/vm/drop_caches; }

# on OPTIONS COMMAND...: on a mount, and a connection, of its own
on() {
	local status=0
	mkdir -p "$other"
	smb_mount "$base,nosharesock,$1" "$other" || return
	"${@:2}" || status=$?
	smb_umount "$other" || return
	return "$status"
}

# copy MIB: written, read back uncached, buffered and direct
copy() {
	dd if="$SRV/data" of="$other/copy" bs=1M count="$1" conv=fsync status=none && fresh &&
		cmp -n "$(($1 << 20))" "$SRV/data" "$other/copy" &&
		dd if="$SRV/data" of="$other/direct" bs=1M count="$1" oflag=direct status=none &&
		dd if="$other/direct" bs=1M iflag=direct status=none | cmp -n "$(($1 << 20))" - "$SRV/data"
	local status=$?
	rm -f "$other/copy" "$other/direct"
	return "$status"
}

verify() {
	local common=(--directory="$other" --size=4m --bs=64k --verify=crc32c --do_verify=1 --output=/dev/null)
	fio "${common[@]}" --name=buffered --rw=randwrite --direct=0 --fsync_on_close=1 &&
		fio "${common[@]}" --name=direct --rw=randwrite --direct=1 --ioengine=psync &&
		fio "${common[@]}" --name=mixed --rw=randrw --direct=0
}

mixed-io() { on cache=strict verify; }

copy_tree() { cp -r "$SRV/from" "$other/to" && fresh && diff -r "$SRV/from" "$other/to"; }

tree() {
	local i
	mkdir -p "$SRV/from"
	for i in {1..40}; do
		mkdir -p "$SRV/from/d$((i % 7))"
		head -c $((i * i * 97)) "$SRV/data" >"$SRV/from/d$((i % 7))/f$i"
	done
	on cache=strict copy_tree
}

churn() {
	local i
	for i in {1..60}; do
		: >"$other/m$i" && mv "$other/m$i" "$other/n$i" && chmod 600 "$other/n$i" && stat "$other/n$i" || return
	done >/dev/null
	ls -l "$other" >/dev/null && rm "$other"/n{1..60}
}

metadata() { on cache=strict churn; }

full() {
	! dd if="$SRV/data" of="$other/small/w" bs=64K oflag=direct status=none 2>/dev/null &&
		! dd if="$SRV/data" of="$other/small/b" bs=64K conv=fsync status=none 2>/dev/null
}

enospc() {
	mkdir -p "$SRV/small"
	mount -t tmpfs -o size=512k small "$SRV/small" || return
	on cache=strict full
	local status=$?
	umount "$SRV/small"
	return "$status"
}

small-io() { on rsize=4096,wsize=4096 copy 1 && on rsize=65536,wsize=65536 copy 4; }
large-io() { on rsize=4194304,wsize=4194304 copy 16; }
cache-none() { on cache=none copy 4; }
cache-loose() { on cache=loose copy 4; }
seal() { on seal copy 4; }

# Three mounts on the connection of the first, all at work.
many-mounts() {
	local status=0 i pids=()
	for i in 1 2 3; do
		mkdir -p "$SRV/sub$i" "$other$i"
		mount -t cifs "//127.0.0.1/share/sub$i" "$other$i" -o "username=root,password=pw,$base" || return
		{ dd if="$SRV/data" of="$other$i/f" bs=1M count=4 conv=fsync status=none && fresh && cmp -n 4194304 "$SRV/data" "$other$i/f"; } &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" || status=$?; done
	for i in 1 2 3; do umount "$other$i" || status=$?; done
	return "$status"
}

contend() {
	local status=0 holder waiter
	: >"$other/lock"
	flock "$MNT/lock" sleep 3 &
	holder=$!
	sleep 1
	flock "$other/lock" true & # waits for two seconds
	waiter=$!
	timeout -s KILL 1 flock "$other/lock" true # and one gives up
	wait "$holder" || status=$?
	wait "$waiter" || status=$?
	return "$status"
}

locks() { on cache=strict contend; }

watch_directory() {
	local watcher
	mkdir -p "$other/watched"
	timeout -s KILL 2 notify "$other/watched" # nothing happens, and it gives up
	timeout 30 notify "$other/watched" &
	watcher=$!
	sleep 1
	: >"$MNT/watched/new"
	wait "$watcher"
}

change-notify() { on cache=strict watch_directory; }

interrupt() {
	local sig pid
	for sig in KILL INT TERM KILL; do
		dd if="$MNT/data" of=/dev/null bs=1M iflag=direct status=none &
		pid=$!
		sleep 0.3
		kill -"$sig" "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		fresh
		dd if="$other/data" of=/dev/null bs=4K status=none &
		pid=$!
		sleep 0.2
		kill -"$sig" "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		dd if=/dev/zero of="$other/killed" bs=1M count=16 oflag=direct status=none &
		pid=$!
		sleep 0.2
		kill -"$sig" "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	rm -f "$other/killed"
}

signals() { on rsize=65536,wsize=65536 interrupt; }

server_group() { echo "-$(cat /run/samba/smbd.pid)"; }

stop_for_six_seconds() {
	local pid
	dd if="$SRV/data" of="$other/slow" bs=256K oflag=direct status=none &
	pid=$!
	sleep 0.3
	kill -STOP -- "$(server_group)"
	sleep 6
	kill -CONT -- "$(server_group)"
	wait "$pid" && fresh && cmp "$SRV/data" "$other/slow"
}

slow-server() { on cache=strict stop_for_six_seconds; }

# What is under way when the server is killed may fail on a soft mount: no verdict on that.
restart_server() {
	local pids=() pid
	dd if="$SRV/data" of="$other/r" bs=256K oflag=direct status=none 2>/dev/null &
	pids+=($!)
	dd if="$MNT/data" of=/dev/null bs=256K iflag=direct status=none 2>/dev/null &
	pids+=($!)
	sleep 0.5
	smb_stop KILL
	sleep 1
	smb_start || return
	for pid in "${pids[@]}"; do wait "$pid"; done
	lab_wait 60 stat "$other/data" >/dev/null && fresh && cmp "$SRV/data" "$other/data"
}

reconnect-soft() { on soft restart_server; }
reconnect-hard() { on hard restart_server; }

# The server dies three times while small subrequests of all kinds are on their way, and what it has not answered
# is asked for again. Who is told that it failed may have failed; who is not has all of its data there.
die_and_return() {
	local i status=0 names=() pids=()
	for i in 1 2 3; do
		dd if="$SRV/data" of="$other/direct$i" bs=1M oflag=direct status=none 2>/dev/null &
		pids+=($!) names+=("direct$i")
		dd if="$SRV/data" of="$other/buffered$i" bs=1M conv=fsync status=none 2>/dev/null &
		pids+=($!) names+=("buffered$i")
		dd if="$other/data" of="$SRV/read$i" bs=1M iflag=direct status=none 2>/dev/null &
		pids+=($!) names+=("read$i")
		sleep 1
		smb_stop KILL
		sleep 1
		smb_start || return
	done
	for i in "${!pids[@]}"; do
		! wait "${pids[i]}" || cmp "$SRV/data" "$SRV/${names[i]}" || status=1
		rm -f "$SRV/${names[i]}"
	done
	return "$status"
}

retries() { on hard,rsize=65536,wsize=65536 die_and_return; }

# Samba offers no loopback address to a client that asks for more channels.
multichannel() {
	local status=0
	ip link set lo up
	ip address add 10.9.0.1/24 dev lo 2>/dev/null
	ip address add 10.9.0.2/24 dev lo 2>/dev/null
	sed -i 's/multi channel support = no/multi channel support = yes/; s/interfaces = lo/interfaces = "10.9.0.1;speed=1000000000,capability=RSS" "10.9.0.2;speed=1000000000,capability=RSS"/; s/bind interfaces only = yes/bind interfaces only = no/' /etc/samba/smb.conf
	smb_stop TERM && smb_start || return
	mkdir -p "$other"
	mount -t cifs //10.9.0.1/share "$other" -o "username=root,password=pw,$base,multichannel,max_channels=2" || return
	cp /proc/fs/cifs/DebugData "$OUT/debug.multichannel"
	copy 8 || status=$?
	grep -qE 'Channel: 2|Extra Channels: [1-9]' "$OUT/debug.multichannel" || skip "the server offers one channel" || status=$?
	umount "$other"
	return "$status"
}

# A byte-range lock of another client at the end of an empty file: the server refuses the read, and these
# clients take that for the end of the file (user/check/known.def).
read_locked() {
	local status=0 holder
	: >"$SRV/empty"
	flock "$MNT/empty" sleep 4 &
	holder=$!
	sleep 1
	dd if="$other/empty" of=/dev/null bs=4K count=1 iflag=direct status=none
	dd if="$other/empty" of=/dev/null bs=4K count=1 status=none
	wait "$holder" || status=$?
	return "$status"
}

lock-at-end() { on cache=strict read_locked; }

# Locks on ranges of a file, of two clients: taken, refused, waited for, many at once; I/O beside them, and
# into them, which the server refuses.
contend_for_ranges() {
	local status=0 holder waiter
	truncate -s 1M "$SRV/ranges"
	range "$MNT/ranges" 6 65536 65536 262144 4096 270336 1 >"$OUT/holder" &
	holder=$!
	lab_wait 10 grep -q locked "$OUT/holder" || return
	range "$other/ranges" 0 0 4096 524288 65536 >/dev/null || status=$?
	! range "$other/ranges" 0 0 4096 131000 72 2>/dev/null || status=1
	range -w "$other/ranges" 0 65536 4096 >"$OUT/waiter" & # waits for five seconds
	waiter=$!
	timeout -s KILL 1 range -w "$other/ranges" 0 262144 1 # and one gives up
	dd if="$SRV/data" of="$other/ranges" bs=64K count=1 oflag=direct conv=notrunc status=none || status=$?
	dd if="$other/ranges" of=/dev/null bs=64K count=1 iflag=direct status=none || status=$?
	! dd if="$other/ranges" of=/dev/null bs=64K count=1 skip=1 iflag=direct status=none 2>/dev/null || status=1
	! dd if="$SRV/data" of="$other/ranges" bs=64K count=1 seek=1 oflag=direct conv=notrunc status=none 2>/dev/null || status=1
	wait "$holder" "$waiter" || status=$?
	grep -q locked "$OUT/waiter" || status=1
	return "$status"
}

ranges() { on cache=strict contend_for_ranges; }

# old DIALECT: what it has no leases or larger credits for
old() {
	smb_mount "vers=$1,nosharesock" "$other" || return
	local status=0
	copy 4 && churn || status=$?
	smb_umount "$other" || return
	return "$status"
}

smb-2.0.2() { mkdir -p "$other" && old 2.0; }
smb-2.1() { mkdir -p "$other" && old 2.1; }

# Linux's own server, in the kernel, beside Samba.
serve_ksmbd() {
	mkdir -p /etc/ksmbd
	cat >/etc/ksmbd/ksmbd.conf <<-END
		[global]
		    tcp port = 4450
		    server string = LAB
		    map to guest = never
		    smb2 leases = yes
		    server signing = auto
		[share]
		    path = $SRV
		    read only = no
		    force user = root
		    store dos attributes = no
	END
	modprobe ksmbd || return
	ksmbd.adduser -a root -p pw && ksmbd.mountd || return
	lab_wait 20 bash -c ': </dev/tcp/127.0.0.1/4450' 2>/dev/null
}

ksmbd() {
	local status=0
	command -v ksmbd.mountd >/dev/null || skip "no ksmbd-tools" || return
	serve_ksmbd >"$OUT/ksmbd" 2>&1 || return
	mkdir -p "$other"
	if ! mount -t cifs //127.0.0.1/share "$other" -o "username=root,password=pw,$base,port=4450"; then
		[[ $(uname -r) == 6.1.* ]] || return 32
		skip "ksmbd of 6.1 does not serve the share" || return
	fi
	copy 8 && verify && churn || status=$?
	umount "$other" || return
	return "$status"
}

# More direct writes at once than workers run at once, a server that is stopped now and then, and a hungry
# machine: xfstests generic/207.
many_writes() {
	local status=0 pid hungry=() i
	fio --directory="$other" --name=aio --ioengine=libaio --direct=1 --rw=randwrite --bs=4k --size=4m --numjobs=4 \
		--iodepth=256 --nrfiles=1 --time_based --runtime=30 --output=/dev/null &
	pid=$!
	for i in 1 2 3 4; do
		(while :; do :; done) &
		hungry+=($!)
	done
	for i in 1 2 3 4; do
		sleep 4
		kill -STOP -- "$(server_group)"
		sleep 3
		kill -CONT -- "$(server_group)"
	done
	wait "$pid" || status=$?
	kill "${hungry[@]}"
	wait "${hungry[@]}" 2>/dev/null
	rm -f "$other"/aio.*
	return "$status"
}

aio() { on cache=none,rsize=65536,wsize=65536 many_writes; }

# A cache on a file system of its own, for cifs and 9p.
start_cache() {
	[[ ! -e /run/cachefilesd.pid ]] || return 0
	command -v cachefilesd >/dev/null || { skip "no cachefilesd"; return; }
	truncate -s 256M "$SRV/cache.img"
	mkfs.ext4 -qF "$SRV/cache.img" && mkdir -p /var/cache/fscache && modprobe -a ext4 cachefiles &&
		mount -o loop "$SRV/cache.img" /var/cache/fscache || return
	printf '%s\n' 'dir /var/cache/fscache' 'tag lab' 'brun 10%' 'bcull 7%' 'bstop 3%' 'frun 10%' 'fcull 7%' 'fstop 3%' >/etc/cachefilesd.conf
	cachefilesd -f /etc/cachefilesd.conf -p /run/cachefilesd.pid
}

# What is read once comes from the cache the second time.
read_cached() {
	dd if="$SRV/data" of="$SRV/cached" bs=1M count=8 status=none
	cmp "$other/cached" "$SRV/cached" && sync && fresh && cmp "$other/cached" "$SRV/cached" && fresh &&
		dd if="$other/cached" bs=100K skip=7 count=3 status=none | cmp -n 307200 - <(dd if="$SRV/cached" bs=100K skip=7 count=3 status=none) &&
		copy 4
}

# The cache is filled behind the reader's back: a mount that ends soon ends that as well.
fscache() {
	start_cache || return
	on fsc read_cached && on fsc read_cached
	local status=$?
	cp /proc/fs/fscache/stats "$OUT/fscache.stats" 2>/dev/null
	return "$status"
}

# p9_mode MODE: 9p reads say no SUBMT, and little else
p9_mode() {
	local status=0
	mount -t 9p -o "trans=virtio,version=9p2000.L,cache=$1,msize=262144" scratch "$other" || return
	dd if="$SRV/data" of="$other/f" bs=1M count=4 conv=fsync status=none && fresh &&
		cmp -n 4194304 "$SRV/data" "$other/f" || status=$?
	# not in each mode
	dd if="$SRV/data" of="$other/d" bs=256K count=4 oflag=direct status=none 2>/dev/null &&
		dd if="$other/d" bs=256K iflag=direct status=none 2>/dev/null | cmp -n 1048576 - "$SRV/data"
	rm -f "$other/f" "$other/d"
	umount "$other" || return
	return "$status"
}

p9() {
	modprobe -a 9p 9pnet_virtio && mkdir -p "$other" && p9_mode "$1"
}

p9-none() { p9 none; }
p9-readahead() {
	[[ $(uname -r) != 6.1.* ]] || skip "9p of 6.1 has no cache=readahead" || return
	p9 readahead
}
p9-mmap() { p9 mmap; }
p9-loose() { p9 loose; }
# twice, as the second time finds what the first has put into the cache
p9-fscache() { start_cache && p9 fscache && p9 fscache; }

phase() {
	local start status=0
	start=$(now)
	rm -f "$OUT/why"
	"$1" || status=$?
	echo "$1 $start $status $(cat "$OUT/why" 2>/dev/null)" >>"$OUT/phases"
}

if [[ ${1:-} == recorded ]]; then
	for name in "${@:2}"; do
		echo "$name"
		phase "$name"
		sleep 2 # what comes late is still of this one
	done
	echo "end $(now) 0" >>"$OUT/phases"
	exit 0
fi
(($#)) || set -- "${all[@]}"
dd if=/dev/urandom of="$SRV/data" bs=1M count=16 status=none
uname -r >"$OUT/release"
# this mount stays, so that the modules stay in use and the recorder attached
smb_mount "$base" || exit
netfsnoop record --check --json -o "$OUT/clean.nsn" -- bash "$0" recorded "$@" 2>"$OUT/live"
status=$?
rm -f "$OUT/why"
grep -av '^{' "$OUT/live"
exit "$status"

# shellcheck shell=bash
# How the lab starts, watches and stops qemu; sourced by run.
# shellcheck disable=SC2154,SC2034 # shares its variables with run

qemu_pid=''

common_args=(-nodefaults -no-user-config -display none -monitor none -no-reboot -nic none)

# The death signal: qemu must not outlive a killed lab. "<&0": bash would give a
# background command /dev/null.
start_qemu() {
	setpriv --pdeathsig KILL qemu-system-x86_64 "${common_args[@]}" "$@" <&0 &
	qemu_pid=$!
}

qemu_running() { kill -0 "$qemu_pid" 2>/dev/null; }

stop_qemu() {
	[[ $qemu_pid ]] || return 0
	kill -KILL "$qemu_pid" 2>/dev/null || true
	wait "$qemu_pid" 2>/dev/null || true
	qemu_pid=''
}

# A /dev/kvm that opens may still be unable to run a stock kernel, so boot one:
# it has to get as far as missing its root file system.
kvm_boots() {
	local log=$work/kvm-probe.log started=$SECONDS

	start_qemu -M q35 -accel kvm -cpu host -m 512 -serial "file:$log" -kernel "$kernel_dir/vmlinuz" \
		-append "console=ttyS0 panic=-1" </dev/null >/dev/null 2>&1
	while qemu_running && ((SECONDS - started < 20)); do
		# A guest that KVM cannot run is silent, and qemu stays.
		[[ -s $log ]] || ((SECONDS - started < 6)) || break
		sleep 0.2
	done
	stop_qemu
	grep -qs 'Unable to mount root fs' "$log"
}

# accelerator: "kvm" or "tcg"; probed once per boot of this machine
find_accelerator() {
	local verdict_file
	verdict_file=$cache/accel-$(</proc/sys/kernel/random/boot_id)

	accel=${NETFSNOOP_ACCEL:-}
	[[ ! $icount ]] || accel=icount
	[[ -n $accel || ! -s $verdict_file ]] || accel=$(<"$verdict_file")
	[[ -z $accel ]] || return 0
	accel=tcg
	if [[ -r /dev/kvm && -w /dev/kvm ]] && kvm_boots; then
		accel=kvm
	fi
	rm -f "$cache"/accel-*
	echo "$accel" >"$verdict_file"
}

machine_args() {
	case $accel in
	kvm) printf '%s\n' -M q35 -accel kvm -cpu host ;;
	icount) printf '%s\n' -M q35 -accel tcg,thread=single,tb-size=1024 -cpu max,-erms,-fsrm -icount "shift=$icount,sleep=off" ;;
	*) printf '%s\n' -M q35 -accel tcg,thread=multi,tb-size=1024 -cpu max ;;
	esac
}

# Port 1 is the script's output and goes to our stdout, port 2 is the guest's
# report. stdin is a fifo that never ends: at end of file qemu would take the
# whole port for closed and the guest would block.
boot_machine() {
	local machine shared=() data=()
	mapfile -t machine < <(machine_args)
	# after the ports: the guest names those by the number of their device
	if [[ $p9_tag ]]; then
		mkdir -p "$work/9p"
		shared=(-virtfs "local,path=$work/9p,mount_tag=$p9_tag,security_model=none")
	fi

	[[ ! $data_mb ]] || data=(-drive "if=virtio,format=raw,cache=unsafe,file=$work/data.img")

	start_qemu "${machine[@]}" -smp "$smp" -m "$mem" \
		-kernel "$kernel_dir/vmlinuz" -initrd "$work/initrd" \
		-append "console=ttyS0 quiet loglevel=4 panic=-1 no_timer_check $append" \
		-serial "file:$work/console.log" \
		-chardev stdio,id=script,signal=off -chardev "file,id=control,path=$work/control" \
		-device virtio-serial-pci -device virtserialport,chardev=script,nr=1 \
		-device virtserialport,chardev=control,nr=2 \
		-drive "if=virtio,format=raw,cache=unsafe,file=$work/disk" ${data[@]+"${data[@]}"} ${shared[@]+"${shared[@]}"} \
		<>"$work/stdin"
}

make_data_disk() {
	[[ $data_mb ]] || return 0
	need 125 mkfs.ext4 e2fsprogs
	rm -f "$work/data.img"
	truncate --size="${data_mb}M" "$work/data.img"
	mkfs.ext4 -qF "$work/data.img" || die 125 "mkfs.ext4 failed"
}

# boot: one machine from start to end; sets $ended to exit, watchdog or no-boot
boot() {
	local started

	find_accelerator
	rm -f "$work"/{control,console.log,disk,stdin}
	truncate --size="${disk_mb}M" "$work/disk"
	make_data_disk
	mkfifo "$work/stdin"
	: >"$work/control"
	boot_machine
	started=$SECONDS
	ended='exit'
	while qemu_running; do
		if ((SECONDS - started >= timeout)); then
			ended=watchdog
			break
		elif ((SECONDS - started >= boot_timeout)) && ! came_up; then
			ended=no-boot
			break
		fi
		sleep 0.2
	done
	stop_qemu
}

# shellcheck shell=bash
# A Samba server of this test's own, on a port of its own, as the user who runs this; sourced.

# samba_root: where the server's programs are: / or a directory into which they are unpacked
samba_root() {
	samba=$(tests/unpack samba usr/sbin/smbd)
	export samba=${samba%/}
	# shellcheck source=tests/vm/lib.sh
	libraries=$(. tests/vm/lib.sh; [[ -z $samba ]] || library_path "$samba")
	modules=$(echo "$samba"/usr/lib/*/samba)
	export libraries modules
}

# with_samba PROGRAM...: one of its programs, with its libraries
with_samba() { LD_LIBRARY_PATH=$libraries "$@"; }

# free_port: one that nobody listens on
free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# server_config DIR PORT
server_config() {
	mkdir -p "$1"/{share,private,run,lock,log}
	cat >"$1/smb.conf" <<END
[global]
	netbios name = LAB
	server role = standalone server
	map to guest = Never
	server min protocol = SMB2_02
	bind interfaces only = yes
	interfaces = lo
	smb ports = $2
	disable netbios = yes
	disable spoolss = yes
	load printers = no
	printcap name = /dev/null
	rpc start on demand helpers = no
	server signing = auto
	smb encrypt = auto
	server multi channel support = no
	smb2 leases = yes
	passdb backend = smbpasswd:$1/private/smbpasswd
	private dir = $1/private
	state directory = $1/lock
	cache directory = $1/lock
	lock directory = $1/lock
	pid directory = $1/run
	ncalrpc dir = $1/run/ncalrpc
	log file = $1/log/log
	log level = 0

[share]
	path = $1/share
	read only = no
	store dos attributes = no
	map archive = no
END
}

# server_start DIR PORT: a server for the share DIR/share; the account is the user who runs this, with the password pw
server_start() {
	server_config "$@"
	printf 'pw\npw\n' | with_samba "$samba/usr/bin/smbpasswd" -c "$1/smb.conf" -s -a "$(id -un)" >/dev/null
	LD_LIBRARY_PATH=$libraries "$samba/usr/sbin/smbd" --foreground -s "$1/smb.conf" >"$1/log/out" 2>&1 </dev/null &
	server=$! # for who sources this
	export server
	wait_for 20 listens "$2"
}

# listens PORT
listens() { (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# wait_for SECONDS COMMAND...
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.05
	done
}

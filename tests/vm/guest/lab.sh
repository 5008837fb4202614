# shellcheck shell=bash
# For scripts that run in the lab: start and stop the server, mount and unmount
# its share. Every function returns 0 or a status that says it failed.

MNT=${MNT:-/mnt/smb}

# lab_wait SECONDS COMMAND...: poll until COMMAND succeeds
lab_wait() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < deadline)) || return 1
		sleep 0.05
	done
}

smb_listening() { (: </dev/tcp/127.0.0.1/445) 2>/dev/null; }
smb_not_listening() { ! smb_listening; }

# smb_start: returns once the server accepts connections
smb_start() {
	smbd -D && lab_wait 30 smb_listening
}

# smb_stop [SIGNAL]: the server and its per-connection children; KILL drops
# the connections without a word
smb_stop() {
	local pid
	pid=$(cat /run/samba/smbd.pid) || return
	kill -"${1:-TERM}" -- "-$pid" || return
	rm -f /run/samba/smbd.pid
	lab_wait 30 smb_not_listening
}

# smb_mount OPTIONS [DIRECTORY]
smb_mount() {
	mount -t cifs //127.0.0.1/share "${2:-$MNT}" -o "username=root,password=pw,$1"
}

# smb_umount [DIRECTORY]
smb_umount() {
	umount "${1:-$MNT}"
}

# cifs_unload: the connection's thread holds the module a little beyond umount
cifs_unload() {
	lab_wait 20 rmmod cifs 2>/dev/null
}

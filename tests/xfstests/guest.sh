#!/bin/bash
# In the guest of tests/xfstests/real: two shares, xfstests' configuration, and the run.
set -uo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh
export PATH=/usr/local/bin:$PATH

mkdir -p /srv-scratch /mnt/scratch
# without DOS attributes Samba refuses the special files of sfu
sed -i '/store dos attributes/d; /map archive/d' /etc/samba/smb.conf
printf '\n[scratch]\n\tpath = /srv-scratch\n\tread only = no\n\tforce user = root\n' >>/etc/samba/smb.conf
smb_stop TERM && smb_start
printf 'fsgqa:x:1000:1000::/tmp:/bin/bash\nfsgqa2:x:1001:1001::/tmp:/bin/bash\n123456-fsgqa:x:1002:1002::/tmp:/bin/bash\n' >>/etc/passwd
printf 'fsgqa:x:1000:\nfsgqa2:x:1001:\n123456-fsgqa:x:1002:\n' >>/etc/group
cd /xfstests || exit
cat >local.config <<'END'
export FSTYP=cifs
export TEST_DEV=//127.0.0.1/share
export TEST_DIR=/mnt/smb
export SCRATCH_DEV=//127.0.0.1/scratch
export SCRATCH_MNT=/mnt/scratch
export CIFS_MOUNT_OPTIONS="-o username=root,password=pw,vers=3.1.1,sign,sfu,mfsymlinks"
export TEST_FS_MOUNT_OPTS="$CIFS_MOUNT_OPTIONS"
END
modprobe cifs
read -ra tests <<<"${TESTS:?}"
netfsnoop xfstests -o "$OUT/run" -- ./check "${tests[@]}" >"$OUT/check.out" 2>"$OUT/netfsnoop.err"
status=$?
cat "$OUT/check.out" "$OUT/netfsnoop.err"
cp -r results "$OUT/results"
echo "check ended with $status"

# every test that check names is found, and its result is the one that check printed
jq -r '.tests[] | "\(.name) \(.result) \(.verdict) \(.counts.requests) \(.events.own) \(.phases.body_ns)"' "$OUT/run/run.json"
bad=0
for test in "${tests[@]}"; do
	line=$(grep "^$test " "$OUT/check.out") want=pass
	case $line in
	*'[not run]'*) want='not run' ;;
	*'[failed'* | *'output mismatch'*) want=fail ;;
	*_check_dmesg*) want=dmesg ;;
	esac
	got=$(jq -r --arg t "$test" '.tests[] | select(.name == $t) | .result' "$OUT/run/run.json")
	[[ $got == "$want" ]] || { echo "not ok - $test: check says $want, we say ${got:-nothing}"; bad=1; }
done
exit $bad

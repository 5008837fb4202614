# shellcheck shell=bash
# What every test of the stand-in begins with: when it began, by its own clock, and what it says.
read -r up _ </proc/uptime
name=${seqnum:?}
[[ -z ${CLOCKS-} ]] || echo "$name script $up" >>"$CLOCKS"
echo "QA output created by ${name#*/}"
export FILE=${TEST_DIR:?}/f.${name#*/}

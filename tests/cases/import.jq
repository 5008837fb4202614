# What a case of tests/cases/import expects of the trace that it became, a line for each object: tests/cases/run
def us: if . == null then "-" else . / 1000 | floor | tostring end;
def known: if . == null then "-" else tostring end;
if .type == "summary" then "summary events \(.events) requests \(.requests) subrequests \(.subrequests) commands \(.commands) us \(.duration_ns | us) lost \(.lost)"
elif .type == "request" then
  "request \(.rreq) \(.origin // "?")\(if .write then " write" else "" end) \(.start | known)+\(.len | known) transferred \(.transferred | known) error \(.error | known) outcome \(.outcome | known) us \(.latency_ns | us) by \(.task.comm // "-") \(.task.tid // "-")\(if .lost then " lost" else "" end)\(if .partial then " partial" else "" end)"
elif .type == "subrequest" then
  "  subrequest \(.sreq)\(if .write then " write" else "" end) start \(.start | known) \(.transferred | known)/\(.len | known) error \(.error | known) attempts \(.attempts | known) prepare \(.stages.prepare_ns | us)"
elif .type == "command" then
  "command \(.cmd) mid \(.mid) answered \(.answered) status \(.status | known) interim \(.interim | known) us \(.latency_ns | us)"
elif .type == "connection" then
  "connection \(.conn) reconnects \(.reconnects) credits \(.credits | known) taken \(.taken | known) granted \(.granted | known) in flight \(.in_flight | known)"
elif .type == "check_result" and .state != "not-evaluated" then "check \(.check_id) \(.state) judged \(.judged) violations \(.violations) inconclusive \(.inconclusive)"
else empty end

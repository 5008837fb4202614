# What a case of tests/cases/import expects of the trace that it became, a line for each object: tests/cases/run
def us: if . == null then "-" else . / 1000 | floor | tostring end;
if .type == "summary" then "summary events \(.events) requests \(.requests) subrequests \(.subrequests) commands \(.commands) us \(.duration_ns | us) lost \(.lost)"
elif .type == "request" then
  "request \(.rreq) \(.origin) transferred \(.transferred // "-") us \(.latency_ns | us) by \(.task.comm // "-") \(.task.tid // "-")\(if .lost then " lost" else "" end)\(if .partial then " partial" else "" end)"
elif .type == "subrequest" then "  subrequest \(.sreq) start \(.start) \(.transferred)/\(.len) error \(.error)"
elif .type == "command" then "command \(.cmd) mid \(.mid) answered \(.answered) us \(.latency_ns | us)"
elif .type == "check_result" and .state != "not-evaluated" then "check \(.check_id) \(.state) judged \(.judged) violations \(.violations) inconclusive \(.inconclusive)"
else empty end

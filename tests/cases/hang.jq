# What a case of tests/cases/hang expects, a line for each object: tests/cases/run
if .type == "hang" then "hang \(.verdict) hangs \(.hangs) truncated \(.truncated)"
elif .type == "connection" then
  "connection \(.conn) \(.verdict) \(.server // "-") \(.address // "-") \(.share // "-") \(.tcp_status) wire \(.in_flight) credits \(.credits)"
elif .type == "message" then "message \(.conn) \(.mid) \(.cmd // "-") \(.state) pid \(.pid) stuck \(.stuck)"
elif .type == "request" then "request \(.rreq) \(.verdict) task \(.task)"
elif .type == "task" then "task \(.tid) \(.comm) \(.waits_for) stuck \(.stuck)"
else empty end

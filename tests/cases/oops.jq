# What a case expects: how often each kind of report is there, and which task waits for which; a line for each report and one for each of its stacks: tests/cases/run
if .type == "summary" then
  "summary \(.reports) reports, each so often: \([.groups[].count | tostring] | join(" "))",
  (.groups[].chain // empty | "  -> " + .)
elif .type == "message" then
  "message \(.id) \(.role) \(.server // "-") \(.error // "-") \(.count) \(.check_id // "-")"
elif .type == "oops" then
  ([.kind, .comm // "-", (.pid // "-" | tostring), .at.symbol // "-", .caller.symbol // "-", .meaning.id,
    (if .mixed then "mixed" else "whole" end)] | join(" ")),
  (if .detail then "  : \(.detail)" else empty end),
  (reduce .trace[] as $e ([];
     if length > 0 and .[-1].of == [$e.stack, $e.section]
     then .[-1].frames += [$e.at.symbol // $e.address]
     else . + [{of: [$e.stack, $e.section], frames: [$e.at.symbol // $e.address]}] end)
   | .[] | "  " + .of[0] + ": " + (.frames | join(" "))),
  (.meaning.text[0] // empty | "  = " + .)
else empty end

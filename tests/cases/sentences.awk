# What `report` says in words, not in tables: of tests/cases/run
/^[A-Z]/ { section = $0 }
section ~ /^(Failed requests|Connections)$/ && /^ / { print "report: " section ": " substr($0, 3) }
section ~ /^(Requests|SMB commands)/ && /^  (none|not recorded|This|to show|Still|Already|Failures)/ {
	print "report: " section ": " substr($0, 3)
}

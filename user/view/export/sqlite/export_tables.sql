-- Made of rows.def by `make rows`; docs/sql.md says what is in them. PostgreSQL takes the same.
-- Every row names its run, host and kernel, so that rows of many recordings can be in one table.
CREATE TABLE run (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	machine TEXT, netfsnoop TEXT, cmdline TEXT, start_realtime_ns BIGINT, start_ns BIGINT,
	duration_ns BIGINT, filtered SMALLINT, records BIGINT, lost BIGINT, late BIGINT,
	torn_bytes BIGINT, bad_frames BIGINT, bad_records BIGINT, missing_blocks BIGINT,
	misplaced_blocks BIGINT, foreign_blocks BIGINT, no_end SMALLINT, events BIGINT,
	PRIMARY KEY (run));
CREATE TABLE request (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	rreq TEXT, synthetic SMALLINT, epoch BIGINT, origin TEXT, write SMALLINT, fs TEXT,
	mount TEXT, dev TEXT, ino BIGINT, start BIGINT, len BIGINT, transferred BIGINT, error BIGINT,
	outcome BIGINT, partial SMALLINT, freed SMALLINT, tid BIGINT, tgid BIGINT, comm TEXT,
	time_ns BIGINT, latency_ns BIGINT, last_ns BIGINT, subrequests BIGINT, retries BIGINT,
	faults BIGINT, failures BIGINT, lost SMALLINT, path TEXT, wall TEXT, test BIGINT);
CREATE TABLE failure (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	epoch BIGINT, rreq TEXT, sreq TEXT, what TEXT, error BIGINT);
CREATE TABLE subrequest (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	rreq TEXT, sreq TEXT, epoch BIGINT, stream BIGINT, source TEXT, write SMALLINT, start BIGINT,
	len BIGINT, transferred BIGINT, error BIGINT, attempts BIGINT, retries BIGINT, faults BIGINT,
	conn BIGINT, mid BIGINT, credits BIGINT, granted BIGINT, freed SMALLINT, time_ns BIGINT,
	last_ns BIGINT, prepare_ns BIGINT, credit_wait_ns BIGINT, send_ns BIGINT, wire_ns BIGINT,
	decryption_ns BIGINT, callback_ns BIGINT, collection_ns BIGINT);
CREATE TABLE attempt (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	epoch BIGINT, rreq TEXT, sreq TEXT, nr BIGINT, begin_ns BIGINT, submit_ns BIGINT,
	sent_ns BIGINT, arrived_ns BIGINT, response_ns BIGINT, callback_ns BIGINT,
	callback_end_ns BIGINT, term_ns BIGINT, end_ns BIGINT, wait_ns BIGINT);
CREATE TABLE command (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	conn BIGINT, mid BIGINT, epoch BIGINT, cmd TEXT, sesid TEXT, tree BIGINT, rreq TEXT,
	sreq TEXT, status TEXT, status_name TEXT, rc BIGINT, charge BIGINT, granted BIGINT,
	interim BIGINT, sign_rc BIGINT, faults BIGINT, time_ns BIGINT, sent_ns BIGINT,
	response_ns BIGINT, latency_ns BIGINT, answered SMALLINT, failed SMALLINT, failed_ns BIGINT,
	ordinary SMALLINT, wall TEXT, tid BIGINT, tgid BIGINT, comm TEXT, test BIGINT);
CREATE TABLE connection (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	conn BIGINT, epoch BIGINT, server TEXT, sign SMALLINT, smb1 SMALLINT, sealed SMALLINT,
	cipher TEXT, instance BIGINT, reconnects BIGINT, bad_signatures BIGINT, commands BIGINT,
	granted BIGINT, taken BIGINT, returned BIGINT, credits BIGINT, echo BIGINT, oplock BIGINT,
	in_flight BIGINT, max_in_flight BIGINT, credit_waits BIGINT, credit_wait_ns BIGINT,
	PRIMARY KEY (run, epoch, conn));
CREATE TABLE credit (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	conn BIGINT, epoch BIGINT, time_ns BIGINT, tid BIGINT, what TEXT, entry SMALLINT,
	value BIGINT, rc BIGINT, credits BIGINT, echo BIGINT, oplock BIGINT, in_flight BIGINT,
	instance BIGINT, rreq TEXT, sreq TEXT);
CREATE TABLE fault (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	time_ns BIGINT, wall TEXT, fault TEXT, text TEXT, status TEXT, status_name TEXT,
	again SMALLINT, was BIGINT, became BIGINT, plan_line BIGINT, proxy_connection BIGINT,
	cmd TEXT, mid BIGINT, sesid TEXT, start BIGINT, len BIGINT, conn BIGINT, epoch BIGINT,
	rreq TEXT, sreq TEXT, attempt BIGINT);
CREATE TABLE moment (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	what TEXT, time_ns BIGINT, conn BIGINT, epoch BIGINT, value BIGINT, wall TEXT, text TEXT,
	message TEXT, role TEXT, server TEXT, error TEXT, meaning TEXT, check_id TEXT, lost BIGINT);
CREATE TABLE probe (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	name TEXT, mechanism TEXT, state TEXT, reason TEXT, hits BIGINT, seen BIGINT, lost BIGINT,
	missed BIGINT);
CREATE TABLE test (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	test BIGINT, name TEXT, repeat BIGINT, section TEXT, time_ns BIGINT, script_ns BIGINT,
	script_end_ns BIGINT, end_ns BIGINT, result TEXT, reason TEXT, requests BIGINT,
	read_bytes BIGINT, written_bytes BIGINT, errors BIGINT, retries BIGINT, commands BIGINT,
	command_errors BIGINT, credit_waits BIGINT, credit_wait_ns BIGINT, lost BIGINT, open BIGINT,
	PRIMARY KEY (run, test));
CREATE TABLE loss (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	probe TEXT, cpu BIGINT, count BIGINT, at_least SMALLINT, from_ns BIGINT, to_ns BIGINT,
	why TEXT);
CREATE TABLE finding (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	nr BIGINT, check_id TEXT, kind TEXT, verdict TEXT, severity TEXT, rreq TEXT, sreq TEXT,
	epoch BIGINT, mid BIGINT, conn BIGINT, fs TEXT, mount TEXT, dev TEXT, ino BIGINT, tid BIGINT,
	tgid BIGINT, comm TEXT, place TEXT, time_ns BIGINT, expected TEXT, observed TEXT,
	explanation TEXT, doubt TEXT, count BIGINT, last_ns BIGINT, lost_bytes BIGINT, wall TEXT,
	path TEXT, test BIGINT,
	PRIMARY KEY (run, nr));
CREATE TABLE evidence (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	nr BIGINT, time_ns BIGINT, tid BIGINT, text TEXT);
CREATE TABLE check_result (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	check_id TEXT, state TEXT, violations BIGINT, inconclusive BIGINT, known BIGINT,
	notes BIGINT, missing TEXT, note TEXT, judged BIGINT, lost BIGINT,
	PRIMARY KEY (run, check_id));
CREATE TABLE mount (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	dev TEXT, fs TEXT, source TEXT, point TEXT, options TEXT,
	PRIMARY KEY (run, dev));
CREATE TABLE task (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	tid BIGINT, tgid BIGINT, ppid BIGINT, comm TEXT,
	PRIMARY KEY (run, tid));

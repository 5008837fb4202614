-- The tables of netfsnoop export --to sqlite; PostgreSQL takes the same. docs/sql.md says what is in them.
-- Every row names its run, host and kernel, so that rows of many recordings can be in one table.
CREATE TABLE run (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	machine TEXT, netfsnoop TEXT, cmdline TEXT,
	start_realtime_ns BIGINT, start_ns BIGINT, duration_ns BIGINT,
	filtered SMALLINT, records BIGINT, lost BIGINT, late BIGINT,
	torn_bytes BIGINT, bad_frames BIGINT, bad_records BIGINT,
	missing_blocks BIGINT, misplaced_blocks BIGINT, foreign_blocks BIGINT, no_end SMALLINT,
	PRIMARY KEY (run));
CREATE TABLE request (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	epoch BIGINT, rreq TEXT, synthetic SMALLINT, origin TEXT, write SMALLINT,
	fs TEXT, mount TEXT, dev TEXT, ino BIGINT,
	start BIGINT, len BIGINT, transferred BIGINT, error INTEGER,
	partial SMALLINT, complete SMALLINT, lost SMALLINT,
	tid BIGINT, tgid BIGINT, comm TEXT,
	time_ns BIGINT, latency_ns BIGINT, last_ns BIGINT,
	subrequests BIGINT, retries BIGINT, failures BIGINT, test BIGINT);
CREATE TABLE failure (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	epoch BIGINT, rreq TEXT, sreq TEXT, what TEXT, error INTEGER);
CREATE TABLE subrequest (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	epoch BIGINT, rreq TEXT, sreq TEXT, stream INTEGER, source TEXT, write SMALLINT,
	start BIGINT, len BIGINT, transferred BIGINT, error INTEGER,
	attempts BIGINT, retries BIGINT, conn BIGINT, mid BIGINT, credits INTEGER, granted INTEGER,
	freed SMALLINT, time_ns BIGINT, last_ns BIGINT,
	prepare_ns BIGINT, credit_wait_ns BIGINT, send_ns BIGINT,
	wire_ns BIGINT, callback_ns BIGINT, collection_ns BIGINT);
CREATE TABLE attempt (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	epoch BIGINT, rreq TEXT, sreq TEXT, nr BIGINT,
	begin_ns BIGINT, submit_ns BIGINT, sent_ns BIGINT, response_ns BIGINT,
	callback_ns BIGINT, callback_end_ns BIGINT, term_ns BIGINT, end_ns BIGINT,
	wait_ns BIGINT);
CREATE TABLE command (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	epoch BIGINT, conn BIGINT, mid BIGINT, cmd TEXT, sesid TEXT, tree BIGINT,
	rreq TEXT, sreq TEXT, status TEXT, rc INTEGER, charge INTEGER, granted INTEGER,
	interim BIGINT, time_ns BIGINT, sent_ns BIGINT, response_ns BIGINT, latency_ns BIGINT,
	answered SMALLINT, failed SMALLINT, test BIGINT);
CREATE TABLE connection (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	epoch BIGINT, conn BIGINT, server TEXT, sign SMALLINT, instance BIGINT, reconnects BIGINT,
	commands BIGINT, granted BIGINT, taken BIGINT, returned BIGINT,
	credits INTEGER, echo INTEGER, oplock INTEGER, in_flight INTEGER, max_in_flight INTEGER,
	credit_waits BIGINT, credit_wait_ns BIGINT,
	PRIMARY KEY (run, epoch, conn));
CREATE TABLE credit (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	epoch BIGINT, conn BIGINT, time_ns BIGINT, tid BIGINT, what TEXT, entry SMALLINT,
	value INTEGER, rc INTEGER, credits INTEGER, echo INTEGER, oplock INTEGER, in_flight INTEGER,
	instance BIGINT, rreq TEXT, sreq TEXT);
CREATE TABLE finding (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	nr BIGINT, rule TEXT, kind TEXT, verdict TEXT, severity TEXT,
	epoch BIGINT, rreq TEXT, sreq TEXT, conn BIGINT, mid BIGINT,
	fs TEXT, mount TEXT, dev TEXT, ino BIGINT, tid BIGINT, tgid BIGINT, comm TEXT,
	place TEXT, time_ns BIGINT, expected TEXT, observed TEXT, explanation TEXT, doubt TEXT,
	count BIGINT, last_ns BIGINT,
	PRIMARY KEY (run, nr));
CREATE TABLE evidence (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	nr BIGINT, time_ns BIGINT, tid BIGINT, text TEXT);
CREATE TABLE rule (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	rule TEXT, state TEXT, violations BIGINT, inconclusive BIGINT, missing TEXT, note TEXT, judged BIGINT,
	PRIMARY KEY (run, rule));
CREATE TABLE loss (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	probe TEXT, cpu INTEGER, count BIGINT, from_ns BIGINT, to_ns BIGINT, at_least SMALLINT, why TEXT);
CREATE TABLE moment (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	what TEXT, time_ns BIGINT, conn BIGINT, epoch BIGINT, value BIGINT);
CREATE TABLE probe (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	name TEXT, mechanism TEXT, state TEXT, reason TEXT,
	hits BIGINT, seen BIGINT, lost BIGINT, missed BIGINT);
CREATE TABLE test (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	test BIGINT, name TEXT, repeat BIGINT, section TEXT, result TEXT, reason TEXT,
	time_ns BIGINT, script_ns BIGINT, script_end_ns BIGINT, end_ns BIGINT,
	requests BIGINT, read_bytes BIGINT, written_bytes BIGINT, errors BIGINT, retries BIGINT,
	commands BIGINT, command_errors BIGINT, credit_waits BIGINT, credit_wait_ns BIGINT, lost BIGINT,
	PRIMARY KEY (run, test));
CREATE TABLE mount (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	dev TEXT, fs TEXT, source TEXT, point TEXT, options TEXT,
	PRIMARY KEY (run, dev));
CREATE TABLE task (
	run TEXT NOT NULL, host TEXT, kernel TEXT,
	tid BIGINT, tgid BIGINT, ppid BIGINT, comm TEXT,
	PRIMARY KEY (run, tid));

-- Where the time of each subrequest went: a row a stage, those that are not known left out.
CREATE VIEW stage AS
	SELECT run, host, kernel, epoch, rreq, sreq, write, 'prepare' AS stage, prepare_ns AS ns
		FROM subrequest WHERE prepare_ns IS NOT NULL
	UNION ALL SELECT run, host, kernel, epoch, rreq, sreq, write, 'credit wait', credit_wait_ns
		FROM subrequest WHERE credit_wait_ns IS NOT NULL
	UNION ALL SELECT run, host, kernel, epoch, rreq, sreq, write, 'send', send_ns
		FROM subrequest WHERE send_ns IS NOT NULL
	UNION ALL SELECT run, host, kernel, epoch, rreq, sreq, write, 'on the wire', wire_ns
		FROM subrequest WHERE wire_ns IS NOT NULL
	UNION ALL SELECT run, host, kernel, epoch, rreq, sreq, write, 'callback', callback_ns
		FROM subrequest WHERE callback_ns IS NOT NULL
	UNION ALL SELECT run, host, kernel, epoch, rreq, sreq, write, 'collection', collection_ns
		FROM subrequest WHERE collection_ns IS NOT NULL;
CREATE VIEW stage_summary AS
	SELECT run, host, kernel, write, stage, count(*) AS subrequests, sum(ns) AS total_ns,
		min(ns) AS min_ns, max(ns) AS max_ns
	FROM stage GROUP BY run, host, kernel, write, stage;
CREATE VIEW origin_summary AS
	SELECT run, host, kernel, origin, fs, count(*) AS requests, sum(transferred) AS bytes,
		sum(CASE WHEN error <> 0 THEN 1 ELSE 0 END) AS errors, sum(retries) AS retries,
		max(latency_ns) AS max_latency_ns
	FROM request GROUP BY run, host, kernel, origin, fs;
CREATE VIEW file_summary AS
	SELECT run, host, kernel, mount, dev, ino, count(*) AS requests, sum(transferred) AS bytes,
		sum(CASE WHEN error <> 0 THEN 1 ELSE 0 END) AS errors, sum(retries) AS retries
	FROM request GROUP BY run, host, kernel, mount, dev, ino;

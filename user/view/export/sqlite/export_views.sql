-- The views of netfsnoop export --to sqlite; PostgreSQL takes the same. The tables are made of rows.def.

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
	UNION ALL SELECT run, host, kernel, epoch, rreq, sreq, write, 'decryption', decryption_ns
		FROM subrequest WHERE decryption_ns IS NOT NULL
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
		sum(CASE WHEN outcome <> 0 THEN 1 ELSE 0 END) AS errors, sum(retries) AS retries,
		max(latency_ns) AS max_latency_ns
	FROM request GROUP BY run, host, kernel, origin, fs;
CREATE VIEW file_summary AS
	SELECT run, host, kernel, mount, dev, ino, count(*) AS requests, sum(transferred) AS bytes,
		sum(CASE WHEN outcome <> 0 THEN 1 ELSE 0 END) AS errors, sum(retries) AS retries, max(path) AS path
	FROM request GROUP BY run, host, kernel, mount, dev, ino;

-- What watch --slower and --on tell of, in one table each: requests, and commands of no request.
CREATE VIEW slow AS
	SELECT run, host, kernel, wall, 'request' AS kind, epoch, rreq, CAST(NULL AS BIGINT) AS conn,
		CAST(NULL AS BIGINT) AS mid, origin AS what, tgid, comm, mount, ino, path, transferred AS bytes,
		error, CAST(NULL AS TEXT) AS status, CAST(NULL AS TEXT) AS status_name, latency_ns, time_ns
	FROM request WHERE latency_ns IS NOT NULL
	UNION ALL SELECT run, host, kernel, wall, 'command', epoch, rreq, conn, mid, cmd, tgid, comm,
		NULL, NULL, NULL, NULL, rc, status, status_name, latency_ns, time_ns
	FROM command WHERE latency_ns IS NOT NULL AND rreq IS NULL
		AND cmd NOT IN ('CHANGE_NOTIFY', 'CANCEL', 'OPLOCK_BREAK') AND NOT (cmd = 'LOCK' AND interim > 0)
	ORDER BY latency_ns DESC;
CREATE VIEW failed AS
	SELECT run, host, kernel, wall, 'request' AS kind, epoch, rreq, CAST(NULL AS TEXT) AS sreq,
		CAST(NULL AS BIGINT) AS conn, CAST(NULL AS BIGINT) AS mid, origin AS what, tgid, comm, mount, ino, path,
		outcome AS error, CAST(NULL AS TEXT) AS status, CAST(NULL AS TEXT) AS status_name, latency_ns, time_ns
	FROM request WHERE outcome <> 0
	UNION ALL SELECT run, host, kernel, wall, 'command', epoch, rreq, sreq, conn, mid, cmd, tgid, comm,
		NULL, NULL, NULL, rc, status, status_name, latency_ns, time_ns
	FROM command WHERE failed = 1 AND ordinary = 0
	ORDER BY time_ns;
-- What had not ended when the recording did, oldest first.
CREATE VIEW open_at_end AS
	SELECT r.run, r.host, r.kernel, r.wall, 'request' AS kind, r.epoch, r.rreq, CAST(NULL AS BIGINT) AS conn,
		CAST(NULL AS BIGINT) AS mid, r.origin AS what, r.tgid, r.comm, r.mount, r.ino, r.path,
		run.start_ns + run.duration_ns - r.time_ns AS age_ns,
		(SELECT count(*) FROM subrequest s WHERE s.run = r.run AND s.epoch = r.epoch AND s.rreq = r.rreq
			AND s.freed = 0) AS open_subrequests,
		(SELECT count(*) FROM command c WHERE c.run = r.run AND c.epoch = r.epoch AND c.rreq = r.rreq
			AND c.answered = 0 AND c.failed = 0) AS unanswered, r.lost, r.time_ns
	FROM request r JOIN run ON run.run = r.run WHERE r.freed = 0
	UNION ALL SELECT c.run, c.host, c.kernel, c.wall, 'command', c.epoch, c.rreq, c.conn, c.mid, c.cmd, c.tgid, c.comm,
		NULL, NULL, NULL, run.start_ns + run.duration_ns - c.time_ns, NULL, 1, NULL, c.time_ns
	FROM command c JOIN run ON run.run = c.run WHERE c.answered = 0 AND c.failed = 0 AND c.rreq IS NULL
	ORDER BY age_ns DESC;
-- away_ns: until the connection stood again; cut: commands that got no answer for it.
CREATE VIEW reconnects AS
	SELECT m.run, m.host, m.kernel, m.wall, m.epoch, m.conn, n.server,
		(SELECT min(d.time_ns) FROM moment d WHERE d.run = m.run AND d.epoch = m.epoch AND d.conn = m.conn
			AND d.what = 'smb3_connect_done' AND d.time_ns > m.time_ns) - m.time_ns AS away_ns,
		(SELECT count(*) FROM command c WHERE c.run = m.run AND c.epoch = m.epoch AND c.conn = m.conn
			AND c.failed_ns = m.time_ns) AS cut, m.time_ns
	FROM moment m LEFT JOIN connection n ON n.run = m.run AND n.epoch = m.epoch AND n.conn = m.conn
	WHERE m.what = 'smb3_reconnect' ORDER BY m.time_ns;

-- Percentiles without an extension: of n values in order the first that more than 95 % of them come before, or are.
-- That is how report, JSON and HTML count too; theirs are accurate to 1/16, these are exact.
CREATE VIEW request_percentiles AS
	SELECT run, host, kernel, origin, fs, count(*) AS requests,
		min(CASE WHEN nr * 100 > 50 * n THEN latency_ns END) AS p50_ns,
		min(CASE WHEN nr * 100 > 95 * n THEN latency_ns END) AS p95_ns,
		min(CASE WHEN nr * 100 > 99 * n THEN latency_ns END) AS p99_ns, max(latency_ns) AS max_ns
	FROM (SELECT run, host, kernel, origin, fs, latency_ns,
			row_number() OVER (PARTITION BY run, origin, fs ORDER BY latency_ns) AS nr,
			count(*) OVER (PARTITION BY run, origin, fs) AS n
		FROM request WHERE latency_ns IS NOT NULL) AS ranked
	GROUP BY run, host, kernel, origin, fs;
CREATE VIEW stage_percentiles AS
	SELECT run, host, kernel, write, stage, count(*) AS subrequests,
		min(CASE WHEN nr * 100 > 50 * n THEN ns END) AS p50_ns,
		min(CASE WHEN nr * 100 > 95 * n THEN ns END) AS p95_ns,
		min(CASE WHEN nr * 100 > 99 * n THEN ns END) AS p99_ns, max(ns) AS max_ns
	FROM (SELECT run, host, kernel, write, stage, ns,
			row_number() OVER (PARTITION BY run, write, stage ORDER BY ns) AS nr,
			count(*) OVER (PARTITION BY run, write, stage) AS n
		FROM stage) AS ranked
	GROUP BY run, host, kernel, write, stage;
CREATE VIEW command_percentiles AS
	SELECT run, host, kernel, cmd, count(*) AS commands,
		min(CASE WHEN nr * 100 > 50 * n THEN latency_ns END) AS p50_ns,
		min(CASE WHEN nr * 100 > 95 * n THEN latency_ns END) AS p95_ns,
		min(CASE WHEN nr * 100 > 99 * n THEN latency_ns END) AS p99_ns, max(latency_ns) AS max_ns
	FROM (SELECT run, host, kernel, cmd, latency_ns,
			row_number() OVER (PARTITION BY run, cmd ORDER BY latency_ns) AS nr,
			count(*) OVER (PARTITION BY run, cmd) AS n
		FROM command WHERE latency_ns IS NOT NULL) AS ranked
	GROUP BY run, host, kernel, cmd;

-- What each process did. A row of did is a request, in order of latency among those of its process that have one,
-- or a command.
CREATE VIEW by_process AS
	SELECT run, host, kernel, tgid, comm, sum(requests) AS requests, sum(read_bytes) AS read_bytes,
		sum(written_bytes) AS written_bytes, sum(errors) AS errors, sum(retries) AS retries,
		min(CASE WHEN nr * 100 > 50 * n THEN latency_ns END) AS p50_ns,
		min(CASE WHEN nr * 100 > 95 * n THEN latency_ns END) AS p95_ns, max(latency_ns) AS max_ns,
		sum(commands) AS commands, sum(command_errors) AS command_errors
	FROM (SELECT run, host, kernel, tgid, comm, 1 AS requests,
			CASE WHEN write = 0 THEN transferred ELSE 0 END AS read_bytes,
			CASE WHEN write = 1 THEN transferred ELSE 0 END AS written_bytes,
			CASE WHEN outcome <> 0 THEN 1 ELSE 0 END AS errors, retries, latency_ns,
			row_number() OVER (PARTITION BY run, tgid, comm
				ORDER BY CASE WHEN latency_ns IS NULL THEN 1 ELSE 0 END, latency_ns) AS nr,
			count(latency_ns) OVER (PARTITION BY run, tgid, comm) AS n,
			0 AS commands, 0 AS command_errors
		FROM request
		UNION ALL SELECT run, host, kernel, tgid, comm, 0, 0, 0, 0, 0, NULL, 0, 0, 1, failed FROM command) AS did
	GROUP BY run, host, kernel, tgid, comm
	ORDER BY sum(read_bytes) + sum(written_bytes) DESC, sum(requests) DESC, sum(commands) DESC;

-- After the rows: they go in faster without. What tells rows apart best comes first, the run last: it is the same
-- in all rows of a file, and to compare it each time made a tenth of an export.
CREATE INDEX request_id ON request (rreq, epoch, run);
CREATE INDEX subrequest_id ON subrequest (rreq, sreq, epoch, run);
CREATE INDEX request_time ON request (time_ns, run);
CREATE INDEX request_file ON request (ino, dev, run);
CREATE INDEX attempt_subrequest ON attempt (rreq, sreq, epoch, run);
CREATE INDEX command_request ON command (rreq, sreq, epoch, run);
CREATE INDEX command_mid ON command (mid, conn, epoch, run);
CREATE INDEX credit_time ON credit (time_ns, conn, epoch, run);
CREATE INDEX finding_request ON finding (rreq, epoch, run);

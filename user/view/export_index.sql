-- After the rows: they go in faster without.
CREATE INDEX request_id ON request (run, epoch, rreq);
CREATE INDEX subrequest_id ON subrequest (run, epoch, rreq, sreq);
CREATE INDEX request_time ON request (run, time_ns);
CREATE INDEX request_file ON request (run, dev, ino);
CREATE INDEX attempt_subrequest ON attempt (run, epoch, rreq, sreq);
CREATE INDEX command_request ON command (run, epoch, rreq, sreq);
CREATE INDEX command_mid ON command (run, epoch, conn, mid);
CREATE INDEX credit_time ON credit (run, epoch, conn, time_ns);
CREATE INDEX finding_request ON finding (run, epoch, rreq);

-- SPDX-License-Identifier: Apache-2.0
-- spool.db, migration 1: frames that wait for the correlator's commit.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID; -- epoch, sensor
CREATE TABLE frame (             -- AUTOINCREMENT: ids never start again
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	lane INTEGER NOT NULL, first_seq INTEGER NOT NULL, count INTEGER NOT NULL,
	class INTEGER NOT NULL,      -- 0 evidence (tls, certificate, coverage, anomaly, tick), 1 flow summaries
	committed INTEGER NOT NULL DEFAULT 0, -- when the correlator said so; deleted a grace later
	data BLOB NOT NULL
);
CREATE TABLE lane (              -- next seq of a lane over restarts, and what was let go
	lane INTEGER PRIMARY KEY, next_seq INTEGER NOT NULL, lost INTEGER NOT NULL DEFAULT 0
);

-- SPDX-License-Identifier: Apache-2.0
-- spool.db, migration 1: frames that wait for the correlator's commit.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID; -- epoch, sensor
CREATE TABLE frame (             -- AUTOINCREMENT: ids never start again
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	lane INTEGER NOT NULL, first_seq INTEGER NOT NULL, count INTEGER NOT NULL,
	class INTEGER NOT NULL,      -- 1 holds flow summaries, which go first; 0 holds none, or none any more
	data BLOB NOT NULL
);
CREATE INDEX frame_by_seq ON frame (lane, first_seq); -- rises with id, so it grows at its end only
CREATE TABLE lane (
	lane INTEGER PRIMARY KEY,
	next_seq INTEGER NOT NULL DEFAULT 1,  -- over restarts
	last_time INTEGER NOT NULL DEFAULT 0, -- of the newest record, where a gap begins
	committed INTEGER NOT NULL DEFAULT 0, -- the correlator's position: frames up to it may go, a grace later
	lost INTEGER NOT NULL DEFAULT 0,      -- records let go at the limit, ever
	untold INTEGER NOT NULL DEFAULT 0,    -- of these, what no coverage record tells yet
	untold_first INTEGER NOT NULL DEFAULT 0, untold_last INTEGER NOT NULL DEFAULT 0 -- their times
);
CREATE TABLE mark (              -- when a position was committed; frames are not rewritten for it
	id INTEGER PRIMARY KEY, lane INTEGER NOT NULL, seq INTEGER NOT NULL, time INTEGER NOT NULL
);

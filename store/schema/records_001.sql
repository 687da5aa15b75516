-- SPDX-License-Identifier: Apache-2.0
-- records-YYYYMMDD.db (UTC day of the record), migration 1: raw records, committed before the effects.
CREATE TABLE record (
	sensor TEXT NOT NULL, epoch TEXT NOT NULL, lane INTEGER NOT NULL, seq INTEGER NOT NULL,
	time INTEGER NOT NULL, event TEXT NOT NULL, flow_id INTEGER NOT NULL, line TEXT NOT NULL,
	PRIMARY KEY (sensor, epoch, lane, seq)
) WITHOUT ROWID;

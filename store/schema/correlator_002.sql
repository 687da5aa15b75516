-- SPDX-License-Identifier: Apache-2.0
-- correlator.db, migration 2: windows whose silent participants are still to be looked for (correlator/absence.h).
CREATE TABLE absence (
	requirement TEXT NOT NULL, window_start INTEGER NOT NULL,
	next INTEGER NOT NULL,       -- place in the inventory of the participant that comes next
	PRIMARY KEY (requirement, window_start)
) WITHOUT ROWID;

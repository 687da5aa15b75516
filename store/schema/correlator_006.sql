-- SPDX-License-Identifier: Apache-2.0
-- correlator.db, migration 6: what outputs tell of alerts, in the order of the hits.
CREATE TABLE alert_transition (
	seq INTEGER PRIMARY KEY,     -- the hit's: outputs keep it as their position
	alert TEXT NOT NULL,
	number INTEGER NOT NULL,     -- 1 opened, 2 ten hits, 3 a hundred, ...: with the alert's id the key of a delivery
	time INTEGER NOT NULL,       -- of the hit's record
	count INTEGER NOT NULL       -- hits so far
);
CREATE UNIQUE INDEX alert_transition_by_alert ON alert_transition (alert, number);

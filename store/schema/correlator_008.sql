-- SPDX-License-Identifier: Apache-2.0
-- correlator.db, migration 8: incidents, which gather alerts over participants and POIs (correlator/incidents.h).
CREATE TABLE incident_alert (
	alert TEXT PRIMARY KEY,
	incident TEXT NOT NULL,      -- SHA-256 of "incident" and the id of its first alert
	first INTEGER NOT NULL       -- the alert's, as it was gathered by
) WITHOUT ROWID;
CREATE INDEX incident_alert_by_first ON incident_alert (first);
CREATE INDEX incident_alert_by_incident ON incident_alert (incident);
CREATE INDEX alert_by_first ON alert (first);

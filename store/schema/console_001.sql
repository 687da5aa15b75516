-- SPDX-License-Identifier: Apache-2.0
-- console.db, migration 1: what people do.  The console owns it; the correlator never writes here.
CREATE TABLE user (
	name TEXT PRIMARY KEY, role TEXT NOT NULL, -- analyst, operator, region_viewer, admin, auditor
	partition TEXT NOT NULL DEFAULT '',        -- region_viewer: the one region; else ''
	password TEXT NOT NULL,                    -- argon2id, libsodium's own encoding
	language TEXT NOT NULL DEFAULT '',         -- ja, en or '' for the browser's
	created INTEGER NOT NULL, disabled INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE session (
	token_sha256 TEXT PRIMARY KEY, user TEXT NOT NULL, created INTEGER NOT NULL,
	last_used INTEGER NOT NULL, address TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE workflow (          -- state of an alert as people see it; no row = new
	alert TEXT PRIMARY KEY, state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
	assignee TEXT NOT NULL DEFAULT '', changed INTEGER NOT NULL, version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE workflow_history (
	id INTEGER PRIMARY KEY AUTOINCREMENT, alert TEXT NOT NULL, time INTEGER NOT NULL, user TEXT NOT NULL,
	from_state TEXT NOT NULL, to_state TEXT NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL,
	assignee TEXT NOT NULL DEFAULT '',  -- after the change
	operation TEXT NOT NULL DEFAULT ''  -- of a bulk change, which can be undone as one
);
CREATE INDEX workflow_history_by_alert ON workflow_history (alert, id);
CREATE INDEX workflow_history_by_operation ON workflow_history (operation) WHERE operation <> '';
CREATE TABLE audit (             -- append-only, each row holds the SHA-256 of the one before
	id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, user TEXT NOT NULL, role TEXT NOT NULL,
	address TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL, detail TEXT NOT NULL,
	result TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
);

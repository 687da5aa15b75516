-- SPDX-License-Identifier: Apache-2.0
-- correlator.db, migration 3: evidence from elsewhere, joined to sessions (correlator/settle.h), and how far logs are read.
CREATE TABLE awaited (           -- sessions of which something was unknown that a log may settle
	server TEXT NOT NULL, server_port INTEGER NOT NULL, client TEXT NOT NULL, client_port INTEGER NOT NULL,
	time INTEGER NOT NULL, record TEXT NOT NULL, line TEXT NOT NULL, ruleset TEXT NOT NULL,
	PRIMARY KEY (server, server_port, client, client_port, time, record)
) WITHOUT ROWID;
CREATE INDEX awaited_by_time ON awaited (time);
CREATE TABLE attestation (       -- lines of logs no session was seen for yet; port 0: the log does not say it
	server TEXT NOT NULL, server_port INTEGER NOT NULL, client TEXT NOT NULL, client_port INTEGER NOT NULL,
	first INTEGER NOT NULL, last INTEGER NOT NULL, record TEXT NOT NULL, line TEXT NOT NULL,
	PRIMARY KEY (server, server_port, client, client_port, last, record)
) WITHOUT ROWID;
CREATE INDEX attestation_by_time ON attestation (last);
CREATE TABLE tail (              -- logs as far as they are applied
	source TEXT PRIMARY KEY,     -- MAPPING@POI=PATH as configured
	inode INTEGER NOT NULL, offset INTEGER NOT NULL,
	seq INTEGER NOT NULL         -- records made of it
) WITHOUT ROWID;

-- SPDX-License-Identifier: Apache-2.0
-- correlator.db, migration 4: a ledger that only grows: what comes after a day is closed is a row of the day it came in.
CREATE TABLE ledger_grown (
	poi TEXT NOT NULL, sensor TEXT NOT NULL, flow_id INTEGER NOT NULL,
	part INTEGER NOT NULL,       -- 0, or the day a late row came in, counted from 1970
	amends INTEGER NOT NULL,     -- 1: the session has an earlier row, and bytes here are what came on top
	record TEXT NOT NULL,        -- id of the newest flow or tls record that made the row
	start INTEGER NOT NULL, end INTEGER NOT NULL,
	day INTEGER NOT NULL,        -- begin of the policy's day of start; of a late row, of the day it came in
	client TEXT NOT NULL, client_partition TEXT NOT NULL, client_ip TEXT NOT NULL,
	server TEXT NOT NULL, server_partition TEXT NOT NULL, server_ip TEXT NOT NULL,
	server_port INTEGER NOT NULL, service TEXT NOT NULL, service_kind TEXT NOT NULL,
	bytes_to_server INTEGER NOT NULL, bytes_to_client INTEGER NOT NULL, -- as of 'record'
	app_proto TEXT NOT NULL, tls_version TEXT NOT NULL, sni TEXT NOT NULL,
	client_certificate TEXT NOT NULL, -- subject, '' if none was sent, 'unobservable:REASON' if it cannot be seen
	verdict TEXT NOT NULL,       -- of the session: violated, unobservable, satisfied, not_applicable
	violated TEXT NOT NULL,      -- JSON list of requirement ids
	is_final INTEGER NOT NULL,
	PRIMARY KEY (poi, sensor, flow_id, part)
) WITHOUT ROWID;
INSERT INTO ledger_grown SELECT poi, sensor, flow_id, 0, 0, record, start, end, day, client, client_partition, client_ip,
	server, server_partition, server_ip, server_port, service, service_kind, bytes_to_server, bytes_to_client,
	app_proto, tls_version, sni, client_certificate, verdict, violated, is_final FROM ledger;
DROP TABLE ledger;
ALTER TABLE ledger_grown RENAME TO ledger;
CREATE INDEX ledger_by_day ON ledger (day, client_partition);

-- SPDX-License-Identifier: Apache-2.0
-- correlator.db, migration 5: certificates that were seen, for chains of later sessions.
CREATE TABLE certificate (
	fingerprint TEXT PRIMARY KEY, -- SHA-256 of the DER
	der TEXT NOT NULL             -- base64
) WITHOUT ROWID;

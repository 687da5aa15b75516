-- SPDX-License-Identifier: Apache-2.0
-- correlator.db, migration 7: what correlations remember (correlator/sigma/correlating.h): a journal, and now and then the whole.
CREATE TABLE correlation (
	poi TEXT NOT NULL,           -- '*': over all POIs
	number INTEGER NOT NULL,     -- 0: the whole; above it the journal since, in order
	state BLOB NOT NULL, PRIMARY KEY (poi, number)
) WITHOUT ROWID;

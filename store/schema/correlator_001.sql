-- SPDX-License-Identifier: Apache-2.0
-- correlator.db, migration 1: effects and the position, written in one transaction.
-- Times are microseconds since 1970 UTC.  JSON columns hold canonical JSON.
-- "partition" columns decide who may see a row: a region's id, 'base' or 'external'.

CREATE TABLE position (          -- what is applied; the only thing that decides what is new
	sensor TEXT NOT NULL, epoch TEXT NOT NULL, lane INTEGER NOT NULL,
	low INTEGER NOT NULL,        -- every seq <= low is applied
	gaps TEXT NOT NULL,          -- JSON list of [first,last] applied above low
	time INTEGER NOT NULL,       -- lane time: greatest tick or record time applied
	tick INTEGER NOT NULL,       -- greatest tick applied; 0: the lane has none
	covered INTEGER NOT NULL,    -- greatest end of a watched interval; 0: the lane watches nothing
	PRIMARY KEY (sensor, epoch, lane)
) WITHOUT ROWID;

CREATE TABLE ruleset (           -- every set that ever judged
	sha256 TEXT PRIMARY KEY, policy TEXT NOT NULL, version TEXT NOT NULL,
	first_used INTEGER NOT NULL
) WITHOUT ROWID;

-- The inventory and the requirements as last loaded, so that console and reports need no YAML.
CREATE TABLE region (
	id TEXT PRIMARY KEY, title_ja TEXT NOT NULL, title_en TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE participant (
	id TEXT PRIMARY KEY, kind TEXT NOT NULL, partition TEXT NOT NULL,
	title_ja TEXT NOT NULL, title_en TEXT NOT NULL,
	kana TEXT NOT NULL DEFAULT '', code TEXT NOT NULL DEFAULT '', contact TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE participant_sensor ( -- which sensors can see a participant's lines
	participant TEXT NOT NULL, sensor TEXT NOT NULL, PRIMARY KEY (participant, sensor)
) WITHOUT ROWID;
CREATE TABLE service (
	id TEXT PRIMARY KEY, kind TEXT NOT NULL, participant TEXT NOT NULL,
	title_ja TEXT NOT NULL, title_en TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE requirement (
	id TEXT PRIMARY KEY, ordinal INTEGER NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL,
	severity TEXT NOT NULL,      -- critical, high, medium, low, info
	title_ja TEXT NOT NULL, title_en TEXT NOT NULL,
	document TEXT NOT NULL,      -- title of the source document, ja
	document_en TEXT NOT NULL, clause TEXT NOT NULL,
	rationale_ja TEXT NOT NULL, rationale_en TEXT NOT NULL,
	remedy_ja TEXT NOT NULL, remedy_en TEXT NOT NULL,
	min_coverage INTEGER NOT NULL, -- millionths
	settled_by_ja TEXT NOT NULL, settled_by_en TEXT NOT NULL -- other evidence that would settle what the wire hides, or ''
) WITHOUT ROWID;

-- One row per (requirement, participant, window) that had something in scope.
-- Pairs without a row are not_applicable if coverage >= min_coverage, else unobservable.
CREATE TABLE verdict (
	requirement TEXT NOT NULL, participant TEXT NOT NULL,
	window_start INTEGER NOT NULL, window_end INTEGER NOT NULL,
	partition TEXT NOT NULL,
	verdict TEXT NOT NULL,       -- satisfied, violated, unobservable, not_applicable, error
	provisional INTEGER NOT NULL,-- 1 until the window is closed
	disposition TEXT NOT NULL,   -- '' or open, accepted (by an exception)
	exception TEXT NOT NULL DEFAULT '',
	good INTEGER NOT NULL, bad INTEGER NOT NULL, unknown INTEGER NOT NULL, failed INTEGER NOT NULL,
	coverage INTEGER NOT NULL,   -- millionths; least over the sensors that can see the participant
	reason TEXT NOT NULL,        -- '' or most frequent reason of the unknown: encrypted, resumed, ..., coverage
	evidence TEXT NOT NULL,      -- JSON list of up to 16 record ids: of the bad, else the unknown, else the good
	evidence_class TEXT NOT NULL DEFAULT 'observed',
	ruleset TEXT NOT NULL, revision INTEGER NOT NULL DEFAULT 1,
	PRIMARY KEY (requirement, participant, window_start)
) WITHOUT ROWID;
CREATE INDEX verdict_by_window ON verdict (window_start, partition);

CREATE TABLE unknown_reason (    -- why samples were unknown, summed
	requirement TEXT NOT NULL, participant TEXT NOT NULL, window_start INTEGER NOT NULL,
	reason TEXT NOT NULL, count INTEGER NOT NULL,
	PRIMARY KEY (requirement, participant, window_start, reason)
) WITHOUT ROWID;

CREATE TABLE coverage (          -- summed per sensor, POI and hour
	sensor TEXT NOT NULL, poi TEXT NOT NULL, hour INTEGER NOT NULL,
	observed INTEGER NOT NULL,   -- microseconds watched: the mean over the lanes that watched
	packets INTEGER NOT NULL, lost INTEGER NOT NULL, -- packets; lost = interface + kernel
	lost_stream INTEGER NOT NULL, lost_flow INTEGER NOT NULL, lost_records INTEGER NOT NULL,
	PRIMARY KEY (sensor, poi, hour)
) WITHOUT ROWID;
CREATE TABLE coverage_lane (     -- what 'coverage' is summed from
	sensor TEXT NOT NULL, poi TEXT NOT NULL, hour INTEGER NOT NULL, lane INTEGER NOT NULL,
	spoken INTEGER NOT NULL,     -- microseconds the lane's records speak of; 0: only of lost records
	observed INTEGER NOT NULL,
	packets INTEGER NOT NULL, lost INTEGER NOT NULL,
	lost_stream INTEGER NOT NULL, lost_flow INTEGER NOT NULL, lost_records INTEGER NOT NULL,
	PRIMARY KEY (sensor, poi, hour, lane)
) WITHOUT ROWID;
CREATE TABLE sensor (            -- first and last lane time, for clipping and the sensors' strip
	sensor TEXT NOT NULL, poi TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
	last_record INTEGER NOT NULL, records INTEGER NOT NULL,
	PRIMARY KEY (sensor, poi)
) WITHOUT ROWID;

CREATE TABLE alert (
	seq INTEGER NOT NULL,        -- changes with each change of the row: as_of_seq, Last-Event-ID
	id TEXT PRIMARY KEY,         -- SHA-256(rule id, group key, id of the opening record), hexadecimal
	rule TEXT NOT NULL, category TEXT NOT NULL, -- requirement or detection
	severity TEXT NOT NULL,
	title_ja TEXT NOT NULL, title_en TEXT NOT NULL,
	sentence_ja TEXT NOT NULL, sentence_en TEXT NOT NULL, -- what happened, one sentence
	conditions TEXT NOT NULL,    -- JSON list of {what, required, observed, outcome, record, unobservable}
	client TEXT NOT NULL, server TEXT NOT NULL,     -- participant ids, or 'unknown'
	client_ip TEXT NOT NULL, server_ip TEXT NOT NULL, server_port INTEGER NOT NULL,
	service TEXT NOT NULL,       -- service id or ''
	client_partition TEXT NOT NULL, server_partition TEXT NOT NULL,
	poi TEXT NOT NULL, vlan TEXT NOT NULL, community_id TEXT NOT NULL, -- of the opening record
	episode TEXT NOT NULL,       -- open, quiet, closed
	disposition TEXT NOT NULL,   -- open, accepted
	exception TEXT NOT NULL DEFAULT '',
	first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
	evidence TEXT NOT NULL,      -- JSON list of up to 16 record ids, the opening one first
	ruleset TEXT NOT NULL, late INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE UNIQUE INDEX alert_by_seq ON alert (seq);
CREATE INDEX alert_by_last ON alert (last);
CREATE TABLE alert_group (       -- the open episode of each group key
	rule TEXT NOT NULL, key TEXT NOT NULL, alert TEXT NOT NULL, last INTEGER NOT NULL,
	PRIMARY KEY (rule, key)
) WITHOUT ROWID;
CREATE TABLE alert_evidence (    -- cited records, copied: they live as long as the alert or verdict
	record TEXT PRIMARY KEY, time INTEGER NOT NULL, line TEXT NOT NULL,
	uses INTEGER NOT NULL        -- lists of evidence that name it; the row goes with the last
) WITHOUT ROWID;

-- Access ledger: one row a session to a registered service.
CREATE TABLE ledger (
	poi TEXT NOT NULL, sensor TEXT NOT NULL, flow_id INTEGER NOT NULL,
	record TEXT NOT NULL,        -- id of the newest flow or tls record that made the row
	start INTEGER NOT NULL, end INTEGER NOT NULL, day INTEGER NOT NULL, -- day: begin of the policy's day of start
	client TEXT NOT NULL, client_partition TEXT NOT NULL, client_ip TEXT NOT NULL,
	server TEXT NOT NULL, server_partition TEXT NOT NULL, server_ip TEXT NOT NULL,
	server_port INTEGER NOT NULL, service TEXT NOT NULL, service_kind TEXT NOT NULL,
	bytes_to_server INTEGER NOT NULL, bytes_to_client INTEGER NOT NULL, -- as of 'record'
	app_proto TEXT NOT NULL, tls_version TEXT NOT NULL, sni TEXT NOT NULL,
	client_certificate TEXT NOT NULL, -- subject, '' if none was sent, 'unobservable:REASON' if it cannot be seen
	verdict TEXT NOT NULL,       -- of the session: violated, unobservable, satisfied, not_applicable
	violated TEXT NOT NULL,      -- JSON list of requirement ids
	is_final INTEGER NOT NULL,
	PRIMARY KEY (poi, sensor, flow_id)
) WITHOUT ROWID;
CREATE INDEX ledger_by_day ON ledger (day, client_partition);

CREATE TABLE summary (           -- per hour, pair of partitions and event: what pages draw
	hour INTEGER NOT NULL, poi TEXT NOT NULL,
	client_partition TEXT NOT NULL, server_partition TEXT NOT NULL, service TEXT NOT NULL,
	event TEXT NOT NULL, records INTEGER NOT NULL, bytes INTEGER NOT NULL,
	PRIMARY KEY (hour, poi, client_partition, server_partition, service, event)
) WITHOUT ROWID;

CREATE TABLE counter (           -- what the correlator could not use: refused lines, bad members, late records, ...
	name TEXT PRIMARY KEY, value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE judged_flow (       -- flows judged by an interim record, so that their next ones are not counted again
	poi TEXT NOT NULL, sensor TEXT NOT NULL, flow_id INTEGER NOT NULL, last INTEGER NOT NULL,
	PRIMARY KEY (poi, sensor, flow_id)
) WITHOUT ROWID;

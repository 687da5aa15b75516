# SPDX-License-Identifier: Apache-2.0
"""console_fixture: a small correlator.db with two regions, for tests of the console and its page."""
import hashlib
import json
import pathlib
import sqlite3
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOUR = 3600 * 1000000
DAY = 24 * HOUR
REGIONS = [("region-a", "A地域連携網", "Region A"), ("region-b", "B地域連携網", "Region B")]
PARTICIPANTS = [  # id, kind, partition, ja, en, kana
    ("hosp-a1", "hospital", "region-a", "第一病院", "Hospital 1", "だいいちびょういん"),
    ("clinic-a2", "clinic", "region-a", "あおい診療所", "Aoi clinic", "あおいしんりょうじょ"),
    ("hosp-b1", "hospital", "region-b", "北病院", "North hospital", "きたびょういん"),
    ("base-core", "base", "base", "共通基盤", "Shared base", "きょうつうきばん"),
]
SENSORS = [("east-1", "poi-east"), ("west-1", "poi-west")]


def alert_id(name):
    return hashlib.sha256(name.encode()).hexdigest()


def now():
    return int(time.time() * 1000000)


def put(db, table, **row):
    names = ", ".join(row)
    db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def add_alert(db, seq, name, client, server, **more):
    """An alert; client and server are (participant, partition, address)."""
    at = more.pop("at", now() - HOUR)
    row = dict(
        seq=seq, id=alert_id(name), rule="R-TLS-01", category="requirement", severity="high",
        title_ja="TLS 1.2以上で接続すること", title_en="TLS 1.2 or later",
        sentence_ja=f"{client[2]} から {server[2]} へ TLS 1.0 で接続しました。",
        sentence_en=f"{client[2]} spoke TLS 1.0 with {server[2]}.",
        conditions=json.dumps([{"what": "tls.version", "required": ">= TLS 1.2", "observed": "TLS 1.0 " + server[2],
                                "outcome": "violated", "record": f"east-1/e/0/{seq}", "unobservable": ""},
                               {"what": "tls.client", "required": "present", "observed": "", "outcome": "not_observed",
                                "record": f"east-1/e/0/{seq}", "unobservable": "encrypted"}]),
        client=client[0], client_partition=client[1], client_ip=client[2],
        server=server[0], server_partition=server[1], server_ip=server[2], server_port=443,
        service="svc-xca", poi="poi-east", vlan="[]", community_id="1:" + name, episode="open",
        disposition="open", first=at, last=at + 60000000, count=3, evidence=json.dumps([f"east-1/e/0/{seq}"]),
        ruleset="9f" * 32)
    row.update(more)
    put(db, "alert", **row)
    line = {"timestamp": "2026-11-24T05:01:00.000000+0000", "event_type": "tls", "src_ip": client[2],
            "dest_ip": server[2], "proto": "TCP", "tls": {"version": "TLS 1.0", "sni": "secret.example"},
            "sekisho": {"poi": "poi-east", "sensor": "east-1", "unobservable": {"tls.client": "encrypted"}}}
    put(db, "alert_evidence", record=f"east-1/e/0/{seq}", time=at, line=json.dumps(line), uses=1)


A1 = ("hosp-a1", "region-a", "10.1.0.10")
A2 = ("clinic-a2", "region-a", "10.1.0.20")
B1 = ("hosp-b1", "region-b", "10.2.0.10")
CORE = ("base-core", "base", "203.0.113.10")


def add_alerts(db):
    add_alert(db, 1, "own", A1, A2)
    add_alert(db, 2, "crossing", A1, B1, severity="critical")
    add_alert(db, 3, "other", B1, CORE)
    add_alert(db, 4, "detection", A2, CORE, rule="D-SCAN-01", category="detection", severity="low",
              title_ja="走査", title_en="Scan")
    for name in ("own", "crossing", "other"):
        put(db, "incident_alert", alert=alert_id(name), incident=alert_id("incident"), first=now() - HOUR)
    add_alert(db, 5, "accepted", A1, CORE, disposition="accepted", exception="EX-1", at=now() - 3 * DAY)


def add_verdict(db, requirement, participant, partition, day, verdict, **more):
    row = dict(requirement=requirement, participant=participant, partition=partition, window_start=day,
               window_end=day + DAY, verdict=verdict, provisional=0, disposition="", good=10, bad=0, unknown=0,
               failed=0, coverage=990000, reason="", evidence=json.dumps(["east-1/e/0/1"]), ruleset="9f" * 32)
    row.update(more)
    put(db, "verdict", **row)


def add_verdicts(db, today):
    add_verdict(db, "R-TLS-01", "hosp-a1", "region-a", today - DAY, "violated", bad=2, disposition="open")
    add_verdict(db, "R-TLS-01", "hosp-a1", "region-a", today, "unobservable", unknown=4, provisional=1, reason="encrypted")
    add_verdict(db, "R-TLS-01", "hosp-b1", "region-b", today, "satisfied", provisional=1)
    put(db, "unknown_reason", requirement="R-TLS-01", participant="hosp-a1", window_start=today, reason="encrypted", count=4)


def add_traffic(db, today):
    hour = now() // HOUR * HOUR
    for sensor, poi in SENSORS:
        put(db, "sensor", sensor=sensor, poi=poi, first=today - 10 * DAY, last=now(), last_record=now(), records=1000)
        for back in range(1, 48):
            if sensor == "west-1" and back > 2:
                continue  # it saw the last two hours only
            put(db, "coverage", sensor=sensor, poi=poi, hour=hour - back * HOUR, observed=HOUR, packets=1000,
                lost=0, lost_stream=0, lost_flow=0, lost_records=0)
    for back in range(0, 24):
        put(db, "summary", hour=hour - back * HOUR, poi="poi-east", client_partition="region-a", server_partition="base",
            service="svc-xca", event="flow", records=10, bytes=1000)
        put(db, "summary", hour=hour - back * HOUR, poi="poi-west", client_partition="region-b", server_partition="base",
            service="svc-xca", event="tls", records=5, bytes=500)


def make_store(directory):
    """Makes correlator.db in 'directory', at the store's version."""
    path = pathlib.Path(directory) / "correlator.db"
    schemas = sorted((ROOT / "store/schema").glob("correlator_*.sql"))
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode=WAL")
    for schema in schemas:
        db.executescript(schema.read_text())
    db.execute(f"PRAGMA user_version={len(schemas)}")
    today = (now() + 9 * HOUR) // DAY * DAY - 9 * HOUR
    for region in REGIONS:
        put(db, "region", id=region[0], title_ja=region[1], title_en=region[2])
    for p in PARTICIPANTS:
        put(db, "participant", id=p[0], kind=p[1], partition=p[2], title_ja=p[3], title_en=p[4], kana=p[5],
            code="code-" + p[0], contact=p[0] + "@example.jp")
        put(db, "participant_sensor", participant=p[0], sensor="west-1" if p[2] == "region-b" else "east-1")
    put(db, "service", id="svc-xca", kind="xca", participant="base-core", title_ja="連携基盤", title_en="XCA gateway")
    put(db, "ruleset", sha256="9f" * 32, policy="renkei", version="2026.11", first_used=today - 10 * DAY)
    for ordinal, rid in enumerate(["R-TLS-01", "R-LOG-01"]):
        put(db, "requirement", id=rid, ordinal=ordinal, kind="session", status="active", severity="high",
            title_ja="TLS 1.2以上で接続すること", title_en="TLS 1.2 or later", document="接続要件", document_en="Requirements",
            clause="4.2", rationale_ja="", rationale_en="", remedy_ja="更新", remedy_en="Update", min_coverage=900000,
            settled_by_ja="", settled_by_en="")
    add_alerts(db)
    add_verdicts(db, today)
    add_traffic(db, today)
    db.commit()
    return db

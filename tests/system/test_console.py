#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_console: the real console over a small store: who sees what, who may do what, and what is refused."""
import http.client
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from urllib.parse import quote

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import console_fixture as fixture  # noqa: E402

ROOT = fixture.ROOT
BUILD = ROOT / os.environ.get("B", "build/gcc-address-undefined")
PASSWORD = "correct horse 9"
USERS = {"ana": "analyst", "ben": "analyst", "ope": "operator", "rega": "region_viewer", "regb": "region_viewer",
         "adm": "admin", "aud": "auditor"}
REGION = {"rega": "region-a", "regb": "region-b"}
# Who may use a permission: docs/API.md, written down a second time on purpose.
MAY = {
    "overview.read": {"analyst", "operator", "region_viewer", "auditor"},
    "alerts.read": {"analyst", "operator", "region_viewer", "auditor"},
    "alerts.note": {"analyst", "region_viewer"},
    "alerts.work": {"analyst"},
    "compliance.read": {"analyst", "operator", "region_viewer", "auditor"},
    "sensors.read": {"analyst", "operator", "region_viewer", "auditor"},
    "stream.read": {"analyst", "operator", "region_viewer", "auditor"},
    "users.read": {"admin", "auditor"},
    "audit.read": {"admin", "auditor"},
    "audit.own": set(USERS.values()),
    "self": set(USERS.values()),
    "public": set(USERS.values()),
}
# What must never reach region A's eyes, in any answer.
FOREIGN = ["10.2.0.10", "203.0.113.10", "code-hosp-b1", "hosp-b1@example.jp", "secret.example", "poi-west",
           fixture.alert_id("other"), "1:crossing"]


class Console:
    """A console of its own on a store of its own."""

    def __init__(self, *options, store=True):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-console-"))
        self.db = str(self.dir / "console.db")
        self.store = fixture.make_store(self.dir) if store else None
        (self.dir / "web").mkdir()
        (self.dir / "web/index.html").write_text("<!doctype html><title>page</title>")
        (self.dir / "web/app-3f9c01ab.js").write_text("0")
        self.log = open(self.dir / "log", "w")
        self.process = None
        self.options = list(options)

    def add_user(self, name, password=PASSWORD):
        region = ["--partition", REGION[name]] if name in REGION else []
        subprocess.run([BUILD / "sekisho", "user", "add", name, "--role", USERS[name], *region, "--console-db", self.db,
                        "--password-stdin"], input=password + "\n", text=True, check=True)

    def start(self):
        self.process = subprocess.Popen(
            [BUILD / "sekisho-console", "--store", self.dir, "--console-db", self.db, "--web-root", self.dir / "web",
             "--listen", "127.0.0.1:0", *self.options], stderr=self.log, stdout=self.log)
        for _ in range(300):
            for line in (self.dir / "log").read_text().splitlines():
                if "listens on" in line:
                    self.port = int(line.rsplit(" ", 1)[1])
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError("the console did not start: " + (self.dir / "log").read_text())

    def stop(self):
        status = None
        if self.process:
            self.process.terminate()
            status = self.process.wait(60)
        self.log.close()
        text = (self.dir / "log").read_text()
        if self.store:
            self.store.close()
        shutil.rmtree(self.dir)
        return status, text


class Client:
    def __init__(self, console, name=None):
        self.console, self.cookie = console, None
        if name:
            status, _ = self.post("/login", {"name": name, "password": PASSWORD})
            assert status == 200, f"login of {name}: {status}"

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.console.port, timeout=60)
        if self.cookie:
            headers.setdefault("Cookie", self.cookie)
        headers = {key.replace("_", "-"): value for key, value in headers.items() if value is not None}
        connection.request(method, "/api/v1" + path if not path.startswith("//") else path[1:], body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        cookie = answer.getheader("Set-Cookie")
        if cookie:
            self.cookie = cookie.split(";")[0]
        self.headers = answer.headers
        self.text = text
        connection.close()
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return answer.status, json.loads(text) if is_json else text

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body=None, **headers):
        all_headers = {"Origin": f"http://127.0.0.1:{self.console.port}", "Content_Type": "application/json", "X_Sekisho": "1"}
        all_headers.update(headers)
        return self.ask("POST", path, json.dumps({} if body is None else body), **all_headers)


passed = failed = 0


def check(name, holds, why=""):
    global passed, failed
    if holds:
        passed += 1
        print(f"ok - {name}")
    else:
        failed += 1
        print(f"not ok - {name}: {why}")


def routes():
    text = subprocess.run([BUILD / "sekisho-console", "--print-routes"], capture_output=True, text=True, check=True).stdout
    return json.loads(text)


def fill(path, alert):
    return (path.removeprefix("/api/v1").replace("{id}", fixture.alert_id(alert)).replace("{action}", "note")
            .replace("{op}", "0" * 32).replace("{requirement}", "R-TLS-01").replace("{participant}", "hosp-b1"))


def read_events(stream, count, events):
    """Appends (event, id, data) until there are 'count' or the stream ends."""
    event = ident = None
    while len(events) < count:
        line = stream.readline().decode().rstrip("\r\n")
        if line == "" and event is None:
            if stream.isclosed():
                return
        elif line.startswith("id: "):
            ident = line[4:]
        elif line.startswith("event: "):
            event = line[7:]
        elif line.startswith("data: "):
            events.append((event, ident, json.loads(line[6:])))
            event = ident = None


def open_stream(client, query="", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", client.console.port, timeout=60)
    headers["Cookie"] = client.cookie
    connection.request("GET", "/api/v1/stream" + query, headers={k.replace("_", "-"): v for k, v in headers.items()})
    return connection, connection.getresponse()


def raw(console, data):
    """The whole answer to these bytes, until the other end closes."""
    with socket.create_connection(("127.0.0.1", console.port), timeout=30) as s:
        s.sendall(data)
        answer = b""
        try:
            while True:
                more = s.recv(65536)
                if not more:
                    return answer.decode(errors="replace")
                answer += more
        except ConnectionResetError:
            return answer.decode(errors="replace")


def test_routes(clients, console):
    stranger = Client(console)
    for route in routes():
        method, permission = route["method"], route["permission"]
        path = fill(route["path"], "other")
        name = f"{method} {route['path']}"
        if permission != "public":
            status, body = stranger.post(path) if method == "POST" else stranger.get(path)
            check(f"{name} without a session is 401", status == 401 and body["code"] == "login_required", f"{status}")
        if route["path"].endswith(("/login", "/logout", "/stream")):
            continue
        for user, client in clients.items():
            status, body = client.post(path, {"note": "n"}) if method == "POST" else client.get(path)
            may = USERS[user] in MAY[permission]
            is_403 = status == 403 and body["code"] == "forbidden"
            check(f"{name} for {user} is {'allowed' if may else '403'}", is_403 != may and status < 500, f"{status} {body}")
            if may and user == "rega":
                leak = [word for word in FOREIGN if word in client.text]
                check(f"{name} shows region A nothing foreign", not leak, f"{leak} in {client.text[:2000]}")
                by_id = "{id}" in route["path"] or "{participant}" in route["path"]
                if by_id:
                    check(f"{name} of another region is 404", status == 404 and body["code"] == "not_found", f"{status} {body}")


def test_scope(clients):
    rega = clients["rega"]
    status, body = rega.get("/alerts?tab=all")
    ids = {item["id"]: item for item in body["items"]}
    check("region A sees its four alerts", status == 200 and len(ids) == 4 and body["total"]["value"] == 4, f"{len(ids)}")
    item = ids[fixture.alert_id("crossing")]
    check("the other party is named but masked", item["server"]["id"] == "hosp-b1" and item["server"]["masked"]
          and item["server"]["ip"] == "" and item["server"]["region"] == "" and not item["client"]["masked"], f"{item}")
    status, body = rega.get("/alerts/" + fixture.alert_id("crossing"))
    leak = [word for word in FOREIGN if word in rega.text]
    check("an alert over two regions leaks nothing", status == 200 and not leak, f"{leak} {rega.text}")
    check("its evidence is masked, not missing", body["evidence"][0]["masked"]
          and body["evidence"][0]["line"]["tls"]["version"] == "TLS 1.0", f"{body['evidence']}")
    check("its sentence keeps our own side", "10.1.0.10" in body["sentence"]["en"] and "***" in body["sentence"]["en"],
          body["sentence"]["en"])
    status, body = rega.get("/alerts/" + fixture.alert_id("own"))
    check("one's own alert is whole", not body["evidence"][0]["masked"] and body["community_id"] == "1:own", f"{body}")
    for query in ["to:10.2.0.10", "to:10.2.0.0/16", "with:region-b", "10.2.0.10", "to:203.0.113.10"]:
        status, body = rega.get(f"/alerts?tab=all&q={query}")
        check(f"a query about what is masked finds nothing: {query}", status == 200 and body["items"] == []
              and body["total"]["value"] == 0, f"{status} {body}")
    status, _ = rega.get("/compliance?region=region-b")
    check("another region's table is 404", status == 404, f"{status}")
    status, body = rega.get("/compliance")
    check("its own table is the default", status == 200 and body["region"]["id"] == "region-a", f"{status}")
    status, body = rega.get("/sensors")
    check("region A sees its sensor's state only", [s["sensor"] for s in body["items"]] == ["east-1"]
          and "packets_24h" not in body["items"][0], f"{body}")
    status, body = rega.get("/overview")
    check("region A's overview has its nodes only", {n["region"] for n in body["nodes"]} == {"region-a"}, f"{body['nodes']}")
    status, body = rega.get("/me")
    check("region A is told of its region only", [r["id"] for r in body["regions"]] == ["region-a"], f"{body}")
    status, body = rega.get("/alerts/" + fixture.alert_id("crossing") + "?x=1")
    check("actions for a region viewer are notes only", body["actions"] == ["note"], f"{body['actions']}")


def test_incidents(clients):
    status, body = clients["ana"].get("/incidents")
    one = body["incidents"][0]
    check("an incident gathers its alerts", status == 200 and len(body["incidents"]) == 1 and one["alerts"] == 3 and one["severity"] == "critical"
          and one["id"] == fixture.alert_id("incident"), f"{body}")
    status, body = clients["ana"].get("/incidents/" + fixture.alert_id("incident"))
    check("an incident's alerts are those of the queue", status == 200 and {a["id"] for a in body["alerts"]}
          == {fixture.alert_id(name) for name in ("own", "crossing", "other")}, f"{body}")
    status, body = clients["rega"].get("/incidents/" + fixture.alert_id("incident"))
    leak = [word for word in FOREIGN if word in clients["rega"].text]
    check("region A sees its two of them, masked", status == 200 and len(body["alerts"]) == 2 and not leak, f"{leak} {body}")
    status, body = clients["rega"].get("/incidents")
    leak = [word for word in FOREIGN if word in clients["rega"].text]
    check("region A's incident counts its alerts only", status == 200 and body["incidents"][0]["alerts"] == 2 and not leak, f"{leak} {body}")


def test_queries(clients):
    ana = clients["ana"]

    def find(query):
        status, body = ana.get("/alerts?tab=all&q=" + quote(query))
        return {i["id"] for i in body["items"]} if status == 200 else status

    ids = {n: fixture.alert_id(n) for n in ["own", "crossing", "other", "detection", "accepted"]}
    cases = {
        "rule:D-SCAN-01": ["detection"], "rule:R-*": ["own", "crossing", "other", "accepted"],
        "sev:>=critical": ["crossing"], "sev:<high": ["detection"], "-rule:R-TLS-01": ["detection"],
        "from:10.1.0.0/24": ["own", "crossing", "detection", "accepted"], "to:region-b": ["crossing"],
        "from:hosp-b1": ["other"], "with:hosp-b1": ["crossing", "other"], "verdict:accepted": ["accepted"],
        "category:detection service:xca": ["detection"], "北病院": ["crossing", "other"], "\"aoi CLINIC\"": ["own", "detection"],
        "state:new,closed port:443 -sev:high,low": ["crossing"], "id:" + ids["own"][:12]: ["own"], "is:mine": [],
        "' OR 1=1 --": [], "100%": [], "is:unassigned poi:poi-east": list(ids),
    }
    for query, names in cases.items():
        found = find(query)
        check(f"query {query}", found == {ids[n] for n in names}, f"{found}")
    for query in ["sev:urgent", "state:", "port:99999", "\"open", "is:odd", "- x"]:
        status, body = ana.get("/alerts?q=" + quote(query))
        check(f"no query: {query}", status == 400 and body["code"] == "invalid_query" and body["params"]["expected"], f"{status}")
    for path in ["/alerts?limit=0", "/alerts?limit=501", "/alerts?cursor=x", "/alerts?sort=odd", "/alerts?group=odd",
                 "/alerts?tab=odd", "/alerts?from=now", "/overview?hours=0", "/compliance?period=2026-13",
                 "/compliance?period=2026-01..2027-01", "/stream?topics=odd"]:
        status, body = ana.get(path)
        check(f"no parameter: {path}", status == 400 and body["code"] == "invalid_parameter", f"{status} {body}")
    test_pages(ana, ids)


def test_pages(ana, ids):
    for sort in ["last", "severity", "first"]:
        seen, cursor = [], ""
        while cursor is not None and len(seen) < 10:
            status, body = ana.get(f"/alerts?tab=all&limit=2&sort={sort}&cursor={cursor}")
            seen += [i["id"] for i in body["items"]]
            cursor = body["next"]
        check(f"pages by {sort} show each alert once", sorted(seen) == sorted(ids.values()), f"{seen}")
        if sort == "severity":
            check("the most severe comes first, the least last", seen[0] == ids["crossing"] and seen[-1] == ids["detection"])
    status, body = ana.get("/alerts?tab=all&group=pair")
    check("groups add up to the total", sum(g["alerts"] for g in body["groups"]) == 5, f"{body['groups']}")
    for group in body["groups"]:
        status, inner = ana.get("/alerts?tab=all&q=" + quote(group["filter"]))
        check(f"group {group['key']} opens exactly its alerts", inner["total"]["value"] == group["alerts"], f"{inner['total']}")


def test_detail(clients):
    status, body = clients["ana"].get("/alerts/" + fixture.alert_id("crossing"))
    check("the SOC sees addresses and party", body["server"]["ip"] == "10.2.0.10"
          and body["parties"]["server"]["contact"] == "hosp-b1@example.jp", f"{body}")
    check("what was not visible is said once", body["not_visible"] == [{"what": "tls.client", "reason": "encrypted",
          "record": "east-1/e/0/2"}], f"{body['not_visible']}")
    check("the requirement comes with clause and remedy", body["requirement"]["clause"] == "4.2"
          and body["requirement"]["remedy"]["ja"] == "更新", f"{body['requirement']}")
    check("similar alerts are near to far", [s["why"] for s in body["similar"]] == ["client", "client", "rule"]
          and body["similar_counts"] == {"rule": 3, "client": 2, "pair": 0}, f"{body['similar_counts']}")
    check("a detection has no requirement",
          clients["ana"].get("/alerts/" + fixture.alert_id("detection"))[1]["requirement"] is None)


def test_compliance(clients):
    status, body = clients["ana"].get("/compliance?region=region-a")
    rows = {r["id"]: r["cells"] for r in body["requirements"]}
    at = [p["id"] for p in body["participants"]].index("hosp-a1")
    cell, silent = rows["R-TLS-01"][at], rows["R-LOG-01"][at]
    check("the newest day's verdict stands in the cell", cell["verdict"] == "unobservable" and cell["provisional"]
          and not cell["derived"] and cell["reason"] == "encrypted", f"{cell}")
    check("violations of other days are counted, not hidden", cell["days"]["violated"] == 1, f"{cell}")
    elapsed = body["period"]["elapsed"]
    check("every day that has passed is counted once",
          all(sum(c["days"].values()) == elapsed for r in rows.values() for c in r), f"{rows}")
    check("nothing is satisfied because nobody looked", silent["derived"] and silent["days"]["satisfied"] == 0
          and silent["days"]["unobservable"] > 0, f"{silent}")
    check("the summary counts each cell", sum(body["summary"][v] for v in ["satisfied", "violated", "unobservable",
          "not_applicable", "error"]) == 4, f"{body['summary']}")
    status, body = clients["ana"].get("/compliance/R-TLS-01/hosp-a1")
    derived = [w for w in body["windows"] if w["derived"]]
    check("a cell opens to its windows", len(body["windows"]) == elapsed and len(derived) == elapsed - 2, f"{len(derived)}")
    real = [w for w in body["windows"] if not w["derived"]]
    check("with evidence and reasons", real[0]["reasons"] == [{"reason": "encrypted", "count": 4}]
          and real[1]["evidence"][0]["line"]["event_type"] == "tls", f"{real}")
    check("and the alerts of it", fixture.alert_id("crossing") in [a["id"] for a in body["alerts"]], f"{body['alerts']}")
    status, _ = clients["ana"].get("/compliance/R-NONE/hosp-a1")
    check("an unknown requirement is 404", status == 404, f"{status}")


def test_workflow(clients):
    ana, ben = clients["ana"], clients["ben"]
    path = "/alerts/" + fixture.alert_id("own")
    status, body = ana.post(path + "/ack")
    check("without If-Match: 428", status == 428 and body["code"] == "precondition_required", f"{status}")
    status, body = ana.post(path + "/ack", If_Match='"0"')
    check("acknowledged and mine", status == 200 and body["state"] == "acknowledged" and body["assignee"] == "ana"
          and ana.headers["ETag"] == '"1"', f"{status} {body}")
    status, body = ben.post(path + "/escalate", If_Match='"0"')
    check("who saw the old version: 412", status == 412 and body["params"]["version"] == 1, f"{status} {body}")
    status, body = ana.post(path + "/ack", If_Match='"1"')
    check("a transition that is none: 409", status == 409 and body["code"] == "transition_refused", f"{status}")
    status, body = ana.post(path + "/close", {"reason": "because"}, If_Match='"1"')
    check("closing needs a reason of the list", status == 400 and body["params"]["name"] == "reason", f"{status}")
    status, body = ana.post(path + "/close", {"reason": "other"}, If_Match='"1"')
    check("other needs a note", status == 400 and body["params"]["name"] == "note", f"{status}")
    status, body = ana.post(path + "/close", {"reason": "other", "note": "工事"}, If_Match='"1"')
    check("closed with reason", status == 200 and body["state"] == "closed" and body["reason"] == "other", f"{status}")
    status, body = ana.post(path + "/reopen", If_Match='"2"')
    check("reopened, reason gone", status == 200 and body["state"] == "acknowledged" and body["reason"] == "", f"{status}")
    status, body = clients["rega"].post(path + "/note", {"note": "院内で確認しました"})
    check("a region viewer may note", status == 200 and body["version"] == 3 and body["notes"] == 2, f"{status} {body}")
    status, body = clients["rega"].post(path + "/ack", If_Match='"3"')
    check("but not work", status == 403 and body["params"]["permission"] == "alerts.work", f"{status}")
    status, body = clients["rega"].post("/alerts/" + fixture.alert_id("other") + "/note", {"note": "x"})
    check("nor note what is another's", status == 404, f"{status}")
    status, body = ana.get(path)
    check("history says who, when, from, to and why",
          [(h["user"], h["from"], h["to"], h["reason"], h["note"]) for h in body["history"]]
          == [("ana", "new", "acknowledged", "", ""), ("ana", "acknowledged", "closed", "other", "工事"),
              ("ana", "closed", "acknowledged", "", ""), ("rega", "acknowledged", "acknowledged", "", "院内で確認しました")],
          f"{body['history']}")
    status, body = ana.post(path + "/dance", If_Match='"3"')
    check("an unknown action is 404", status == 404, f"{status}")
    status, body = ana.post(path + "/note", {"note": "x", "more": 1})
    check("unknown members are refused", status == 400 and body["params"]["name"] == "more", f"{status}")


def test_bulk(clients, console):
    ana, ben = clients["ana"], clients["ben"]
    status, seen = ana.get("/alerts?tab=all&q=state:new")
    count = seen["total"]["value"]

    def bulk(client=ana, expected=count, seq=seen["as_of_seq"], change=seen["as_of_change"], action="ack", **more):
        selection = {"tab": "all", "q": "state:new", "as_of_seq": seq, "as_of_change": change, "expected": expected}
        return client.post("/alerts/bulk", {"action": action, "selection": selection, **more})

    status, body = bulk(expected=count - 1)
    check("another number than was seen: 409", status == 409 and body["params"]["found"] == count, f"{status} {body}")
    fixture.add_alert(console.store, 6, "late-comer", fixture.A1, fixture.A2)
    console.store.commit()
    ben.post("/alerts/" + fixture.alert_id("other") + "/note", {"note": "looking"})
    status, body = bulk()
    check("somebody did something since: 409", status == 409 and body["code"] == "selection_changed", f"{status} {body}")
    status, seen = ana.get("/alerts?tab=all&q=state:new")
    fixture.add_alert(console.store, 7, "crossing", fixture.A1, fixture.B1, severity="critical", count=9)
    console.store.commit()
    status, body = bulk(expected=seen["total"]["value"], seq=seen["as_of_seq"], change=seen["as_of_change"])
    check("one of them happened again since: 409", status == 409, f"{status} {body}")
    status, seen = ana.get("/alerts?tab=all&q=state:new")
    count = seen["total"]["value"]
    status, body = bulk(expected=count, seq=seen["as_of_seq"], change=seen["as_of_change"])
    check("exactly the set that was seen", status == 200 and body["changed"] == count, f"{status} {body}")
    operation = body.get("operation", "0")
    status, after = ana.get("/alerts?tab=inbox")
    check("the inbox is empty", after["total"]["value"] == 0, f"{after['total']}")
    status, body = ben.post(f"/alerts/bulk/undo/{operation}")
    check("only who did it may undo it", status == 409 and body["code"] == "undo_refused", f"{status}")
    ben.post("/alerts/" + fixture.alert_id("other") + "/escalate", If_Match='"1"')
    status, body = ana.post(f"/alerts/bulk/undo/{operation}")
    check("undo leaves what others changed since", status == 200 and body["undone"] == count - 1 and body["skipped"] == 1,
          f"{status} {body}")
    status, after = ana.get("/alerts?tab=inbox")
    check("the inbox is back", after["total"]["value"] == count - 1
          and all(i["assignee"] == "" for i in after["items"]), f"{after}")
    status, body = ana.post(f"/alerts/bulk/undo/{operation}")
    check("once", status == 409, f"{status}")
    test_bulk_ids(ana, after)
    status, body = clients["ope"].post("/alerts/bulk", {"action": "ack", "selection": {}})
    check("an operator may not", status == 403, f"{status}")


def test_bulk_ids(ana, seen):
    ids = [i["id"] for i in seen["items"]]
    selection = {"ids": ids, "as_of_seq": seen["as_of_seq"], "as_of_change": seen["as_of_change"], "expected": len(ids)}
    status, body = ana.post("/alerts/bulk", {"action": "reopen", "selection": selection})
    check("a transition that is none stops all", status == 409 and body["code"] == "transition_refused", f"{status}")
    wrong = dict(selection, ids=ids + ["f" * 64], expected=len(ids) + 1)
    status, body = ana.post("/alerts/bulk", {"action": "ack", "selection": wrong})
    check("an id that is gone: 409", status == 409 and body["params"]["found"] == len(ids), f"{status} {body}")
    status, body = ana.post("/alerts/bulk", {"action": "close", "reason": "duplicate", "selection": selection})
    check("by ids", status == 200 and body["changed"] == len(ids), f"{status} {body}")
    for bad in [{}, {"ids": ids}, dict(selection, expected=0), dict(selection, expected="2")]:
        status, body = ana.post("/alerts/bulk", {"action": "ack", "selection": bad})
        check("a selection without what was seen is refused", status == 400 and body["code"] == "invalid_body", f"{status}")


def test_csrf(clients, console):
    ana = clients["ana"]
    path = "/alerts/" + fixture.alert_id("detection") + "/note"
    own = f"http://127.0.0.1:{console.port}"
    cases = [
        ("another site", dict(Sec_Fetch_Site="cross-site"), "site"),
        ("a sibling site", dict(Sec_Fetch_Site="same-site", Origin=own), "site"),
        ("another origin", dict(Origin="https://evil.example"), "site"),
        ("our name, another port", dict(Origin="http://127.0.0.1:1"), "site"),
        ("no origin at all", dict(Origin=None), "site"),
        ("a form", dict(Content_Type="application/x-www-form-urlencoded"), "type"),
        ("text that is JSON", dict(Content_Type="text/plain"), "type"),
        ("no header of ours", dict(X_Sekisho=None), "header"),
    ]
    for name, headers, what in cases:
        status, body = ana.post(path, {"note": "csrf"}, **headers)
        check(f"refused: {name}", status == 403 and body["params"]["what"] == what, f"{status} {body}")
    status, _ = ana.post(path, {"note": "fine"}, Sec_Fetch_Site="same-origin", Origin=None)
    check("our own page passes", status == 200, f"{status}")
    status, _ = ana.get(path)
    check("GET changes nothing: 405", status == 405, f"{status}")


def test_requests(console):
    head = b"Host: x\r\n"
    login = b"POST /api/v1/login HTTP/1.1\r\nHost: x\r\n"
    hidden = b"GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n"
    cases = [
        ("TE and CL", login + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, "encoding"),
        ("TE alone", login + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "encoding"),
        ("TE of another case", login + b"tRANSFER-eNCODING: chunked\r\n\r\n0\r\n\r\n", "encoding"),
        ("two lengths", login + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + hidden, "length"),
        ("two equal lengths", login + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "length"),
        ("a length with a sign", login + b"Content-Length: +2\r\n\r\n{}", "length"),
        ("a length in hexadecimal", login + b"Content-Length: 0x2\r\n\r\n{}", "length"),
        ("a list of lengths", login + b"Content-Length: 2, 2\r\n\r\n{}", "length"),
        ("a blank before the colon", login + b"Content-Length : 44\r\n\r\n" + hidden, "header"),
        ("no name", b"GET / HTTP/1.1\r\n" + head + b": x\r\n\r\n", "header"),
        ("a folded line", b"GET / HTTP/1.1\r\n" + head + b"A: b\r\n c\r\n\r\n", "header"),
        ("NUL in a header", b"GET / HTTP/1.1\r\n" + head + b"A: b\0c\r\n\r\n", "header"),
        ("a bare LF", b"GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n", "header"),
        ("a bare CR", b"GET / HTTP/1.1\r\n" + head + b"A: b\rc\r\n\r\n", "header"),
        ("no host", b"GET / HTTP/1.1\r\n\r\n", "host"),
        ("two hosts", b"GET / HTTP/1.1\r\n" + head + head + b"\r\n", "host"),
        ("a way up", b"GET /../etc/passwd HTTP/1.1\r\n" + head + b"\r\n", "path"),
        ("a way up, escaped", b"GET /%2e%2e/etc/passwd HTTP/1.1\r\n" + head + b"\r\n", "path"),
        ("two slashes", b"GET //etc/passwd HTTP/1.1\r\n" + head + b"\r\n", "path"),
        ("an escaped slash", b"GET /a%2fb HTTP/1.1\r\n" + head + b"\r\n", "path"),
        ("an escaped NUL", b"GET /index.html%00.js HTTP/1.1\r\n" + head + b"\r\n", "path"),
        ("an escaped NUL in the query", b"GET /?a=%00 HTTP/1.1\r\n" + head + b"\r\n", "path"),
        ("half an escape", b"GET /a%4 HTTP/1.1\r\n" + head + b"\r\n", "path"),
        ("another host's URL", b"GET http://evil.example/ HTTP/1.1\r\n" + head + b"\r\n", "path"),
        ("a raw byte", "GET /あ HTTP/1.1\r\n".encode() + head + b"\r\n", "path"),
        ("another version", b"GET / HTTP/1.9\r\n" + head + b"\r\n", "version"),
        ("an expectation", login + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{}", "encoding"),
        ("a head without end", (b"GET / HTTP/1.1\r\n" + head + b"A: ").ljust(16384, b"a"), "size"),
        ("too many headers", b"GET / HTTP/1.1\r\n" + head + b"A: b\r\n" * 100 + b"\r\n", "header"),
        ("no UTF-8 in the query", b"GET /api/v1/alerts?q=%ff HTTP/1.1\r\n" + head + b"\r\n", "query"),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "head"),
    ]
    for name, data, what in cases:
        answer = raw(console, data)
        check(f"refused and closed: {name}", answer.startswith("HTTP/1.1 400 ") and f'"what":"{what}"' in answer
              and answer.count("HTTP/1.1 ") == 1 and "onnection: close" in answer, answer[:300] + answer[-120:])
    for name, data, status in [("another method", b"DELETE / HTTP/1.1\r\n" + head + b"\r\n", "405"),
                               ("a body over the limit", login + b"Content-Length: 99999999\r\n\r\n", "413")]:
        answer = raw(console, data)
        check(f"refused and closed: {name}", answer.startswith("HTTP/1.1 " + status) and answer.count("HTTP/1.1 ") == 1, answer)
    two = raw(console, hidden + b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    check("two honest requests in one go get two answers", two.count("HTTP/1.1 200") == 1 and two.count("HTTP/1.1 401") == 1, two)
    slow = raw(console, login + b"Content-Type: application/json\r\nOrigin: http://x\r\nX-Sekisho: 1\r\nContent-Length: 2\r\n"
               b"Connection: close\r\n\r\n" + b"{}")
    check("an honest POST gets through", "invalid_body" in slow, slow)


def test_static(console):
    client = Client(console)
    status, text = client.get("//")
    check("the page", status == 200 and "page" in text and client.headers["Cache-Control"] == "no-cache", f"{status}")
    csp = client.headers["Content-Security-Policy"]
    check("with the strict policy", "default-src 'none'" in csp and "unsafe" not in csp and "trusted-types 'none'" in csp, csp)
    check("and the other headers", client.headers["X-Content-Type-Options"] == "nosniff"
          and client.headers["Cross-Origin-Opener-Policy"] == "same-origin", f"{client.headers}")
    status, text = client.get("//alerts/abc")
    check("any place in the page is the page", status == 200 and "page" in text, f"{status}")
    status, _ = client.get("//app-3f9c01ab.js")
    check("a name with a hash never changes", status == 200 and "immutable" in client.headers["Cache-Control"], f"{status}")
    status, _ = client.get("//missing.js")
    check("a file that is not there is 404", status == 404, f"{status}")
    status, _ = client.get("/nothing")
    check("a route that is not there is 404", status == 404, f"{status}")


def test_stream(clients, console):
    connection, stream = open_stream(clients["rega"], "?topics=alerts")
    events = []
    read_events(stream, 1, events)
    check("hello first", events[0][0] == "hello", f"{events}")
    fixture.add_alert(console.store, 20, "foreign-live", fixture.B1, fixture.CORE)
    fixture.add_alert(console.store, 21, "live", fixture.A1, fixture.B1)
    console.store.commit()
    read_events(stream, 2, events)
    check("a new alert comes, of one's own region only", events[1][0] == "alert"
          and events[1][2]["id"] == fixture.alert_id("live"), f"{events[1:]}")
    check("masked as everywhere", "10.2.0.10" not in json.dumps(events), f"{events}")
    clients["ana"].post("/alerts/" + fixture.alert_id("live") + "/ack", If_Match='"0"')
    read_events(stream, 3, events)
    check("and what others do with it", events[2][0] == "workflow" and events[2][2]["state"] == "acknowledged"
          and events[2][2]["user"] == "ana", f"{events[2]}")
    connection.close()
    last = events[1][1]
    connection, stream = open_stream(clients["rega"], "?topics=alerts", Last_Event_ID=last)
    again = []
    read_events(stream, 2, again)
    check("taken up from the last id: what came after it, once", [e[0] for e in again] == ["hello", "workflow"], f"{again}")
    connection.close()
    connection, stream = open_stream(clients["ana"], "?topics=alerts&last_event_id=999999.1")
    again = []
    read_events(stream, 2, again)
    check("an id that is none of ours: resync", [e[0] for e in again] == ["hello", "resync"], f"{again}")
    connection.close()
    console.store.execute("UPDATE alert SET seq = 5000 WHERE id = ?", [fixture.alert_id("live")])
    console.store.commit()
    connection, stream = open_stream(clients["ana"], "?topics=alerts", Last_Event_ID=last)
    again = []
    read_events(stream, 2, again)
    check("too far behind: resync", [e[0] for e in again] == ["hello", "resync"], f"{again}")
    connection.close()
    connection, stream = open_stream(clients["ana"], "?topics=overview,sensors")
    again = []
    read_events(stream, 3, again)
    check("overview and sensors come by themselves", {e[0] for e in again} == {"hello", "overview", "sensors"}
          and "nodes" in again[1][2], f"{[e[0] for e in again]}")
    connection.close()
    test_stream_caps(clients)


def test_stream_caps(clients):
    opened = []
    for _ in range(6):
        opened.append(open_stream(clients["ope"], "?topics=alerts"))
    connection, answer = open_stream(clients["ope"], "?topics=alerts")
    check("a user's seventh stream is refused", answer.status == 503 and b"too_many_streams" in answer.read(), f"{answer.status}")
    connection.close()
    for connection, _ in opened:
        connection.close()


def test_slow_reader(clients, console):
    """Somebody who never reads: about 13 KB an alert, more than kernel and we are willing to keep."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.connect(("127.0.0.1", console.port))
    s.sendall(b"GET /api/v1/stream?topics=alerts HTTP/1.1\r\nHost: x\r\nCookie: " + clients["ana"].cookie.encode() + b"\r\n\r\n")
    for round_ in range(40):
        for n in range(20):
            fixture.add_alert(console.store, 6000 + round_ * 20 + n, f"flood-{n}", fixture.A1, fixture.A2, title_ja="長" * 20000)
        console.store.commit()
        time.sleep(0.25)
    s.settimeout(30)
    size, is_closed = 0, False
    try:
        while True:
            more = s.recv(65536)
            if not more:
                is_closed = True
                break
            size += len(more)
    except ConnectionResetError:
        is_closed = True
    except TimeoutError:
        pass
    s.close()
    check("a reader that does not keep up is cut off", is_closed, f"read {size} bytes, still open")
    status, _ = clients["ana"].get("/health")
    check("and the console goes on", status == 200, f"{status}")


def test_audit(clients, console):
    adm, ana = clients["adm"], clients["ana"]
    status, body = adm.get("/audit/verify")
    check("the audit chain holds", body["intact"] and body["rows"] > 20, f"{body}")
    status, body = adm.get("/audit?limit=500")
    actions = {row["action"] for row in body["items"]}
    check("logins, users and changes are in it", {"login", "user.add", "alert.close", "alerts.ack", "alerts.undo", "alert.note"}
          <= actions, f"{actions}")
    status, body = ana.get("/audit?user=adm")
    check("others see their own rows only", {row["user"] for row in body["items"]} == {"ana"}, f"{body['items'][:2]}")
    rows, cursor = [], ""
    while cursor is not None:
        status, body = adm.get(f"/audit?limit=7&cursor={cursor}")
        rows += [row["id"] for row in body["items"]]
        cursor = body["next"]
    check("pages of the audit show each row once", rows == list(range(len(rows), 0, -1)), f"{rows[:9]}")
    db = sqlite3.connect(console.db)
    kept = db.execute("SELECT detail FROM audit WHERE id = 5").fetchone()[0]
    damages = {
        "a changed word": ("UPDATE audit SET detail = 'x' WHERE id = 5", ("UPDATE audit SET detail = ? WHERE id = 5", [kept]), 5),
        "a removed row": ("UPDATE audit SET id = 100000 WHERE id = 4", ("UPDATE audit SET id = 4 WHERE id = 100000", []), 5),
    }
    for name, (damage, repair, first) in damages.items():
        db.execute(damage)
        db.commit()
        status, body = adm.get("/audit/verify")
        check(f"the chain shows {name}", not body["intact"] and body["first_bad"] == first, f"{body}")
        db.execute(*repair)
        db.commit()
    status, body = adm.get("/audit/verify")
    check("and holds again when it is put right", body["intact"], f"{body}")
    newest = db.execute("SELECT * FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    db.execute("DELETE FROM audit WHERE id = ?", [newest[0]])
    db.commit()
    status, body = adm.get("/audit/verify")
    check("rows cut off at the end are missed", not body["intact"], f"{body}")
    db.execute("INSERT INTO audit VALUES (" + ",".join("?" * len(newest)) + ")", newest)
    db.commit()
    db.close()


def test_sessions(clients, console):
    client = Client(console, "ben")
    token = client.cookie.split("=")[1]
    text = pathlib.Path(console.db).read_bytes() + pathlib.Path(console.db + "-wal").read_bytes()
    check("the store holds no token", token.encode() not in text and len(token) == 64)
    check("nor a password", PASSWORD.encode() not in text)
    before = client.cookie
    client.post("/login", {"name": "ben", "password": PASSWORD})
    check("a login gives a new session", client.cookie != before)
    old = Client(console)
    old.cookie = before
    check("and ends the one that came along", old.get("/me")[0] == 401)
    kept = client.cookie
    status, _ = client.post("/logout")
    check("logout ends it", status == 204, f"{status}")
    client.cookie = kept
    check("also for who kept the cookie", client.get("/me")[0] == 401)
    for cookie in ["sekisho=", "sekisho=" + "0" * 64, "sekisho=" + "x" * 64, "other=1", "sekisho='--"]:
        old.cookie = cookie
        check(f"no session: {cookie[:12]}", old.get("/me")[0] == 401)
    client = Client(console, "ben")
    subprocess.run([BUILD / "sekisho", "user", "disable", "ben", "--console-db", console.db], check=True)
    check("disabling a user ends its sessions", client.get("/me")[0] == 401)
    status, body = Client(console).post("/login", {"name": "ben", "password": PASSWORD})
    check("and its logins", status == 401 and body["code"] == "bad_credentials", f"{status}")


def test_login_limits():
    console = Console()
    console.add_user("ana")
    console.start()
    client = Client(console)
    answers = [client.post("/login", {"name": "ana", "password": "wrong"}) for _ in range(5)]
    nobody = client.post("/login", {"name": "nobody", "password": "wrong"})
    check("wrong and unknown look the same", all(a == nobody for a in answers) and nobody[0] == 401, f"{answers} {nobody}")
    status, body = client.post("/login", {"name": "ana", "password": PASSWORD})
    check("after five the right one waits too", status == 429 and int(client.headers["Retry-After"]) > 0
          and body["params"]["retry_after"] > 0, f"{status} {body}")
    status, _ = client.post("/login", {"name": "other", "password": "x"})
    check("another name does not", status == 401, f"{status}")
    codes = [client.post("/login", {"name": f"n{n}", "password": "x"})[0] for n in range(20)]
    check("an address has its limit too", codes[0] == 401 and codes[-1] == 429, f"{codes}")
    for body in [{}, {"name": "ana"}, {"name": 1, "password": "x"}, {"name": "a" * 65, "password": "x"},
                 {"name": "ana", "password": "x", "more": 1}, []]:
        status, answer = client.post("/login", body)
        check(f"no login: {str(body)[:40]}", status == 400 and answer["code"] == "invalid_body", f"{status} {answer}")
    status, log = console.stop()
    check("the console ends by itself and leaves nothing behind", status == 0 and "Sanitizer" not in log, f"{status} {log[-2000:]}")


def test_expiry():
    console = Console("--idle", "2s", "--absolute", "6s")
    console.add_user("ana")
    console.start()
    client = Client(console, "ana")
    connection, stream = open_stream(client, "?topics=alerts")
    events = []
    read_events(stream, 1, events)
    deadline = time.time() + 30
    while client.get("/me", Sekisho_Background="1")[0] == 200 and time.time() < deadline:
        time.sleep(0.5)
    check("polling in the background does not lengthen a session", client.get("/me", Sekisho_Background="1")[0] == 401)
    read_events(stream, 2, events)
    check("the stream says goodbye with it", events[-1][0] == "bye", f"{events}")
    check("and ends", stream.read().strip() == b"")
    connection.close()
    console.stop()


def test_proxy():
    console = Console("--proxy", "127.0.0.1")
    console.add_user("ana")
    console.start()
    client = Client(console)
    tls = dict(X_Forwarded_Proto="https", X_Forwarded_For="198.51.100.1, 192.0.2.7", Host="soc.example", Origin="https://soc.example")
    status, _ = client.post("/login", {"name": "ana", "password": PASSWORD}, **tls)
    cookie = client.headers["Set-Cookie"]
    check("behind TLS the cookie is __Host- and Secure", status == 200 and cookie.startswith("__Host-sekisho=")
          and "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Domain" not in cookie, cookie)
    status, body = client.get("/audit", **tls)
    check("the address is the one the proxy saw", body["items"][0]["address"] == "192.0.2.7", f"{body}")
    check("without TLS that cookie is none", client.get("/me")[0] == 401)
    console.stop()


def test_no_store():
    console = Console(store=False)
    for name in ["ana"]:
        console.add_user(name)
    console.start()
    client = Client(console, "ana")
    for path in ["/health", "/overview", "/alerts", "/compliance", "/compliance/a/b", "/sensors", "/regions", "/stream",
                 "/requirements", "/alerts/" + "0" * 64]:
        status, body = client.get(path)
        check(f"without a store {path} says so", status == 503 and body["code"] == "store_unavailable", f"{status} {body}")
    console.store = fixture.make_store(console.dir)
    deadline = time.time() + 30
    while client.get("/health")[0] != 200 and time.time() < deadline:
        time.sleep(0.2)
    check("and finds it when it comes", client.get("/alerts?tab=all")[1]["total"]["value"] == 5)
    status, log = console.stop()
    check("ends well", status == 0, log[-2000:])


def test_options():
    for options, status in [(["--listen", "0.0.0.0:0"], 2), (["--listen", "192.0.2.1:80"], 2), (["--listen", "here"], 2),
                            (["--zone", "Europe/Berlin"], 2), (["--idle", "0"], 2)]:
        run = subprocess.run([BUILD / "sekisho-console", *options], capture_output=True, text=True, timeout=60)
        check(f"refused: {' '.join(options)}", run.returncode == status and run.stderr.count("\n") == 1, f"{run.returncode} {run.stderr}")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-console-"))
    (directory / "c.yaml").write_text("http: {listen: '127.0.0.1:1', odd: 1}\n")
    run = subprocess.run([BUILD / "sekisho-console", "--config", directory / "c.yaml", "--check-config"], capture_output=True, text=True)
    check("a bad file is named with its line", run.returncode == 3 and "c.yaml:1:" in run.stderr, run.stderr)
    run = subprocess.run([BUILD / "sekisho-console", "--config", ROOT / "etc/console.yaml", "--check-config"], capture_output=True, text=True)
    check("the file we ship is good", run.returncode == 0, run.stderr)
    user = [BUILD / "sekisho", "user", "--console-db", directory / "c.db"]
    for words, status in [(["add", "x"], 2), (["add", "x", "--role", "king"], 2), (["add", "x", "--role", "region_viewer"], 2),
                          (["add", "a b", "--role", "analyst"], 2), (["passwd", "x"], 1), (["list"], 0), (["dance"], 2)]:
        run = subprocess.run(user + words, capture_output=True, text=True)
        check(f"user {' '.join(words)} ends with {status}", run.returncode == status, f"{run.returncode} {run.stderr}")
    run = subprocess.run(user + ["add", "x", "--role", "analyst"], capture_output=True, text=True)
    check("a password is made and printed once", run.returncode == 0 and run.stdout.startswith("password: "), run.stdout)
    shutil.rmtree(directory)


def main():
    console = Console()
    try:
        for name in USERS:
            console.add_user(name)
        console.start()
        clients = {name: Client(console, name) for name in USERS}
        test_scope(clients)
        test_queries(clients)
        test_detail(clients)
        test_compliance(clients)
        test_incidents(clients)
        test_routes(clients, console)
        test_csrf(clients, console)
        test_workflow(clients)
        test_bulk(clients, console)
        test_requests(console)
        test_static(console)
        test_stream(clients, console)
        test_slow_reader(clients, console)
        test_audit(clients, console)
        test_sessions(clients, console)
    finally:
        status, log = console.stop()
    check("the console ends by itself and leaves nothing behind", status == 0 and "Sanitizer" not in log, f"{status} {log[-3000:]}")
    check("one reader was cut off, and counted", "cut off 1" in log, log[-300:])
    test_login_limits()
    test_expiry()
    test_proxy()
    test_no_store()
    test_options()
    return 1 if failed else 0


sys.exit(main())

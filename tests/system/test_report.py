#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# test_report: one month in every form: the figures agree, follow to their records, and a signature tells every change.
import csv, hashlib, io, json, os, re, shutil, subprocess, sys, tempfile

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
TOOL = os.path.join(os.environ.get("B") or "build/gcc-address-undefined", "sekisho")
if not os.path.exists(TOOL):
    TOOL = os.path.join(os.environ.get("PLAIN", "build/gcc-plain"), "sekisho")
failed = False
os.environ["LSAN_OPTIONS"] = "print_suppressions=0:suppressions=" + os.path.abspath("tests/fixtures/leaks.txt")


def report(name, is_good, why=""):
    global failed
    failed |= not is_good
    print(f"ok - {name}" if is_good else f"not ok - {name}: {why}")


def run(*arguments, **more):
    return subprocess.run([TOOL, *map(str, arguments)], capture_output=True, **more)


def make(form, *more, region="region-a", period="2025-11", language="ja"):
    path = f"{folder}/{region}-{period}-{language}.{form}"
    done = run("report", "make", "--store", store, "--region", region, "--period", period, "--lang", language, "--format", form,
               "--output", path, *more)
    if done.returncode != 0:
        raise SystemExit(f"not ok - make {form}: exit {done.returncode} {done.stderr.decode()}")
    return path


def text_of(pdf):
    return subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True).stdout


folder = tempfile.mkdtemp()
store = f"{folder}/store"
key = ("--key", f"{folder}/seal.key")
try:
    month = subprocess.run([sys.executable, "tests/demo/month.py", "--days", "4", "--end", "1764000000"], capture_output=True, check=True)
    open(f"{folder}/month.ndjson", "wb").write(month.stdout)
    os.mkdir(store)
    run("replay", f"{folder}/month.ndjson", "--inventory", "rules/inventory-example", "--rules", "rules", "--store", store)
    run("ledger", "key", *key)

    # one model, several forms
    model = json.load(open(make("json", "--comment", "=見直し")))
    figures = {figure["id"]: figure["value"] for figure in model["figures"]}
    raw = open(make("csv"), "rb").read()
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    report("CSV begins with a BOM and has CRLF", raw.startswith(b"\xef\xbb\xbf") and raw.count(b"\n") == raw.count(b"\r\n"))
    report("no cell of the CSV is a formula", not [cell for row in rows for cell in row.values() if re.match(r"[=+\-@\t\r]", cell or "")])
    report("CSV and JSON have the same figures, each once",
           len(rows) == len(figures) == len(model["figures"]) and all(figures[row["figure"]] == int(row["value"]) for row in rows))
    schema = json.load(open("docs/report.schema.json"))
    try:
        import jsonschema
        jsonschema.validate(model, schema)
        report("JSON has the documented shape", True)
    except ImportError:
        print("ok - JSON has the documented shape # SKIP python3-jsonschema is not installed")
    except jsonschema.ValidationError as error:
        report("JSON has the documented shape", False, error.message[:200])
    days = {verdict: sum(value for name, value in figures.items() if re.fullmatch(rf"day/.*/{verdict}", name))
            for verdict in ("satisfied", "violated", "unobservable", "not_applicable", "error")}
    report("the summary is the sum of its days", all(figures[f"summary/{verdict}"] == days[verdict] for verdict in days) and days["violated"] > 0, days)

    oscal = json.load(open(make("oscal")))["assessment-results"]
    result = oscal["results"][0]
    told = sum(int(prop["value"]) for seen in result["observations"] for prop in seen["props"] if prop["name"] == "days-violated")
    report("OSCAL has the same days violated", told == figures["summary/violated"], told)
    report("OSCAL has what it must: uuids, metadata, import-ap, reviewed-controls",
           all(key in oscal for key in ("uuid", "metadata", "import-ap")) and
           all(key in result for key in ("uuid", "title", "description", "start", "reviewed-controls")) and
           all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", seen["uuid"]) for seen in result["observations"]))
    known = {seen["uuid"] for seen in result["observations"]}
    report("OSCAL findings are decided, and name observations that are there",
           all(finding["target"]["status"]["state"] in ("satisfied", "not-satisfied") and
               finding["related-observations"][0]["observation-uuid"] in known for finding in result["findings"]))
    names = [prop["name"] for seen in result["observations"] for prop in seen["props"]]
    values = [prop["value"] for seen in result["observations"] for prop in seen["props"]]
    report("OSCAL names are tokens and values are one line", all(re.fullmatch(r"[A-Za-z_][\w.-]*", name) for name in names) and
           all(value and "\n" not in value for value in values))

    # pages
    for language in ("ja", "en"):
        pages = {form: open(make(form, language=language), "rb").read() for form in ("html", "text")}
        pdf = make("pdf", language=language)
        printed = re.sub(r"\s+", "", text_of(pdf))
        total = str(figures["summary/unobservable"])
        report(f"HTML, text and PDF ({language}) have the summary's figures",
               all(total.encode() in page for page in pages.values()) and total in printed)
        if shutil.which("pdfinfo"):
            about = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True).stdout
            report(f"the PDF ({language}) is tagged and A4", re.search(r"Tagged: +yes", about) and "A4" in about, about)
            fonts = subprocess.run(["pdffonts", pdf], capture_output=True, text=True).stdout.splitlines()[2:]
            report(f"its fonts are in it ({language})", fonts and all(line.split()[-5] == "yes" for line in fonts), fonts)
    again = open(make("pdf"), "rb").read()
    report("the same store gives the same PDF, byte for byte", again == open(make("pdf"), "rb").read())
    done = run("report", "make", "--store", store, "--region", "region-a", "--period", "2025-11", "--format", "pdf",
               "--comment", "\U000F1234", "--output", f"{folder}/no.pdf")
    report("a character no font has is an error that names it, and no file", done.returncode == 4 and b"U+F1234" in done.stderr and
           not os.path.exists(f"{folder}/no.pdf"), done.stderr)
    page = open(make("html", "--era", "--signoff", "--comment", "<月例>")).read()
    report("era, boxes and comment come by option", all(word in page for word in ("令和7年11月1日", "承認", "&lt;月例&gt;")))

    for period, days_of in (("2025-11-23", 1), ("2025-W48", 7), ("2025-11-22..2025-11-24", 2)):
        model_of = json.load(open(make("json", period=period)))
        report(f"a period of {period} has {days_of} days", model_of["to"] - model_of["from"] == days_of * 86400 * 1000000)

    # followed to the records
    wanted = [name for name, value in figures.items() if value > 0 and
              re.fullmatch(r"(day/.*/(violated|satisfied)|sample/.*/bad|access/.*/(sessions|violated)|alert/.*|gap/.*/hours|coverage/.*/unwatched|summary/violated)", name)]
    done = {name: run("report", "explain", f"{folder}/region-a-2025-11-ja.json", name, "--store", store) for name in wanted}
    bad = [name for name in wanted if done[name].returncode != 0 or
           (name.split("/")[0] not in ("gap", "coverage") and b'["' not in done[name].stdout and b"silence, which has no record" not in done[name].stdout)]
    report(f"each of {len(wanted)} figures follows to its records", len(wanted) > 20 and not bad, bad[:3])
    counted = [name for name in wanted if re.fullmatch(r"day/.*/violated|access/.*/sessions", name) and
               done[name].stdout.count(b"\n") != figures[name]]
    report("as many rows as the figure says", not counted, counted[:3])
    record = json.loads(done[next(name for name in wanted if name.startswith("access"))].stdout.split(b"\n")[0].split(b"  ")[-1])[0]
    days_files = [name for name in os.listdir(store) if name.startswith("records-") and name.endswith(".db")]
    sensor, epoch, lane, seq = record.split("/")
    found = sum(int(subprocess.run(["sqlite3", f"{store}/{name}", f"SELECT count(*) FROM record WHERE sensor='{sensor}' AND lane={lane} AND seq={seq}"],
                                   capture_output=True, text=True).stdout or 0) for name in days_files)
    report("and the record it names is in the store", found == 1, record)
    report("a figure that is none is refused", run("report", "explain", f"{folder}/region-a-2025-11-ja.json", "day/x", "--store", store).returncode == 3)
    report("another region's figure shows nothing", run("report", "explain", f"{folder}/region-a-2025-11-ja.json",
           "day/CR-TLS-01/hospital-b/violated", "--store", store).returncode == 1)

    # signed
    for form in ("html", "pdf", "csv", "json", "oscal", "text"):
        path = make(form, "--sign", *key)
        whole = open(path, "rb").read()
        fine = run("report", "verify", path, "--public-key", f"{folder}/seal.key.pub")
        open(path, "wb").write(whole[:-1] + bytes([whole[-1] ^ 1]))
        changed = run("report", "verify", path, "--public-key", f"{folder}/seal.key.pub")
        open(path, "wb").write(whole)
        report(f"a signed {form} verifies, and one bit changed is one line and exit 1", fine.returncode == 0 and
               changed.returncode == 1 and changed.stdout.count(b"\n") == 1, (fine, changed))
    signature = open(path + ".sig").read()
    open(path + ".sig", "w").write(signature.replace('"period":"2025-11"', '"period":"2025-10"'))
    report("so is what the signature says of it", run("report", "verify", path, "--public-key", f"{folder}/seal.key.pub").returncode == 1)

    # a successor names what it takes the place of, and what changed
    issued = make("json")
    os.rename(issued, f"{folder}/issued.json")
    subprocess.run(["sqlite3", f"{store}/correlator.db",
                    "UPDATE ledger SET bytes_to_client = bytes_to_client + 5 WHERE client_partition = 'region-a'"], check=True)
    after = json.load(open(make("json", "--replaces", f"{folder}/issued.json")))
    now = {figure["id"]: figure["value"] for figure in after["figures"]}
    want = {name for name in now if now[name] != figures[name]}
    report("a successor names the issued report and lists what changed", want and {change["id"] for change in after["changes"]} == want and
           all((change["was"], change["is"]) == (figures[change["id"]], now[change["id"]]) for change in after["changes"]) and
           after["replaces"] == hashlib.sha256(open(f"{folder}/issued.json", "rb").read()).hexdigest(), after["changes"][:3])
    for form in ("html", "text", "pdf"):
        path = make(form, "--replaces", f"{folder}/issued.json")
        said = re.sub(r"\s+", "", text_of(path) if form == "pdf" else open(path).read())
        report(f"so does its {form}", after["replaces"] in said and all(name in said for name in want))
    report("a report of another period has no place to take", run("report", "make", "--store", store, "--region", "region-a", "--period", "2025-11-23",
           "--replaces", f"{folder}/issued.json").returncode == 3)

    # every region and the national report, as the timer makes them
    away = f"{folder}/away"
    os.mkdir(away)
    done = run("report", "make", "--all", "--store", store, "--period", "2025-11", "--lang", "ja", "--format", "json", "--sign", "--output", away, *key)
    there = sorted(name for name in os.listdir(away) if not name.endswith(".sig"))
    report("--all makes each region's report and the national one", done.returncode in (0, 5) and "national-2025-11.html" in there and
           "region-a-2025-11.json" in there and "region-b-2025-11.json" in there, (done, there))
    report("all of them are signed", all(run("report", "verify", f"{away}/{name}", "--public-key", f"{folder}/seal.key.pub").returncode == 0 for name in there))
    national = list(csv.reader(io.StringIO(open(f"{away}/national-2025-11.csv", encoding="utf-8-sig").read())))
    column = national[0].index("不適合")
    each = {row[0]: row for row in national[1:]}
    same = []
    for name in there:
        if name.endswith(".json"):
            one = json.load(open(f"{away}/{name}"))
            same.append(int(each[one["region"]][column]) == next(f["value"] for f in one["figures"] if f["id"] == "summary/violated"))
    report("the national figures are those of the regions, and their sum", all(same) and len(same) >= 2 and
           int(each[""][column]) == sum(int(row[column]) for key, row in each.items() if key), national)
    page = open(f"{away}/national-2025-11.html").read()
    people = [one["title"] for name in there if name.endswith(".json") for one in json.load(open(f"{away}/{name}"))["participants"]]
    regions = [row[1] for row in national[1:]]
    report("no institution is named in it", not [name for name in people if name in page and name not in regions and not any(name in region for region in regions)])
finally:
    shutil.rmtree(folder)
sys.exit(failed)

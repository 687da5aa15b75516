# SPDX-License-Identifier: Apache-2.0
"""sigma_naive: an evaluator of Sigma, slow and plain, written from the rules of the language alone.

rule: {"searches": {name: search}, "condition": text or list}; a search is a dict, a list or a scalar.
record: a JSON object; fields are looked up by literal dotted key, then by path.
"""
import base64
import ipaddress
import itertools
import re

ABSENT = object()
ANY, ONE = object(), object()


def fold(text):
    out = []
    for c in text:
        f, low = c.casefold(), c.lower()
        out.append(f if len(f) == 1 else low if len(low) == 1 else c)
    return "".join(out)


def parts(text):
    """Characters, ANY and ONE of a text with wildcards."""
    out, i = [], 0
    while i < len(text):
        c = text[i]
        if c == "\\":
            if i + 1 < len(text) and text[i + 1] in "*?\\":
                out.append(text[i + 1])
                i += 1
            else:
                out.append("\\")
        else:
            out.append(ANY if c == "*" else ONE if c == "?" else c)
        i += 1
    return out


def regex_of(symbols, folded):
    return "".join(".*" if s is ANY else "." if s is ONE else re.escape(fold(s) if folded else s) for s in symbols)


def decimal(number):
    return str(int(number)) if float(number) == int(number) else repr(number)


def scalar(value):
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return decimal(value)
    return value


def lookup(record, name):
    if name in record:
        return record[name]
    at = record
    steps = name.split(".")
    for i, step in enumerate(steps):
        if i > 0 and isinstance(at, list):  # an array of objects: the step is a column
            return [row[step] for row in at if step in row] or None
        if i > 0 and at is None:
            return None
        if not isinstance(at, dict) or step not in at:
            return ABSENT
        at = at[step]
    return at


def elements(value):
    if value is ABSENT or value is None:
        return []
    if isinstance(value, list):
        return value
    return list(value.values()) if isinstance(value, dict) else [value]


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def dashes(symbols):
    """The windash variants, part by part as wildcards cut the text."""
    word = lambda s: isinstance(s, str) and re.match(r"\w", s)
    places = [i for i, s in enumerate(symbols) if s in ("-", "/") and not (i and word(symbols[i - 1]))
              and i + 1 < len(symbols) and word(symbols[i + 1])]
    for choice in itertools.product("-/–—―", repeat=len(places)):
        changed = list(symbols)
        for place, dash in zip(places, choice):
            changed[place] = dash
        yield changed


def base64_offsets(data):
    for i in range(3):
        yield base64.b64encode(b" " * i + data)[(0, 2, 3)[i]:(None, -3, -2)[(len(data) + i) % 3]].decode()


def compare(op, left, right):
    return {"lt": left < right, "lte": left <= right, "gt": left > right, "gte": left >= right}[op]


def candidates(record, field):
    """(value, its text) of each element, or each string of the record for keywords."""
    if field is None:
        return [(s, s) for s in strings(record)]
    return [(v, scalar(v)) for v in elements(lookup(record, field))]


def one_value(record, field, mods, value):
    """Does one value as written hold?  Expansions of it are or-ed."""
    cased, plain = "cased" in mods, [m for m in mods if m not in ("all", "cased", "neq")]
    if value is None:
        return lookup(record, field) in (ABSENT, None)
    if plain[:1] == ["exists"]:
        return (lookup(record, field) is not ABSENT) == value
    if plain[:1] == ["re"]:
        flags = sum({"i": re.I, "m": re.M, "s": re.S, "ignorecase": re.I, "multiline": re.M, "dotall": re.S}.get(m, 0)
                    for m in plain[1:])
        return any(re.search(value, text, flags) for _, text in candidates(record, field))
    if plain[:1] == ["cidr"]:
        net = ipaddress.ip_network(value)
        for _, text in candidates(record, field):
            try:
                if ipaddress.ip_address(text) in net:
                    return True
            except ValueError:
                pass
        return False
    if plain and plain[0] in ("lt", "lte", "gt", "gte"):
        return any(isinstance(v, int) and not isinstance(v, bool) and compare(plain[0], v, value)
                   for v, _ in candidates(record, field))
    if "fieldref" in plain:
        same = (lambda t: t) if cased else fold
        tests = {"contains": lambda a, b: b in a, "startswith": str.startswith, "endswith": str.endswith}
        test = next((tests[m] for m in plain if m in tests), lambda a, b: a == b)
        return any(test(same(a), same(b)) for _, a in candidates(record, field) for _, b in candidates(record, value))
    variants = [parts(value) if isinstance(value, str) else list(scalar(value))]
    for m in plain:
        if m in ("contains", "endswith"):
            variants = [[ANY] + v for v in variants]
        if m in ("contains", "startswith"):
            variants = [v + [ANY] for v in variants]
        if m == "windash":
            variants = [w for v in variants for w in dashes(v)]
        if m in ("wide", "utf16le", "utf16be", "utf16"):
            code = {"utf16be": "utf-16-be"}.get(m, "utf-16-le")
            mark = b"\xff\xfe" if m == "utf16" else b""
            variants = [mark + "".join(v).encode(code) for v in variants]
        if m in ("base64", "base64offset"):
            data = [v if isinstance(v, bytes) else "".join(v).encode() for v in variants]
            variants = [list(base64.b64encode(d).decode()) for d in data] if m == "base64" else \
                [list(t) for d in data for t in base64_offsets(d)]
    for symbols in variants:
        if field is None:
            symbols = [ANY] + symbols + [ANY]
        pattern = re.compile(regex_of(symbols, not cased), re.S)
        if any(pattern.fullmatch(text if cased else fold(text)) for _, text in candidates(record, field)):
            return True
    return False


def item(record, key, values):
    field, *mods = key.split("|")
    values = values if isinstance(values, list) else [values]
    found = [one_value(record, field or None, mods, v) for v in values]
    return (all(found) if "all" in mods else any(found)) != ("neq" in mods)


def search(record, node):
    if isinstance(node, dict):
        return all(item(record, key, values) for key, values in node.items())
    if isinstance(node, list) and any(isinstance(n, (dict, list)) for n in node):
        return any(search(record, n) for n in node)
    return item(record, "", node)


def condition(record, searches, text):
    if isinstance(text, list):
        return any(condition(record, searches, t) for t in text)
    tokens = re.findall(r"[()]|[A-Za-z0-9_*-]+", text)

    def chosen(pattern):
        if pattern == "them":
            return [n for n in searches if not n.startswith("_")]
        exact = re.compile("".join(".*" if c == "*" else re.escape(c) for c in pattern))
        return [n for n in searches if exact.fullmatch(n) and (pattern[0] == "_" or n[0] != "_")]

    def primary():
        token = tokens.pop(0)
        if token == "not":
            return not primary()
        if token == "(":
            value = either()
            tokens.pop(0)
            return value
        if tokens[:1] == ["of"] and token in ("1", "any", "all"):
            tokens.pop(0)
            values = [search(record, searches[n]) for n in chosen(tokens.pop(0))]
            return all(values) if token == "all" else any(values)
        return search(record, searches[token])

    def both():
        value = primary()
        while tokens[:1] == ["and"]:
            tokens.pop(0)
            value = primary() and value
        return value

    def either():
        value = both()
        while tokens[:1] == ["or"]:
            tokens.pop(0)
            value = both() or value
        return value

    return either()


def matches(rule, record):
    return condition(record, rule["searches"], rule["condition"])

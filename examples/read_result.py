#!/usr/bin/env python3
"""Read what sim writes, with Python's standard library alone.

    read_result.py FILE [--metric NAME] [--json]

FILE is a result (sim run --format json), a sweep (sim sweep -o FILE.sqlite) or a plan (sim plan --format
json). It prints a line for each number, or with --json the whole as this module gives it:

    from read_result import read
    for point in read("sizes.sqlite")["points"]:
        print(point["settings"], point["metrics"][0]["mean"])

What read() gives is made of dicts, lists, texts and numbers:

    kind      "result", "sweep" or "plan"
    name      of the scenario
    version   of the program that wrote it
    points    of a result one, without settings; of a sweep all that are done; each
                settings      {"/guests/0/memory": "4GiB", ...}
                replications  made
                metrics       dicts as those of a result: name, group, unit, n, mean, ci95, band95, min, p50,
                              p90, p99, max (a result: p999, too); None: it does not exist. Times are ns
    missing   of a sweep: points that are not done
    answers   of a plan: dicts with for, verdict, value, text, replications (docs/formats.md)
"""

import argparse
import contextlib
import hashlib
import json
import pathlib
import sqlite3
import sys

# Versions change when a key goes or means something else: another one cannot be read by guessing.
VERSIONS = {"sim-result": 1, "sim-plan": 2, "sim-sweep": 2}
PAIRS = ("ci95", "band95")


class NotReadable(Exception):
    """The file is not what it should be; the message begins with its path."""


def _check_version(path, name, version):
    if name not in VERSIONS:
        raise NotReadable(f"{path}: format {name!r}; known are {', '.join(VERSIONS)}")
    if version != VERSIONS[name]:
        raise NotReadable(f"{path}: version {version} of {name}; this reader knows {VERSIONS[name]}")


def _result(document):
    answer = document["answer"] or {}
    metrics = []
    for metric in document["metrics"]:
        is_answer = (metric["name"], metric["group"]) == (answer.get("metric"), answer.get("group"))
        metrics.append({**metric, "band95": answer.get("band95") if is_answer else None})
    provenance = document["provenance"]
    return {
        "kind": "result",
        "name": document["scenario"]["name"],
        "version": provenance["version"],
        "points": [{"settings": {}, "replications": provenance["replications"], "metrics": metrics}],
    }


def _plan(document):
    return {
        "kind": "plan",
        "name": document["scenario"]["name"],
        "version": document["provenance"]["version"],
        "vary": document["vary"],
        "subject_to": document["subject_to"],
        "answers": document["answers"],
    }


def _read_json(path):
    try:
        document = json.loads(pathlib.Path(path).read_bytes())
    except ValueError as error:
        raise NotReadable(f"{path}: neither a sweep nor JSON: {error}") from None
    if not isinstance(document, dict):
        raise NotReadable(f"{path}: an object was expected")
    _check_version(path, document.get("format"), document.get("version"))
    try:
        return {"sim-result": _result, "sim-plan": _plan}[document["format"]](document)
    except KeyError as error:
        raise NotReadable(f"{path}: {error} is missing") from None


def _pair(row, name):
    low, high = row.pop(name + "_low"), row.pop(name + "_high")
    return None if low is None or high is None else [low, high]


def _digest(database, *queries):
    """SHA-256 of all rows, as sim makes it: each value with ";" behind it (NULL: "0"), each row with a newline."""
    digest = hashlib.sha256()
    for query, arguments in queries:
        for row in database.execute(query, arguments):
            for value in row:
                text = "%.17g" % value if isinstance(value, float) else "" if value is None else str(value)
                digest.update(text.encode() + (b"0" if value is None else b";"))
            digest.update(b"\n")
    return digest.hexdigest()


def _check_sweep(path, database):
    """Before anything else is read: a file may be damaged, or a stranger's."""
    database.execute("PRAGMA trusted_schema = OFF")
    others = "SELECT count(*) FROM sqlite_master WHERE type <> 'table' AND name NOT LIKE 'sqlite_autoindex_%'"
    if database.execute(others).fetchone() != (0,):
        raise NotReadable(f"{path}: not a sweep of sim: it has more than tables")
    if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise NotReadable(f"{path}: the file is damaged")
    about = dict(database.execute("SELECT key, value FROM sweep"))
    name, _, version = about["format"].rpartition(" ")
    _check_version(path, name, int(version))
    stored = about.get("digest")  # written at the end of a sweep
    if stored and stored != _digest(
        database,
        ("SELECT * FROM sweep WHERE key <> 'digest' ORDER BY key", ()),
        ("SELECT * FROM dimension ORDER BY number", ()),
    ):
        raise NotReadable(f"{path}: the file is damaged: what it says of the sweep is not what was written")
    for point, stored in database.execute("SELECT number, digest FROM point").fetchall():
        if stored != _digest(
            database,
            (
                "SELECT point.number, replications, draws, changes FROM point"
                " JOIN prices ON prices.number = point.prices WHERE point.number = ?",
                (point,),
            ),
            ("SELECT dimension, value FROM setting WHERE point = ? ORDER BY dimension", (point,)),
            ("SELECT * FROM metric WHERE point = ? ORDER BY name, grp", (point,)),
        ):
            raise NotReadable(f"{path}: the file is damaged: the values of point {point} are not those written")
    return about


def _sweep_points(database):
    pointers = dict(database.execute("SELECT number, pointer FROM dimension"))
    points = {
        number: {"settings": {}, "replications": replications, "metrics": []}
        for number, replications in database.execute("SELECT number, replications FROM point ORDER BY number")
    }
    for point, dimension, value in database.execute("SELECT * FROM setting ORDER BY point, dimension"):
        if point in points:
            points[point]["settings"][pointers[dimension]] = value
    cursor = database.execute("SELECT * FROM metric ORDER BY point, name, grp")
    columns = [column[0] for column in cursor.description]
    for values in cursor:
        row = dict(zip(columns, values))
        point = row.pop("point")
        metric = {"name": row.pop("name"), "group": row.pop("grp"), **{pair: _pair(row, pair) for pair in PAIRS}, **row}
        if point in points:
            points[point]["metrics"].append(metric)
    return list(points.values())


def _read_sweep(path):
    try:
        uri = pathlib.Path(path).absolute().as_uri() + "?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as database:
            about = _check_sweep(path, database)
            points = _sweep_points(database)
            return {
                "kind": "sweep",
                "name": about["name"],
                "version": about["version"],
                "points": points,
                "missing": int(about["points"]) - len(points),
            }
    except (sqlite3.Error, KeyError, ValueError) as error:
        raise NotReadable(f"{path}: not a sweep of sim, or damaged: {error}") from None


def read(path):
    """A result, sweep or plan as dicts and lists; NotReadable or OSError when it cannot be read."""
    with open(path, "rb") as file:
        is_database = file.read(16) == b"SQLite format 3\0"
    return _read_sweep(path) if is_database else _read_json(path)


def _numbers(what, metric):
    """Lines of text: settings or question, metric, group, unit, mean and its interval."""
    for answer in what.get("answers", ()):
        yield [str(answer["for"] or what["vary"]), answer["verdict"], str(answer["text"])]
    for point in what.get("points", ()):
        settings = " ".join(f"{pointer}={value}" for pointer, value in point["settings"].items())
        for row in point["metrics"]:
            if row["n"] and metric in (None, row["name"]):
                interval = row["ci95"] or ["", ""]
                yield [settings, row["name"], row["group"], row["unit"], str(row["mean"]), *map(str, interval)]


def main():
    parser = argparse.ArgumentParser(description="Print what a result, sweep or plan of sim holds.")
    parser.add_argument("file")
    parser.add_argument("--metric", help="only this one (reboot.latency)")
    parser.add_argument("--json", action="store_true", help="the whole, as read() gives it")
    arguments = parser.parse_args()
    try:
        what = read(arguments.file)
    except (NotReadable, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(what, indent=2))
        return 0
    for cells in _numbers(what, arguments.metric):
        print("\t".join(cells))
    return 0


if __name__ == "__main__":
    sys.exit(main())

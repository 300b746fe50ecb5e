"""A page with pictures of everything that a folder of results holds: `python -m bench report`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import chart
from bench.measures import MODULES
from bench.numbers import short
from bench.record import OURS
from bench.targets import TARGETS

Document = dict[str, Any]
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
ALONE = ("journey", "render", "labels")
"""Measures that no database has to do with."""


def write(folder: Path) -> Path:
    """Write `report.md` and its pictures into the folder. Raises `RuntimeError` when there is nothing to report."""
    documents = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]
    documents = [document for document in documents if document.get("measure") in MODULES]
    documents.sort(key=lambda d: (list(MODULES).index(d["measure"]), list(DATABASES).index(d["database"])))
    if not documents:
        raise RuntimeError(f"{folder} holds no results: run a measure first")
    parts = ["# What it does in a second, and what it costs", *_machine(documents), *_targets(documents)]
    for document in documents:
        parts += _section(document, folder)
    file = folder / "report.md"
    file.write_text("\n".join(parts) + "\n", encoding="utf-8")
    return file


def _machine(documents: list[Document]) -> Iterator[str]:
    """Said once for each machine that the results come from."""
    seen: dict[str, list[Document]] = {}
    for document in documents:
        host = {name: value for name, value in document["machine"].items() if name not in ("fsync_ms", "commit")}
        seen.setdefault(json.dumps(host, sort_keys=True), []).append(document)
    for same in seen.values():
        host, disk = same[0]["machine"], [d["machine"]["fsync_ms"] for d in same]
        packages = ", ".join(f"{name} {version}" for name, version in host["packages"].items() if version)
        yield ""
        yield f"**Machine**: {host['cpu']}, {host['cores']} cores, {host['memory_mb']:,} MB; {host['distribution']}, {host['kernel']};"
        yield f"Python {host['python']}, SQLite {host['sqlite']}, {host['redis']}, {host['postgresql']}; {packages}."
        yield f"Disk: {host['disk']}, an fsync of 8 KB takes {short(min(disk))} to {short(max(disk))} ms."
        yield "Load generator and mail server run on the same cores. Values are medians (lowest - highest); ratios are taken run by run."
        yield f"Measured: {', '.join(sorted({d['measure'] for d in same}))}, at commit {', '.join(sorted({d['machine']['commit'] for d in same}))}."


def _targets(documents: list[Document]) -> Iterator[str]:
    measured = [(t, d, v) for t in TARGETS for d in documents if d["measure"] == t.measure and (v := t.found(d)) is not None]
    if not measured:
        return
    yield from ("", "## Targets", "", "| | bound | found | |", "|---|---|---|---|")
    for target, document, value in measured:
        ratio = "×" if target.to else ""
        where = "" if target.measure in ALONE else f", {DATABASES[document['database']]}"
        otherwise = target.otherwise(document)
        verdict = f"measured otherwise: {otherwise}" if otherwise else "holds" if target.holds(value) else "**does not hold**"
        yield f"| {target.says}{where} | {target.bound} {target.limit:g}{ratio} | {short(value)}{ratio} | {verdict} |"


def _section(document: Document, folder: Path) -> Iterator[str]:
    name, database = document["measure"], document["database"]
    settings = ", ".join(f"{key} {value}" for key, value in document["settings"].items())
    load = document["load_average"]
    yield from ("", f"## {name}" + ("" if name in ALONE else f", {DATABASES[database]}"), "", f"{document['about']}.")
    yield f"_{settings}; load average {load['before'][0]} before, {load['after'][0]} after; {document['began'][:16]}._"
    yield from ("", *(_sizes(document) if document["sizes"] else _contenders(document)))
    for picture in _pictures(document, folder):
        yield from ("", f"![]({picture})")
    for note in document["notes"]:
        yield from ("", note)
    if slow := document["extra"].get("slow"):
        yield from ("", "Statements that take 5 ms and more at the largest size:", "", "| in | ms each | times | |", "|---|---|---|---|")
        yield from (f"| {work} | {short(ms)} | {times} | `{text}` |" for work, told in slow.items() for text, times, ms in told)
    for process, profile in document["extra"].get("profiles", {}).items():
        yield from _profile(process, profile)


def _contenders(document: Document) -> Iterator[str]:
    columns = list(dict.fromkeys(column for figure in document["figures"] for column in figure["values"]))
    others = [column for column in columns if column != OURS]
    yield "| | " + " | ".join([*columns, *(f"ratio to {column}" for column in others)]) + " |"
    yield "|---" * (1 + len(columns) + len(others)) + "|"
    for figure in document["figures"]:
        cells = [_range(figure["values"].get(column)) for column in columns]
        ratios = [_range(figure["ratios"].get(column), "×") for column in others]
        yield f"| {figure['name']}, {figure['unit'] or 'count'} | " + " | ".join(cells + ratios) + " |"
    yield ""
    yield from (f"- {figure['name']}: {figure['about']}" for figure in document["figures"] if figure["about"])


def _sizes(document: Document) -> Iterator[str]:
    columns = list(document["figures"][0]["values"])
    yield "| ms | " + " | ".join(f"{column} rows" for column in columns) + f" | {columns[-1]} to {columns[0]} |"
    yield "|---" * (2 + len(columns)) + "|"
    for figure in document["figures"]:
        cells = [_range(figure["values"].get(column)) for column in columns]
        yield f"| {figure['name']} | " + " | ".join(cells) + f" | {_range(figure['ratios'].get(columns[-1]), '×')} |"
    yield ""
    yield from (f"- {figure['name']}: {figure['about']}" for figure in document["figures"] if figure["about"])


def _range(told: dict[str, Any] | None, sign: str = "") -> str:
    """Median, and lowest to highest of the repetitions."""
    if not told or not told.get("all"):
        return ""
    middle = f"**{short(told['median'])}{sign}**"
    return middle if len(told["all"]) == 1 else f"{middle} ({short(told['low'])} - {short(told['high'])})"


def _pictures(document: Document, folder: Path) -> Iterator[str]:
    name = f"{document['measure']}-{document['database']}"
    if document["sizes"]:
        few = ("store", "read", "send", "what is due", "round: sweep what is due", "inbox", "metrics")
        series = {f["name"]: [(float(size.replace(",", "")), v["median"]) for size, v in f["values"].items()] for f in document["figures"]}
        kept = {key: series[key] for key in few if key in series}
        yield _keep(folder, f"{name}.svg", chart.lines("Cost by size of the ledger", "medians", kept, "rows", "ms", logarithmic=True))
    elif "lines" in document["extra"]:
        told = document["extra"]["lines"]
        yield _keep(folder, f"{name}.svg", chart.lines("Memory under load", "proportional set size", told["series"], told["x"], told["y"]))
    else:
        figures = [figure for figure in document["figures"] if len(figure["values"]) > 1][:3]
        for number, figure in enumerate(figures):
            found = [chart.Bar(column, v["median"], v["low"], v["high"]) for column, v in figure["values"].items()]
            yield _keep(folder, f"{name}-{number + 1}.svg", chart.bars(figure["name"], f"{figure['better']} is better", found, figure["unit"]))


def _keep(folder: Path, name: str, picture: str) -> str:
    (folder / name).write_text(picture, encoding="utf-8")
    return name


def _profile(process: str, profile: dict[str, Any]) -> Iterator[str]:
    yield from ("", f"### {process}", "", f"{profile['samples']:,} samples, waits left out.")
    yield from ("", "| function | itself | | our own, with what it calls | |", "|---|---|---|---|---|")
    for (own, own_share), (whole, whole_share) in zip(profile["own"], profile["whole"], strict=False):
        yield f"| `{own}` | {own_share:.1%} | | `{whole}` | {whole_share:.1%} |"
    yield from ("", f"![]({profile['picture']})")

"""`python -m bench MEASURE`: one command for each measure. Results go to `bench/results/`, and `report` makes a page with pictures of them."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from bench import measures
from bench.record import Options


def main() -> int:
    parser = _parser()
    chosen = parser.parse_args()
    if chosen.measure is None:
        parser.print_help()
        return 2
    if chosen.measure == "quick":
        from bench import quick

        return quick.run(renew=chosen.renew, folder=chosen.folder)
    options = Options(
        runs=chosen.runs, database=chosen.database, out=chosen.out, folder=chosen.folder, peers=not chosen.no_peers, quickest=chosen.quickest,
        events=chosen.events, rate=chosen.rate, seconds=chosen.seconds, rows=chosen.rows,
    )  # fmt: skip
    names = list(measures.MODULES) if chosen.measure == "all" else [chosen.measure]
    for name in names if chosen.measure != "report" else []:
        print(f"{name:<12} kept in {measures.find(name).measure(options).write()}", flush=True)
    if chosen.measure in ("report", "all"):
        from bench import report

        print(f"report in {report.write(chosen.out)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:<12} {measures.find(name).ABOUT}" for name in measures.MODULES)
    others = "  all          every one of them, and the report\n  report       a page with pictures of what --out holds\n"
    quick = "  quick        statements and calls for each event against bench/budget.json; --renew writes it anew\n"
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, epilog=f"measures:\n{listed}\n{others}{quick}", formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("measure", nargs="?", choices=[*measures.MODULES, "all", "report", "quick"], metavar="MEASURE")
    parser.add_argument("--runs", type=int, default=5, help="repetitions, each with every contender")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite", help="of Postventa; the peers have none")
    parser.add_argument("--out", type=Path, default=Path("bench/results"), help="where results and report go")
    parser.add_argument("--folder", type=Path, default=Path(os.environ.get("TMPDIR", "/var/tmp")), help="a folder on the disk to be measured")
    parser.add_argument("--quickest", action="store_true", help="of the others only the quickest, which promises least")
    parser.add_argument("--no-peers", action="store_true", help="leave the others out")
    parser.add_argument("--events", type=int, default=0, help="orders in a burst, or calls of a small measure; 0: as the measure has it")
    parser.add_argument("--rate", type=float, default=0.0, help="orders a second")
    parser.add_argument("--seconds", type=float, default=0.0, help="how long")
    parser.add_argument("--rows", type=int, default=0, help="growth: the largest ledger")
    parser.add_argument("--renew", action="store_true", help="quick: write the budget anew")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`postventa demo`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

PLACE = Path("var/demo")


@click.command()
@click.option("--exit", "leave", is_flag=True, help="End by itself; exit status 0 only if every expected effect happened exactly once.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document; what happens meanwhile is told on standard error.")
@click.option("--dir", "path", type=click.Path(file_okay=False, path_type=Path), default=PLACE, show_default=True, help="Wiped at the start.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Another free one is taken when it is in use.")
@click.option("--fast", is_flag=True, help="As fast as the machine can, without rests for the eye.")
def demo(leave: bool, as_json: bool, path: Path, port: int, fast: bool) -> None:
    """Play 40 days of two shops through the whole service in about a minute.

    Recorded deliveries of a Shopify and a WooCommerce shop go through the real HTTP endpoint with real signatures; the mails, labels and
    review pages that come of them are real. Afterwards the mailbox stays open until Ctrl-C.
    """
    from postventa.demo.folder import NotOurs
    from postventa.demo.run import Options, demonstrate
    from postventa.demo.service import NotRunning

    try:
        status = demonstrate(Options(path, port, leave, as_json, fast))
    except (NotOurs, NotRunning) as error:
        raise click.ClickException(str(error)) from None
    sys.exit(status)

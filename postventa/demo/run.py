"""One whole demonstration: folder, service, forty days, the check, and what is told of it."""

from __future__ import annotations

import json
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from postventa import clock, config
from postventa.demo import check, data, report, service, tables
from postventa.demo.folder import Folder
from postventa.demo.ledger import Ledger
from postventa.demo.mailbox import Mailbox
from postventa.demo.player import Player, Stuck
from postventa.demo.screen import Screen, greet
from postventa.models.db import connect

PACE = 0.45
"""Seconds that a moment with news lasts at least when somebody watches: about a minute in all."""

WIDTH = 140
"""Columns where there is no terminal."""


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    path: Path
    port: int = 8000
    leave: bool = False
    """End by itself."""
    as_json: bool = False
    fast: bool = False
    """No rests for the eye."""


def demonstrate(options: Options) -> int:
    """Play it all; 0 only if every expected effect happened exactly once. Raises `NotOurs`, `NotRunning`."""
    console = Console(stderr=options.as_json)
    if not console.is_terminal:
        console.width = WIDTH
    greet(console, options.path)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # who ends us, ends the service too, in order
    with service.running(options.path, options.port, _set_clock) as (folder, process):
        return _run(options, console, folder, process)


def _set_clock(folder: Folder) -> None:
    config.load(folder.config, environ={}).product_clock().set(data.FIRST.replace(hour=8, minute=59))


def _run(options: Options, console: Console, folder: Folder, process: service.Process) -> int:
    settings = config.load(folder.config, environ={})
    product_clock = settings.product_clock()
    clock.install(product_clock)
    engine = connect(settings.database_url)
    ledger, mailbox = Ledger(engine, {folder.shops[name].key: name for name in folder.shops}), Mailbox(folder.mailbox)
    screen = Screen(console, mailbox)
    player = Player(folder, product_clock, ledger, mailbox, screen, process, 0 if options.fast or options.leave else PACE)
    problems = _play(player, screen)
    _tell(options, console, player, problems)
    if not options.leave:
        _stay(process)
    engine.dispose()
    return 1 if problems else 0


def _play(player: Player, screen: Screen) -> list[str]:
    try:
        with screen:
            player.play()
    except Stuck as stuck:
        return [*player.problems, str(stuck)]
    _export(player.folder, player.ledger)
    return [*player.problems, *check.problems(player.ledger, player.mailbox)]


def _export(folder: Folder, ledger: Ledger) -> None:
    """The labels as files, named as they are numbered."""
    folder.labels.mkdir(exist_ok=True)
    for number, pdf in ledger.labels():
        (folder.labels / f"{number}.pdf").write_bytes(pdf)


def _tell(options: Options, console: Console, player: Player, problems: list[str]) -> None:
    sent = len(data.deliveries())
    if options.as_json:
        document = report.document(sent, player.ledger, player.mailbox, problems)
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        sys.stdout.flush()
    else:
        tables.orders(console, player.ledger, player.waited)
    tables.summary(console, player.ledger, player.mailbox, sent, player.refused, problems)
    tables.places(console, player.folder, player.ledger, running=not options.leave)


def _stay(process: service.Process) -> None:
    """Until Ctrl-C, or until the service ends by itself."""
    try:
        while process.poll() is None:
            time.sleep(0.5)
    except KeyboardInterrupt:
        pass  # the service is ended by `service.running`

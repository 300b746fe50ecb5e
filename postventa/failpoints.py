"""Named places where a test makes this process die, fail or pause at exactly the wrong moment.

Off unless the environment names a folder in `POSTVENTA_FAILPOINTS`; `postventa doctor` calls that a failure, so that no real shop runs with
them. A file in that folder, named like the place, arms it for whichever process comes there first. It says `exit9`, `raise`, `stop` or
`sleep=SECONDS`, or several of them with commas between, and `:N` for the N-th to come. It goes off once; the file is then called `NAME.hit`, so
that a test can see that somebody was there. `raise_on=TEXT` stays armed, and fails whoever comes there with that text in hand.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

VARIABLE = "POSTVENTA_FAILPOINTS"

NAMES = frozenset(
    {
        "web.before_commit",  # a batch of deliveries is written, not yet committed
        "web.after_commit",  # committed, nobody was answered yet
        "web.before_wake",  # answered, Redis has not heard of it
        "read.before_claim",  # a job to read deliveries began
        "read.body",  # a delivery's body, in hand, is about to be understood
        "read.before_commit",  # facts, state and plan are written, not yet committed
        "read.after_commit",  # committed, Redis has not heard of what is due
        "send.at_hand",  # the same, and mails that go out at once are claimed by whoever read what they answer
        "send.before_claim",  # a job to send a mail began
        "send.before_sending",  # claimed and composed, `sending` is not yet committed
        "send.after_sending",  # `sending` is committed, nothing was said to the mail server
        "send.after_answer",  # the mail server took it, the ledger does not know yet
        "send.after_done",  # the ledger knows
        "label.after_sending",  # the carrier was not asked yet
        "label.after_answer",  # the carrier made the label, the ledger does not know yet
        "label.after_done",  # the label is kept and its mail planned
        "write.after_sending",  # the shop was not asked to change anything yet
        "write.after_answer",  # the shop did it, the ledger does not know yet
        "write.after_done",  # the ledger knows
        "fetch.after_answer",  # the shop answered a question, nothing of it is kept yet
        "import.after_answer",  # the shop told a piece of its past, nothing of it is kept yet
        "import.before_place",  # it is kept, and not yet written down where the next piece begins
        "token.after_answer",  # the shop gave a new pair of tokens, nothing of it is kept yet
        "clock.before_sweep",  # the clock is about to look for what is due
        "clock.after_mend",  # claims of dead workers are free again
        "migrate.before_commit",  # a new schema is written, not yet committed
        "backup.before_rename",  # a backup is written, not yet in its place
    }
)


class FailpointReached(Exception):
    """The failure that `raise` asks for."""


_folder = Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None


def armed() -> bool:
    """Whether this process heeds failpoints at all."""
    return _folder is not None


def hit(name: str, holding: bytes = b"") -> None:
    """Come to the place `name` with something in hand; costs one comparison when failpoints are off."""
    if _folder is not None:
        _heed(_folder, name, holding)


def clock_shift() -> float:
    """Seconds by which the machine's clock is wrong: what the folder's file `clock.shift` says."""
    if _folder is None:
        return 0.0
    try:
        return float((_folder / "clock.shift").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return 0.0


def _heed(folder: Path, name: str, holding: bytes) -> None:
    if name not in NAMES:
        raise ValueError(f"there is no failpoint {name}")
    hated = _hated(folder / name)
    if hated:
        if hated in holding:
            (folder / f"{name}.hit").touch()
            raise FailpointReached(name)
        return
    mine = folder / f"{name}.{os.getpid()}"
    try:
        (folder / name).rename(mine)  # only one process gets it
    except FileNotFoundError:
        return
    action, _, turn = mine.read_text(encoding="utf-8").strip().partition(":")
    if turn and int(turn) > 1:
        mine.write_text(f"{action}:{int(turn) - 1}", encoding="utf-8")
        mine.rename(folder / name)
        return
    mine.rename(folder / f"{name}.hit")
    for one in action.split(","):
        _act(name, one)


def _hated(file: Path) -> bytes:
    """The text of `raise_on=TEXT`, for which the place fails everybody who holds it; else empty."""
    try:
        action, _, text = file.read_text(encoding="utf-8").strip().partition("=")
    except FileNotFoundError:
        return b""
    return text.encode() if action == "raise_on" else b""


def _act(name: str, action: str) -> None:
    if action == "exit9":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif action == "raise":
        raise FailpointReached(name)
    elif action.startswith("sleep="):
        time.sleep(float(action.removeprefix("sleep=")))
    else:
        raise ValueError(f"failpoint {name}: unknown action {action}")

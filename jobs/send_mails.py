"""Transactional mails in batches: claim what is due, judge and compose it, commit `sending`, hand over, commit what became of it.

A batch takes as many statements as one mail would. Composing happens in no transaction that anybody waits for; what was read for it is compared
again, by the order's revision, in the transaction that commits `sending`. That one also writes down what became of the mails before, and covers only
a few at a time: a process that is killed leaves no more than those in doubt. When the mail server takes long over one mail, the rest is given back
so that other workers can send it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from jobs import queue
from jobs.at_hand import AtHand, Opened
from jobs.heartbeat import beating
from jobs.send_message import Outcome, Ready, hand_over, has_aftermath, judged, put_off, raise_unforeseen, unprepared, write_outcome
from jobs.world import World, current
from postventa import dossier, effects, failpoints
from postventa.followups.guards import Drop, Wait
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop, find

T = TypeVar("T")

log = logging.getLogger("postventa.mail")

TURN = 0.5
"""Seconds until others in the queue have their turn."""
BATCH = 64
"""Mails that are claimed and composed at once, at most."""
FIRST = 20
"""Mails that are claimed by a process that does not know the mail server yet."""
TOGETHER = 16
"""Mails whose `sending` is committed at once, at most: so many are in doubt when the process is killed."""
SLOW = 1.0
"""Seconds over one mail after which the rest of its batch is given back."""
PERSIST = 30.0
"""Seconds for which a database that is away is asked to take what is known about mails that went out."""


def send_mails(sender: int) -> None:
    """Send what is due, for one turn. `sender`: which of those that may work side by side; the first calls the next when there is much to do."""
    world = current()
    queue.sender_began(world.redis, sender)
    failpoints.hit("send.before_claim")
    until = time.monotonic() + TURN
    while claims := _claim(world, limit := pace.within(TURN)):
        if len(claims) == limit:
            queue.wake_sender(world.redis, sender % world.settings.workers.processes + 1)
        send_claimed(world, claims)
        if time.monotonic() > until:
            break
    queue.sender_ended(world.redis, sender)
    if claims or _any_due(world):
        queue.wake_sender(world.redis, sender)


def _claim(world: World, limit: int = BATCH) -> list[effects.Claim]:
    with transaction(world.engine) as session:
        return effects.claim_due(session, limit, world.settings.recovery.lease, world.owner)


class Pace:
    """How long the mail server takes over a mail: one shop's flood must not keep a worker for longer than a turn before another shop's mail."""

    def __init__(self) -> None:
        self.seconds = TURN / FIRST

    def took(self, seconds: float) -> None:
        """The latest ones count most."""
        self.seconds += (seconds - self.seconds) / 8

    def within(self, seconds: float) -> int:
        """How many mails go out in that time, of a batch at most."""
        return max(1, min(BATCH, round(seconds / max(self.seconds, 1e-6))))


pace = Pace()
"""This process's."""


def _any_due(world: World) -> bool:
    with reading(world.engine) as session:
        return bool(effects.due(session, 1, urgent=True))


def send_claimed(world: World, claims: Sequence[effects.Claim]) -> None:
    """Send claimed mails: of each, exactly one word stands in the ledger afterwards."""
    with _given_back(world, claims):
        ready = _prepare(world, claims)
    _send(world, ready)


def send_at_hand(world: World, at_hand: AtHand) -> None:
    """The same for mails that were claimed with everything that they are made from."""
    with _given_back(world, [held for held, _, _ in at_hand.mails]):
        ready = _judged(world, at_hand.opened)
    _send(world, ready)


@contextmanager
def _given_back(world: World, claims: Sequence[effects.Claim]) -> Iterator[None]:
    """When trouble comes before any is begun, somebody else may send them at once, and not only when their leases end."""
    try:
        yield
    except Exception:
        with suppress(SQLAlchemyError), transaction(world.engine) as session:
            effects.put_back(session, claims, world.owner, "the worker met trouble")
        raise


def _send(world: World, ready: Iterable[Ready]) -> None:
    batch = _Batch(world, deque(ready))
    try:
        with beating(world, [ready.held for ready in batch.waiting], batch.look):
            batch.run()
    except Exception:
        batch.give_back("the worker met trouble")
        raise
    for error in batch.unforeseen:
        raise_unforeseen(error)


def _prepare(world: World, claims: Sequence[effects.Claim]) -> list[Ready]:
    return _judged(world, lambda session: _opened(session, claims))


def _judged(world: World, opened: Callable[[Session], Iterable[Opened]]) -> list[Ready]:
    """Those that may go out, composed; the others are put off, or counted as failed, each on its own row."""
    found: list[tuple[effects.Claim, Ready | Wait | Drop | Exception]] = []
    with reading(world.engine) as session:
        shops: dict[int, ConnectedShop] = {}
        for held, effect, one in opened(session):
            try:
                shop = shops.get(effect.shop_id) or shops.setdefault(effect.shop_id, find(session, effect.shop_id, world.settings, world.secret))
                found.append((held, judged(session, world, held, effect, one, shop)))
            except Exception as error:  # noqa: BLE001  (it stands on its row, and harms no other mail)
                found.append((held, error))
    put_offs = [(held, verdict) for held, verdict in found if isinstance(verdict, Wait | Drop)]
    if put_offs:
        with transaction(world.engine) as session:
            for held, verdict in put_offs:
                put_off(session, held, verdict)
    for held, fault in found:
        if isinstance(fault, Exception):
            log.error("mail not composed", exc_info=fault, extra={"effect": held.effect_id})
            with suppress(effects.Stale), transaction(world.engine) as session:
                unprepared(session, world, held, fault)
    return [ready for _, ready in found if isinstance(ready, Ready)]


def _opened(session: Session, claims: Sequence[effects.Claim]) -> list[Opened]:
    by_id = {held.effect_id: held for held in claims}
    orders = dossier.read_orders(session, {held.order_id for held in claims if held.order_id is not None})
    opened = dossier.load(session, orders, recipients=True)
    return [(by_id[effect.id], effect, one) for one in opened for effect in one.effects if effect.id in by_id]


@dataclass
class _Batch:
    """Mails on their way out. Two threads know it: the one that hands over, and the one that watches over it."""

    world: World
    waiting: deque[Ready]
    begun: deque[Ready] = field(default_factory=deque)
    """`sending` is committed, nothing was said to the mail server yet."""
    answers: list[tuple[Ready, Outcome]] = field(default_factory=list)
    """Known, and not in the ledger yet."""
    unforeseen: list[Outcome] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    since: float = 0.0
    """When the mail in hand was taken (monotonic); 0: none is."""
    sure: float = 0.0
    """When those that are begun were certainly ours (monotonic)."""

    def run(self) -> None:
        """Until nothing is left to hand over, and everything that is known is in the ledger."""
        while self._turn_over():
            while (ready := self._next()) is not None:
                if not self._ours(ready):
                    continue
                outcome = hand_over(self.world, ready)
                with self.lock:
                    pace.took(time.monotonic() - self.since)
                    self.answers.append((ready, outcome))
                    self.since = 0.0
                if not isinstance(outcome, str):  # trouble is written down before another mail meets it
                    self._settle()
                    self._again(ready.recipient)

    def look(self) -> None:
        """If the mail in hand takes long: give the rest back, and write down what is known of those before it."""
        with self.lock:
            if not self.since or time.monotonic() - self.since < SLOW:
                return
        try:
            self._settle()
            self.give_back("the one before it takes long")
        except SQLAlchemyError as error:  # then the leases' end decides
            log.warning("mails behind a slow one could not be given back: %s", type(error).__name__)

    def _settle(self) -> None:
        """Write down what is known now."""
        with self.lock:
            answers, self.answers = self.answers, []
        self._write(answers, [])

    def _again(self, recipient: str) -> None:
        """Other mails to an address that met trouble are judged anew: it may be blocked now."""
        self.give_back("the one before it to this address met trouble", lambda ready: ready.recipient == recipient)

    def give_back(self, why: str, which: Callable[[Ready], bool] = lambda ready: True) -> None:
        """Those that were not handed over: somebody else may send them sooner."""
        with self.lock:
            rest = [ready for ready in (*self.begun, *self.waiting) if which(ready)]
            self.begun = deque(ready for ready in self.begun if not which(ready))
            self.waiting = deque(ready for ready in self.waiting if not which(ready))
        if rest:
            with transaction(self.world.engine) as session:
                effects.put_back(session, [ready.held for ready in rest], self.world.owner, f"not handed over: {why}")

    def _next(self) -> Ready | None:
        with self.lock:
            if not self.begun:
                return None
            self.since = time.monotonic()
            return self.begun.popleft()

    def _ours(self, ready: Ready) -> bool:
        """Whether nobody took it over meanwhile: a process may have slept since it committed `sending`, for longer than its lease."""
        lease = self.world.settings.recovery.lease
        if time.monotonic() - self.sure < lease / 2:
            return True
        try:
            with transaction(self.world.engine) as session:
                effects.hold_on(session, ready.held, lease)
        except effects.Stale as error:
            log.warning("a mail is somebody else's by now: %s", error, extra={"effect": ready.held.effect_id})
            with self.lock:
                self.since = 0.0
            return False
        return True

    def _turn_over(self) -> bool:
        """What became of the last ones, and `sending` for the next ones; whether there are any."""
        with self.lock:
            answers, self.answers = self.answers, []
            few = min(TOGETHER, pace.within(TURN), len(self.waiting))
            wanted = [] if self.begun else [self.waiting.popleft() for _ in range(few)]
        sure = time.monotonic() if wanted else self.sure
        try:
            begun = self._write(answers, wanted)
        except Exception:
            with self.lock:
                self.waiting.extendleft(reversed(wanted))
            raise
        self.sure = sure
        with self.lock:
            self.begun.extend(begun)
            return bool(self.begun or self.waiting)

    def _write(self, answers: Sequence[tuple[Ready, Outcome]], wanted: Sequence[Ready]) -> list[Ready]:
        """Those of `wanted` that may be handed over now."""
        plain = {ready.held: answer for ready, answer in answers if isinstance(answer, str) and not has_aftermath(ready)}
        begun = _persisting(lambda: self._write_many(plain, wanted)) if plain or wanted else set()
        for ready, outcome in answers:
            if ready.held not in plain:
                _persisting(lambda ready=ready, outcome=outcome: self._write_one(ready, outcome))  # type: ignore[misc]
                self.unforeseen.append(outcome)
        if answers:
            failpoints.hit("send.after_done")
        return [ready for ready in wanted if ready.held.effect_id in begun]

    def _write_many(self, plain: Mapping[effects.Claim, str], wanted: Sequence[Ready]) -> set[int]:
        """One transaction: the ids of those that are `sending` now."""
        worker, begun = self.world.owner, set[int]()
        with transaction(self.world.engine) as session:
            sent = effects.done_all(session, plain, worker) if plain else set[int]()
            if wanted:
                begun = effects.begin_all(session, [_beginning(ready) for ready in wanted], worker)
                failpoints.hit("send.before_sending")
        if sent:
            log.info("mails sent", extra={"effects": sorted(sent)})
        if begun:
            failpoints.hit("send.after_sending")
        return begun

    def _write_one(self, ready: Ready, outcome: Outcome) -> None:
        with suppress(effects.Stale), transaction(self.world.engine) as session:
            write_outcome(session, self.world, ready, outcome)


def _beginning(ready: Ready) -> effects.Beginning:
    return effects.Beginning(ready.held, ready.order_id or 0, ready.revision, ready.message.message_id)


def _persisting(write: Callable[[], T]) -> T:
    """What is known about mails that went out is worth some patience while the database is away: else they are in doubt."""
    until = time.monotonic() + PERSIST
    while True:
        try:
            return write()
        except OperationalError as error:
            if time.monotonic() > until:
                raise
            log.warning("the database is away (%s): what is known about mails waits", type(error).__name__)
            time.sleep(0.5)

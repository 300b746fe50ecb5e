"""Mails that go out at once: claimed in the transaction that plans them, and made from what was just read.

Most mails answer a delivery that came a moment ago. Written down as planned they would be looked for, claimed and read again with all that hangs
on their orders: two thirds of the statements of a mail by itself, a fifth of what sending costs in a rush. Here whoever read the delivery sends
them. The rest of the way is the same as for any other claimed mail: if its process dies it is planned again, and if its order changes meanwhile it
is judged anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.orm import Session

from jobs.ask import is_urgent
from postventa.clock import now, real_now
from postventa.dossier import Dossier, block
from postventa.effects import Claim
from postventa.models import Effect, State

Opened = tuple[Claim, Effect, Dossier]
"""A claimed mail with its order."""


@dataclass
class AtHand:
    """The mails of some transactions. `most`: if there are more than that, all wait for their turn among other shops' mails; `lease` in seconds."""

    owner: str
    lease: float
    most: int
    mails: list[Opened] = field(default_factory=list)
    _kept: int = 0
    """How many of them are of transactions that were committed."""

    def take(self, dossiers: Sequence[Dossier]) -> None:
        """Claim new mails that have their ids and are about to be written; of each order the first, after which the others are judged anew."""
        self.undo()
        due = [(effect, dossier) for dossier in dossiers if (effect := next(filter(_goes_out_now, dossier.new_effects), None)) is not None]
        if len(due) > self.most - self._kept:
            return
        until = real_now() + timedelta(seconds=self.lease)
        for effect, dossier in due:
            effect.state, effect.fence, effect.owner, effect.lease_until = State.CLAIMED, 1, self.owner, until
            self.mails.append((Claim(effect.id, 1, order_id=dossier.order.id), effect, dossier))

    def keep(self) -> None:
        """The transaction was committed."""
        self._kept = len(self.mails)

    def undo(self) -> None:
        """It was not, and nothing was taken with it."""
        del self.mails[self._kept :]

    def opened(self, session: Session) -> Sequence[Opened]:
        """The mails, with what blocks them looked up."""
        block(session, [dossier for _, _, dossier in self.mails])
        return self.mails


def _goes_out_now(effect: Effect) -> bool:
    return is_urgent(effect) and effect.state == State.PLANNED and effect.due_at <= now()

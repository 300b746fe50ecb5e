"""Photos of a return, each of the article that it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.models import ReturnCase, ReturnPhoto
from postventa.reviews.photos import Photo

OfLines = Mapping[str, Sequence[Photo]]
"""line_ref -> what shows it."""


def counts(session: Session, case: ReturnCase) -> dict[str, int]:
    """line_ref -> how many pictures its customer has sent of it; under the empty reference those of the return as a whole."""
    hers = (ReturnPhoto.return_case_id == case.id, ReturnPhoto.taken_by == "customer")
    query = select(ReturnPhoto.line_ref, func.count()).where(*hers).group_by(ReturnPhoto.line_ref)
    return dict(session.execute(query).all())


def with_new(standing: Mapping[str, int], new: OfLines) -> dict[str, int]:
    """How many there are once these have come too."""
    return {ref: standing.get(ref, 0) + len(new.get(ref, ())) for ref in {*standing, *new}}


def keep(session: Session, case: ReturnCase, photos: OfLines) -> None:
    """What the customer shows. How many there may be is the rules' business (`postventa.returns.problems`), and was asked before."""
    session.add_all(
        ReturnPhoto(
            shop_id=case.shop_id, return_case_id=case.id, taken_by="customer", line_ref=ref, created_at=now(),
            name=one.name, jpeg=one.jpeg, width=one.width, height=one.height,
        )
        for ref, several in photos.items() for one in several
    )  # fmt: skip

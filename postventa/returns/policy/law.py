"""What no rule may take away: the consumer's withdrawal (arts. 102 to 108 of Spain's consumer law, Directive 2011/83/EU). Pure.

Who withdraws says so to the withdrawal function; who returns something within the same days has the same rights here.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from postventa.returns.policy.facts import Facts

DAYS = 14
"""Calendar days from the day on which the last goods arrived."""
MARGIN = 4
"""More days than any run of feast days moves the last one by (Regulation 1182/71): we know no feast days here, and refuse nobody by a day."""


class Exemption(StrEnum):
    """Goods without a right of withdrawal: the closed list of art. 103. That something was reduced, or its box opened, is none."""

    MADE_TO_MEASURE = "made_to_measure"
    PERISHABLE = "perishable"
    SEALED_HYGIENE = "sealed_hygiene"
    """Sealed for health or hygiene, and unsealed by the customer."""
    INSEPARABLE = "inseparable"
    """Mixed with other goods by its nature after the delivery."""
    SEALED_MEDIA = "sealed_media"
    PRESS = "press"


def withdrawal_ends(facts: Facts) -> date | None:
    """The last day on which nobody is refused; None: the delivery is not known, so that the days have not begun to count."""
    if facts.delivered_at is None:
        return None
    return facts.delivered_at.astimezone(ZoneInfo(facts.zone)).date() + timedelta(days=DAYS + MARGIN)


def may_withdraw(facts: Facts, exemption: Exemption | None) -> bool:
    """Whether the goods may go back for no reason at all. An unknown delivery keeps the right open."""
    ends = withdrawal_ends(facts)
    return exemption is None and (ends is None or facts.at.astimezone(ZoneInfo(facts.zone)).date() <= ends)

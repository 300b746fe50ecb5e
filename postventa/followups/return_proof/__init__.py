"""Somebody of the shop looked at the customer's proof that she sent it: taken, or not, and then why. Planned by the decision itself."""

from datetime import timedelta

from postventa.followups.base import NEVER, FollowUp


class ReturnProof(FollowUp):
    name = "return_proof"
    after = NEVER
    asked = True
    stale_after = timedelta(days=14)
    survives_cancel = True

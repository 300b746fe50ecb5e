"""Proving that somebody reads the mails of an order's address, before personal data are shown or changed (promises.md 4).

A link from a mail shows where things are. It may have been passed on, or lie in an old mailbox; so for more than that there is a code of six digits,
mailed to the order's own address, or something that proves the same (`postventa/web/portal/step_up.py` says what).
"""

from postventa.step_up.scope import Purpose, Scope

__all__ = ["Purpose", "Scope"]

"""What a person agreed to, from the page that said it to the form that does it: unreadable, unchangeable, for that account and that order alone.

Each holds a key that was drawn for it, so that one page, sent twice or fifty times at once, is one wish.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from cryptography.exceptions import InvalidTag
from flask import request

from postventa import vault
from postventa.accounts import tokens
from postventa.web.orders.page import me
from postventa.web.portal.page import services

FIELD = "wish"


def seal(purpose: str, order: int, **told: Any) -> str:
    """What the hidden field holds."""
    return base64.urlsafe_b64encode(vault.seal(services().secret, {"key": tokens.draw()[:22], **told}, _where(purpose, order))).decode()


def opened(purpose: str, order: int) -> dict[str, Any] | None:
    """What the form's field holds; None: it is not ours, or for somebody or something else."""
    try:
        content = base64.urlsafe_b64decode(request.form.get(FIELD, "").encode())
        return vault.unseal(services().secret, content, _where(purpose, order)) if len(content) > 29 else None
    except (InvalidTag, binascii.Error, ValueError):
        return None


def _where(purpose: str, order: int) -> str:
    return f"wish {purpose} {order} {me().account.id}"

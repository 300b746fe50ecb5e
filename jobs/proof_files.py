"""A file by which a customer proves that she sent something: a photo, encoded anew, or a PDF, which nobody here opens."""

from __future__ import annotations

from dataclasses import dataclass

from postventa.reviews import photos
from postventa.reviews.photos import MAX_BYTES, Refusal, Refused

BEGINS, ENDS = b"%PDF-", b"%%EOF"
TAIL = 1024
"""Bytes at whose end a PDF says that it is whole (ISO 32000-1, annex H)."""


@dataclass(frozen=True)
class ProofFile:
    """`kind`: jpeg | pdf."""

    kind: str
    content: bytes


def take(data: bytes) -> ProofFile:
    """By content, whatever it is called; at most 10 MB. Raises `photos.Refused`."""
    if len(data) > MAX_BYTES:
        raise Refused(Refusal.TOO_HEAVY)
    if data.startswith(BEGINS):
        if ENDS not in data[-TAIL:]:
            raise Refused(Refusal.UNREADABLE)
        return ProofFile("pdf", data)
    return ProofFile("jpeg", photos.take(data).jpeg)

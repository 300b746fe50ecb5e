"""Customers' photos: any upload in, a harmless JPEG out, or a plain reason why not.

The name that an upload came with is never used, and its bytes are never kept or served: only what our own encoder wrote.
"""

from __future__ import annotations

import importlib.util
import io
import logging
import os
import secrets
import subprocess
import sys
import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

DECODER = Path(__file__).with_name("decode.py")
MAX_BYTES = 10 * 1024 * 1024
PATIENCE = 20.0
"""Seconds that one photo may take by the wall clock."""
QUEUE = 30.0
"""Seconds that a photo may wait for its turn."""
SMALL = 192
"""Pixels of the longer side of a thumbnail."""

log = logging.getLogger(__name__)

_turns = threading.BoundedSemaphore(2)
"""Decoding is the heaviest thing that a visitor can ask for: two at a time in each process."""


class Refusal(StrEnum):
    """Why a photo was not taken."""

    TOO_HEAVY = "too_heavy"
    TOO_MANY_PIXELS = "too_many_pixels"
    NOT_A_PHOTO = "not_a_photo"
    HEIC = "heic"
    """A photo indeed, of a kind for which there is no decoder here: a browser on an iPhone converts it by itself, if it is chosen rightly."""
    UNREADABLE = "unreadable"
    BUSY = "busy"


class Refused(Exception):
    """The photo was not taken; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True)
class Photo:
    """A clean JPEG under a random name that tells nothing."""

    name: str
    jpeg: bytes
    width: int
    height: int


def take(data: bytes) -> Photo:
    """A clean photo from an upload: JPEG, PNG or WebP by content, HEIC where its decoder is, at most 10 MB and 25 megapixels. Raises `Refused`."""
    from PIL import Image  # only where a photo is at hand: every process would carry it otherwise

    if len(data) > MAX_BYTES:
        raise Refused(Refusal.TOO_HEAVY)
    if not _turns.acquire(timeout=QUEUE):
        raise Refused(Refusal.BUSY)
    try:
        jpeg = _decode(data)
    finally:
        _turns.release()
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
        width, height = picture.size
    return Photo(secrets.token_hex(16), jpeg, width, height)


def accepted() -> str:
    """What a page asks browsers for. Without the decoder HEIC is not named, and then an iPhone converts its photos before it sends them."""
    kinds = ["jpeg", "png", "webp", *(["heic", "heif"] if importlib.util.find_spec("pi_heif") is not None else [])]
    return ",".join(f"image/{kind}" for kind in kinds)


def thumbnail(jpeg: bytes) -> bytes:
    """A small version of a photo that `take` made (never of an upload)."""
    from PIL import Image  # only where a photo is at hand: every process would carry it otherwise

    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
        picture.draft("RGB", (SMALL * 2, SMALL * 2))
        picture.thumbnail((SMALL, SMALL))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()


def _decode(data: bytes) -> bytes:
    """Isolated (`-I`): no user site, no folder of ours on its path, and of the environment only what the interpreter needs to start."""
    command = [sys.executable, "-I", str(DECODER)]
    needed = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    try:
        child = subprocess.run(command, input=data, capture_output=True, timeout=PATIENCE, env=needed, check=False)
    except subprocess.TimeoutExpired:
        raise Refused(Refusal.UNREADABLE) from None
    if child.returncode == 0 and child.stdout:
        return child.stdout
    word = child.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    if child.returncode != 3:
        log.warning("photo decoder ended with %s: %s", child.returncode, word[:200])
    raise Refused(Refusal(word) if child.returncode == 3 and word in set(Refusal) else Refusal.UNREADABLE)

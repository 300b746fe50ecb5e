"""Turns a stranger's picture into a plain JPEG. Runs by itself, as a child with hard limits: a decoder is the likeliest thing to be attacked.

stdin: the upload; stdout: the JPEG; exit 0, or 3 with one of the words of `photos.Refusal` on stderr. Imports nothing of ours, so that
it starts fast and holds no secret. HEIC is for whoever installed its decoder (`make setup-heic`): it is loaded for such a photo alone.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings

from PIL import Image, ImageCms, ImageOps

SIGNATURES = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n", "WEBP": b"RIFF"}
HEIF = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
"""Brands of the container in which iPhones keep photos (ISO/IEC 23008-12)."""
MARKUP = (b"<script", b"<!doctype", b"<html", b"<svg", b"<?php")
"""No camera writes these; a file that is a picture and a page at once does."""
CPU_SECONDS = 10
MEMORY = 768 * 1024 * 1024
MAX_PIXELS = 25_000_000
SIDE = 1600
QUALITY = 85


class Refused(Exception):
    """Not taken; the message is the word for it."""


def main() -> int:
    limit()
    try:
        sys.stdout.buffer.write(clean(sys.stdin.buffer.read()))
    except Refused as refused:
        sys.stderr.write(str(refused))
        return 3
    return 0


def limit() -> None:
    """From here on: ten seconds of computing, 768 MB, and no file written."""
    bounds = {resource.RLIMIT_CPU: CPU_SECONDS, resource.RLIMIT_AS: MEMORY, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    for which, bound in bounds.items():
        hard = resource.getrlimit(which)[1]
        value = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        try:
            resource.setrlimit(which, (value, value))
        except (OSError, ValueError):
            # macOS knows no limit of address space; the size checks and the parent's patience still hold.
            if which != resource.RLIMIT_AS:
                raise


def clean(data: bytes) -> bytes:
    """The picture upright, at most `SIDE` pixels wide and high, in sRGB, without EXIF or anything else that it carried along."""
    kind = sniff(data)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            within(picture)
            picture.draft("RGB", (SIDE, SIDE))
            picture.load()
            within(picture)  # a HEIC is as large as its pixels, whatever its head says
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
            return encode(plain(upright))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused("too_many_pixels") from None
    except (OSError, ValueError, SyntaxError, RuntimeError, MemoryError, EOFError, IndexError, KeyError, TypeError, ZeroDivisionError) as error:
        # What decoders raise on broken files differs by format and by the place where it breaks.
        raise Refused("unreadable") from error


def within(picture: Image.Image) -> None:
    """Raises `Refused` for what has too many pixels."""
    if picture.width * picture.height > MAX_PIXELS:
        raise Refused("too_many_pixels")


def sniff(data: bytes) -> str:
    """JPEG, PNG, WEBP or HEIF by its first bytes, whatever its name says."""
    kind = next((name for name, start in SIGNATURES.items() if data.startswith(start)), "")
    low = data.lower()
    if data[4:8] == b"ftyp" and data[8:12] in HEIF:
        kind = heif()
    if not kind or (kind == "WEBP" and data[8:12] != b"WEBP") or any(mark in low for mark in MARKUP):
        raise Refused("not_a_photo")
    return kind


def heif() -> str:
    """Pillow's name for HEIC, once it can read that. Raises `Refused` where nobody installed the decoder."""
    try:
        import pi_heif  # LGPL: in no other process of ours, and in none that does without
    except ImportError:
        raise Refused("heic") from None
    pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
    return "HEIF"


def plain(picture: Image.Image) -> Image.Image:
    """On white where it was transparent, and in the colours that every screen shows."""
    profile = picture.info.get("icc_profile")
    if picture.has_transparency_data:
        see_through = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", see_through.size, "white"), see_through).convert("RGB")
    if profile and picture.mode in ("RGB", "CMYK"):
        try:
            picture = ImageCms.profileToProfile(picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB") or picture
        except (ImageCms.PyCMSError, OSError) as error:
            # A broken profile costs some colour, not the photo.
            sys.stderr.write(f"profile ignored: {error}\n")
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def encode(picture: Image.Image) -> bytes:
    """A JPEG that holds pixels and nothing else."""
    picture.info.clear()
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())

"""Photos from strangers. Every upload goes through the real child process."""

from __future__ import annotations

import importlib.util
import io
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from postventa.reviews import photos
from postventa.reviews.photos import Refusal, Refused
from tests.scenarios import scenario


def file(kind: str = "JPEG", size: tuple[int, int] = (400, 300), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, options.pop("colour", "teal")).save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def opened(photo: photos.Photo) -> Image.Image:
    picture = Image.open(io.BytesIO(photo.jpeg))
    picture.load()
    return picture


def huge_png(width: int, height: int) -> bytes:
    """A few kilobytes that say they are a giant."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


def heic(name: str) -> bytes:
    """A file as telephones write them, made for these tests: nothing here can write one."""
    return (Path(__file__).parents[1] / "fixtures" / "photos" / f"{name}.heic").read_bytes()


def measured(data: bytes, width: int, height: int) -> bytes:
    """The same pixels under another size: the box `ispe` of ISO/IEC 23008-12."""
    head, _, rest = data.rpartition(b"ispe\x00\x00\x00\x00")
    return head + b"ispe\x00\x00\x00\x00" + struct.pack(">II", width, height) + rest[8:]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_kinds_become_a_plain_jpeg(kind: str) -> None:
    taken = photos.take(file(kind))
    picture = opened(taken)
    assert (picture.format, picture.mode, picture.size, (taken.width, taken.height)) == ("JPEG", "RGB", (400, 300), (400, 300))
    assert len(taken.name) == 32


def test_large_photos_are_made_smaller() -> None:
    taken = photos.take(file(size=(4000, 3000)))
    assert (taken.width, taken.height) == (1600, 1200)


@scenario("S16", budget=30)
def test_a_photo_taken_upright_stays_upright_and_loses_its_secrets() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera of Ana"
    exif.get_ifd(0x8825)[2] = (37.0, 23.0, 0.0)
    taken = photos.take(file(size=(400, 300), exif=exif.tobytes(), comment=b"at home"))
    assert (taken.width, taken.height) == (300, 400)
    assert not opened(taken).getexif()
    assert b"Ana" not in taken.jpeg
    assert b"at home" not in taken.jpeg


@scenario("S16", budget=30)
def test_a_photo_of_an_iphone_stands_upright_and_loses_its_secrets() -> None:
    """96 pixels wide as it lies, red above; to be turned by a quarter, so that red is on the right."""
    assert b"Camera of Ana" in heic("turned")
    taken = photos.take(heic("turned"))
    assert (taken.width, taken.height, dict(opened(taken).getexif())) == (64, 96, {})
    assert b"Ana" not in taken.jpeg
    upright = opened(taken)
    assert upright.getpixel((4, 48)) == pytest.approx((255, 255, 255), abs=12)
    assert upright.getpixel((60, 48)) == pytest.approx((255, 0, 0), abs=12)


def test_twenty_five_megapixels_of_an_iphone_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "PATIENCE", 100.0)  # whatever else this machine does meanwhile
    assert photos.take(heic("large")).width == 1600


def test_without_its_decoder_a_photo_of_an_iphone_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare = tmp_path / "decode.py"
    bare.write_text(f"import runpy, sys\nsys.modules['pi_heif'] = None\nrunpy.run_path({str(photos.DECODER)!r}, run_name='__main__')\n")
    monkeypatch.setattr(photos, "DECODER", bare)
    with pytest.raises(Refused) as refused:
        photos.take(heic("turned"))
    assert refused.value.refusal is Refusal.HEIC
    assert photos.take(file()).width == 400, "all else goes on"


def test_a_page_asks_for_heic_only_where_it_can_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    assert photos.accepted() == "image/jpeg,image/png,image/webp,image/heic,image/heif"
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert photos.accepted() == "image/jpeg,image/png,image/webp"


def test_who_reads_no_heic_never_loads_its_decoder() -> None:
    run = f"runpy.run_path({str(photos.DECODER)!r}, run_name='d')['clean'](sys.stdin.buffer.read())"
    code = f"import runpy, sys; {run}; print('pi_heif' in sys.modules)"
    said = [
        subprocess.run([sys.executable, "-I", "-c", code], input=data, capture_output=True, timeout=60, check=True)
        for data in (file(), heic("turned"))
    ]
    assert [one.stdout.strip() for one in said] == [b"False", b"True"]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1"])
def test_transparency_and_odd_modes_end_on_white(mode: str) -> None:
    out = io.BytesIO()
    source = Image.new("RGBA", (60, 60), (0, 0, 0, 0)).convert(mode) if mode in ("RGBA", "LA") else Image.new(mode, (60, 60), 1)
    source.save(out, "PNG")
    picture = opened(photos.take(out.getvalue()))
    assert picture.mode == "RGB"
    if mode in ("RGBA", "LA"):
        assert picture.getpixel((30, 30)) == (255, 255, 255)


def test_print_colours_become_screen_colours() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (50, 50), (0, 255, 255, 0)).save(out, "JPEG")
    red, green, blue = opened(photos.take(out.getvalue())).getpixel((25, 25))  # type: ignore[misc]
    assert red > 180
    assert green < 80
    assert blue < 80


@scenario("S16", budget=60)
@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("nothing", b"", Refusal.NOT_A_PHOTO),
        ("text", b"hola", Refusal.NOT_A_PHOTO),
        ("svg", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", Refusal.NOT_A_PHOTO),
        ("gif", file("GIF"), Refusal.NOT_A_PHOTO),
        ("tiff", file("TIFF"), Refusal.NOT_A_PHOTO),
        ("pdf", b"%PDF-1.7\n%...", Refusal.NOT_A_PHOTO),
        ("heic in name only", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"x" * 64, Refusal.UNREADABLE),
        ("half a heic", heic("turned")[:-60], Refusal.UNREADABLE),
        ("heic with just too many pixels", heic("just_too_large"), Refusal.TOO_MANY_PIXELS),
        ("heic that says it is a giant", measured(heic("turned"), 50_000, 50_000), Refusal.TOO_MANY_PIXELS),
        ("heic that hides how large it is", measured(heic("just_too_large"), 96, 64), Refusal.UNREADABLE),
        ("page behind a heic", heic("turned") + b"<html><script>alert(1)</script></html>", Refusal.NOT_A_PHOTO),
        ("film", b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"x" * 64, Refusal.NOT_A_PHOTO),
        ("sound in a RIFF", b"RIFF\x00\x00\x00\x00WAVEfmt ", Refusal.NOT_A_PHOTO),
        ("page behind a photo", file() + b"<html><script>alert(1)</script></html>", Refusal.NOT_A_PHOTO),
        ("page in a comment", file(comment=b"<SCRIPT>alert(1)</SCRIPT>"), Refusal.NOT_A_PHOTO),
        ("half a photo", file(size=(900, 900))[:2000], Refusal.UNREADABLE),
        ("jpeg in name only", b"\xff\xd8\xff" + b"x" * 500, Refusal.UNREADABLE),
        ("giant", huge_png(50_000, 50_000), Refusal.TOO_MANY_PIXELS),
        ("just too many pixels", huge_png(5001, 5000), Refusal.TOO_MANY_PIXELS),
        ("too heavy", file() + bytes(10 * 1024 * 1024), Refusal.TOO_HEAVY),
    ],
)
def test_what_is_no_photo_is_refused(name: str, data: bytes, why: Refusal) -> None:
    with pytest.raises(Refused) as refused:
        photos.take(data)
    assert refused.value.refusal is why, name


@scenario("S16", budget=30)
def test_a_zip_behind_a_photo_is_left_behind() -> None:
    taken = photos.take(file() + b"PK\x03\x04" + b"payload" * 100)
    assert b"PK\x03\x04" not in taken.jpeg
    assert b"payload" not in taken.jpeg


def test_twenty_five_megapixels_are_taken() -> None:
    assert photos.take(file("PNG", (5000, 5000))).width == 1600


def test_the_same_upload_gives_the_same_photo_under_another_name() -> None:
    one, two = photos.take(file()), photos.take(file())
    assert one.jpeg == two.jpeg
    assert one.name != two.name


def test_many_at_once_wait_for_their_turn() -> None:
    with ThreadPoolExecutor(6) as visitors:
        assert [taken.width for taken in visitors.map(lambda _: photos.take(file()), range(6))] == [400] * 6


@scenario("S16", budget=60)
def test_a_decoder_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "PATIENCE", 0.01)
    with pytest.raises(Refused) as refused:
        photos.take(file())
    assert refused.value.refusal is Refusal.UNREADABLE


def test_a_thumbnail_is_small() -> None:
    taken = photos.take(file(size=(3000, 2000)))
    small = Image.open(io.BytesIO(photos.thumbnail(taken.jpeg)))
    assert small.size == (192, 128)

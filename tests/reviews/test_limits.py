"""The decoder's limits hold in the child, whatever a picture makes it do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from postventa.reviews.photos import DECODER

HEAD = f"import runpy; d = runpy.run_path({str(DECODER)!r}, run_name='decode'); d['limit'](); "


def child(code: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-I", "-c", HEAD + code], capture_output=True, timeout=60, check=False)


def test_it_cannot_take_a_gigabyte() -> None:
    assert b"MemoryError" in child("x = bytearray(1 << 30)").stderr


def test_it_cannot_write_a_file(tmp_path: Path) -> None:
    target = tmp_path / "x"
    assert child(f"open({str(target)!r}, 'wb', buffering=0).write(b'x' * 10)").returncode != 0
    assert target.read_bytes() == b""


def test_it_cannot_compute_for_ever() -> None:
    assert child("import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass").returncode < 0


def test_the_limit_of_computing_is_ten_seconds() -> None:
    assert child("import resource; print(resource.getrlimit(resource.RLIMIT_CPU))").stdout.strip() == b"(10, 10)"

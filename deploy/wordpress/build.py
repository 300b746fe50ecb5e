"""Makes the WooCommerce plugin's ZIP, with its catalogues compiled: `make wordpress`. The same files give the same bytes, whenever and wherever."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HERE = Path(__file__).parent
PLUGIN = HERE / "postventa"
ZIP = HERE.parents[1] / "dist" / "postventa-wordpress.zip"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP can tell."""


def files() -> Iterator[tuple[str, bytes]]:
    """What is in it; a catalogue stands there as people edit it, and as WordPress reads it."""
    for file in sorted(path for path in PLUGIN.rglob("*") if path.is_file()):
        name, content = file.relative_to(HERE).as_posix(), file.read_bytes()
        yield name, content
        if file.suffix == ".po":
            yield f"{name.removesuffix('.po')}.mo", compiled(content)


def compiled(catalogue: bytes) -> bytes:
    """A .po file as .mo. Raises `babel.messages.pofile.PoFileError`."""
    out = io.BytesIO()
    write_mo(out, read_po(io.BytesIO(catalogue), abort_invalid=True))
    return out.getvalue()


def build(target: Path) -> Path:
    """Write the ZIP."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files():
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1]) if len(sys.argv) > 1 else ZIP)}\n")

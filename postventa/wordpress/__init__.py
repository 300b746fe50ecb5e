"""The companion plugin for WooCommerce shops (`plugin/`) as a ZIP: made for one shop by its page, or for any by `make wordpress`.

The same files and the same preset give the same bytes, whenever and wherever. Nothing in it is secret: whoever has the ZIP knows two addresses and a
public name, which every visitor of the shop sees besides. The plugin is GPL-2.0-or-later (NOTICE); nothing here runs it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PLUGIN = Path(__file__).parent / "plugin"
FOLDER = "postventa"
"""What WordPress calls the plugin; another name would be another plugin, beside the old one."""
NAME = "postventa-wordpress.zip"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP can tell."""


@dataclass(frozen=True)
class Preset:
    """What the plugin need not be told. `home`: the shop that it is for; in any other one only `address` counts."""

    home: str
    address: str
    pages: str
    shop: str


def archive(preset: Preset | None = None) -> bytes:
    """The ZIP, as WordPress takes it under *Plugins → Add New → Upload Plugin*."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in sorted({**_files(), **_preset(preset)}.items()):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", LONG_AGO)
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def compiled(catalogue: bytes) -> bytes:
    """A .po file as .mo. Raises `babel.messages.pofile.PoFileError`."""
    out, read = io.BytesIO(), read_po(io.BytesIO(catalogue), abort_invalid=True)
    read.creation_date = read.revision_date = datetime(*LONG_AGO, tzinfo=UTC)  # else it is the minute in which this runs
    write_mo(out, read)
    return out.getvalue()


@cache
def _files() -> Mapping[str, bytes]:
    """What is in each of them."""
    return dict(_found())


def _found() -> Iterator[tuple[str, bytes]]:
    """A catalogue stands there as people edit it, and as WordPress reads it."""
    for file in sorted(path for path in PLUGIN.rglob("*") if path.is_file()):
        name, content = file.relative_to(PLUGIN).as_posix(), file.read_bytes()
        yield name, content
        if file.suffix == ".po":
            yield f"{name.removesuffix('.po')}.mo", compiled(content)


def _preset(preset: Preset | None) -> dict[str, bytes]:
    """The one file that is not the same in each."""
    if preset is None:
        return {}
    said = "".join(f"\t{_quoted(name)} => {_quoted(value)},\n" for name, value in vars(preset).items())
    words = "/**\n * For which shop this copy was made, and where its Postventa is. Nothing here is secret.\n *\n * @package Postventa\n */"
    return {"preset.php": f"<?php\n{words}\n\ndefined( 'ABSPATH' ) || exit;\n\nreturn array(\n{said});\n".encode()}


def _quoted(text: str) -> str:
    """A string of PHP's, in which nothing but the text itself has a meaning."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"

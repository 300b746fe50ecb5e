"""The catalogues of translations, read as a test reads them: strictly, without doubtful texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from postventa import locale

TEXT = re.compile(r'\b(?:t|_)\(\s*"((?:[^"\\]|\\.)*)"')
"""A text that a page or its code says."""
OTHERS = [language for language in locale.languages() if language != "es"]
NAMES = sorted({file.stem for language in OTHERS for file in (locale.HERE / language).glob("*.po")})


@cache
def catalogue(language: str, name: str) -> dict[str, str]:
    """Spanish texts and what they are in that language."""
    with (locale.HERE / language / f"{name}.po").open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream, locale=language, abort_invalid=True) if m.id and not m.fuzzy}


def said(files: Iterable[Path]) -> set[str]:
    """All texts that these files say."""
    return {found for file in files for found in TEXT.findall(file.read_text(encoding="utf-8"))}


def pages(package: str | None) -> list[Path]:
    """The pages beside a package's `__file__`, and the code that shows them."""
    folder = Path(str(package)).parent
    return [*folder.rglob("*.html"), *folder.glob("*.py")]

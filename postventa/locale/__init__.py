"""The shipped languages, each a folder of .po files here, found by itself.

Spanish is the source: the Spanish text is the `msgid`, so a missing translation shows Spanish and a test fails. `es/` needs no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

HERE = Path(__file__).parent
SOURCE = "es"


@cache
def languages() -> tuple[str, ...]:
    """The shipped languages, Spanish first."""
    found = sorted(p.name for p in HERE.iterdir() if p.is_dir() and not p.name.startswith("_"))
    return (SOURCE, *(name for name in found if name != SOURCE))


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Spanish text -> text in `language`, from all .po files of its folder."""
    texts: dict[str, str] = {}
    for file in sorted((HERE / language).glob("*.po")):
        with file.open("rb") as stream:
            for message in read_po(stream, locale=language):
                if message.id and message.string and not message.fuzzy:
                    texts[str(message.id)] = str(message.string)
    return texts


def translate(language: str, source: str) -> str:
    """`source` (Spanish, may hold `{{ placeholders }}` or `{names}`) in `language`; Spanish where nothing is known."""
    return source if language == SOURCE else catalogue(language).get(source, source)


@lru_cache(maxsize=1024)
def choose(tag: str, fallback: str = SOURCE) -> str:
    """The shipped language for a BCP 47 tag such as `ca-ES` or `pt_BR`; `fallback` when we do not ship it."""
    language = tag.replace("_", "-").partition("-")[0].lower()
    return language if language in languages() else (fallback if fallback in languages() else SOURCE)

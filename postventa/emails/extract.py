"""Writes `postventa/locale/es/mails.pot`: every sentence of the mails, for translators.

    python -m postventa.emails.extract            write it again after a change of wording
    python -m postventa.emails.extract --check    exit 1 if it is not up to date

Each paragraph, heading, button and fixed word is one entry, so that translators see whole sentences. Placeholders (`{{ carrier }}`,
`{count}`), conditions (`{% if ... %}`) and `**emphasis**` stay; the order of words around them is the language's own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from postventa.emails.wording import names, paragraphs, read
from postventa.emails.words import WORDS
from postventa.locale import HERE, SOURCE

TEMPLATE = HERE / SOURCE / "mails.pot"
HEADER = """\
# The words of the mails. Spanish is the source; translations stand in ../<language>/mails.po.
# Written by: python -m postventa.emails.extract
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def sentences() -> Iterator[tuple[str, str]]:
    """(Spanish text, where it is used)."""
    for followup in names():
        for part in ("subject", "preview"):
            yield read(part, followup), f"{followup}/{part}"
        for paragraph in paragraphs(read("body", followup)):
            if paragraph.words:
                place = "body" if paragraph.kind == "text" else paragraph.kind
                yield paragraph.words, f"{followup}/{place}"
    for name, text in WORDS.items():
        yield text, f"words/{name}"


def template() -> str:
    """The template's whole text."""
    places: dict[str, list[str]] = {}
    for text, place in sentences():
        places.setdefault(text, []).append(place)
    catalogue = Catalog(charset="utf-8")
    for text, where in places.items():
        entry = catalogue.add(text, auto_comments=[", ".join(where[:3])])
        entry.flags.clear()  # ours are not Python's formats, whatever they look like
    buffer = BytesIO()
    write_po(buffer, catalogue, width=0, omit_header=True)
    return HEADER + buffer.getvalue().decode("utf-8")


def main(arguments: list[str]) -> int:
    fresh = template()
    if "--check" in arguments:
        return int(not TEMPLATE.exists() or TEMPLATE.read_text(encoding="utf-8") != fresh)
    TEMPLATE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

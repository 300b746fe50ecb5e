"""An export as one file: a page to read, a document for programs, and the files that we hold."""

from __future__ import annotations

import io
import zipfile

from postventa.privacy.gather import Held, as_json
from postventa.privacy.page import About, page


def archive(held: Held, about: About) -> bytes:
    """A ZIP. Names in it are ours, numbers and all, so that nothing in it can lead elsewhere when it is unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in {"index.html": page(held, about).encode(), "data.json": as_json(held), **held.files}.items():
            packed.writestr(zipfile.ZipInfo(name, about.at.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()

"""`make wordpress`: writes the plugin's ZIP, for any shop, to where packagers look for it."""

from __future__ import annotations

import sys
from pathlib import Path

from postventa.wordpress import NAME, archive

PLACE = Path("deploy/wordpress")


def main() -> None:
    """Into the file that was named, or beside `deploy/wordpress/README.md`."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PLACE / NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(archive())
    sys.stdout.write(f"{target}\n")


if __name__ == "__main__":
    main()

"""`python -m tests.faults.newer CONFIG`: migrate as the newer version's `postventa db upgrade` does."""

import sys
from pathlib import Path

from postventa import migrations
from postventa.config import load

migrations.VERSIONS.append(Path(__file__).parent / "versions")
migrations.upgrade(load(Path(sys.argv[1])))

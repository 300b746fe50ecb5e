"""What every start loads: nothing that only a few jobs need, since each start waits for it and each process carries it."""

import subprocess
import sys


def test_a_start_loads_no_library_that_only_a_few_jobs_need() -> None:
    code = (
        "import sys; from postventa.runtime import service; service._load_web(); service._load_jobs();"
        " print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=200, check=True).stdout.split()
    assert {"jobs", "granian", "sqlalchemy"} <= set(loaded)
    late = {"PIL", "alembic", "graphql", "jwt", "karrio", "loguru", "mako", "pygments", "reportlab", "rich", "shopify", "webauthn"}
    assert not late & set(loaded)

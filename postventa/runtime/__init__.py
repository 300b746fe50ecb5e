"""Running the service: one supervised process tree, the embedded Redis, the web server, logs."""

import sys

if "rich" not in sys.modules and "structlog" not in sys.modules:
    # structlog would load rich and pygments into every process, for tracebacks with the values of variables, which no log of ours may have.
    sys.modules["rich"] = None  # type: ignore[assignment]  # what the import system takes for "there is none"
    import structlog  # noqa: F401

    del sys.modules["rich"]

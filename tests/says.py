"""`python -m tests.says quit 3`: a small program for `tests/test_programs.py`."""

from __future__ import annotations

import os
import signal
import sys
import time

from postventa import failpoints


def main() -> None:
    """Tell of itself, then do as told."""
    print(sys.argv[1:], sys.orig_argv[1:], dict(sorted(os.environ.items())), failpoints.armed(), __name__, os.getcwd())  # noqa: PTH109, T201
    print(os.environ.get("ONLY", ""), sys.stdin.read(), file=sys.stderr)  # noqa: T201
    word = sys.argv[1]
    if word == "quit":
        sys.exit(int(sys.argv[2]))
    if word == "fail":
        raise ValueError("as told")
    if word == "die":
        sys.stdout.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "wait":
        time.sleep(60)


if __name__ == "__main__":
    main()

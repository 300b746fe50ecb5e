"""`python -m tests.service.counted --config ... up` is `postventa` where a stranger's credit comes back slowly: on a busy machine a test posts so
slowly that it would never use up what comes back in earnest, and no flood would be one.
"""

from __future__ import annotations

from webhooks import strangers


def main() -> None:
    """`postventa`, with a long memory for refusals."""
    from postventa.cli import main as postventa

    strangers.RATE = 1.0
    postventa()


if __name__ == "__main__":
    main()

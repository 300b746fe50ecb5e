"""Logs on standard error: one JSON document per line, or readable text on a terminal. No personal data in either.

Say what a line is about with `structlog.contextvars.bind_contextvars(shop=..., order=..., effect=...)`; the ids then stand in every line.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, Processor

from postventa.runtime.masks import clean

QUIET = {"rq.worker": "WARNING", "werkzeug": "WARNING", "alembic": "WARNING", "urllib3": "WARNING", "_granian": "WARNING", "PIL": "WARNING"}
"""Libraries that would otherwise tell their life story."""


def configure(level: str = "info", style: Literal["auto", "json", "text"] = "auto") -> None:
    """Send everything that this process and its libraries log through the masks to standard error."""
    text = style == "text" or (style == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_common(), processors=_last(text=text)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(logging.getLevelName(least), root.level))
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_common(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _common() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def _last(*, text: bool) -> list[Processor]:
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0, timestamp_key="at")
        if text
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, without_people, renderer]


def without_people(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """The processor that masks every field; tracebacks keep their lines."""
    return {key: clean(value, key, keep_lines=key in ("exception", "stack")) for key, value in event.items()}

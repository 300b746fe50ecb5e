"""What no installation that real shops and customers reach may start with: each in one sentence that says what is wrong, where, and what to do.

`Settings.in_production` says when that is. Elsewhere the same things are warnings, of the start or of `postventa doctor`, which asks here too. Only
what endangers everybody is in here: a secret of one shop that can be guessed is an alarm (`jobs/watch.py`) and keeps nobody else's deliveries out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from flask.helpers import get_debug_flag

from postventa import failpoints
from postventa.config import ConfigError, Settings
from postventa.secrets import close_to_others, key_trouble


def refuse(settings: Settings) -> None:
    """Close the secret key's file to others; then raise `ConfigError` with everything dangerous, if this is production."""
    close_to_others(settings)
    found = list(dangers(settings)) if settings.in_production else []
    if found:
        raise ConfigError("\n".join([*found, f"Real shops and customers reach {settings.server.public_url}, so it does not start like this."]))


def dangers(settings: Settings) -> Iterator[str]:
    """All of them."""
    yield from filter(None, (key_trouble(settings), failing_on_purpose(), wrong_time(settings), debugging()))


def failing_on_purpose() -> str:
    """Failpoints are for tests: whoever can write into their folder can end this service's processes."""
    if not failpoints.armed():
        return ""
    return f"{failpoints.VARIABLE} is set, so files in that folder make the service fail on purpose: take it out of the environment"


def wrong_time(settings: Settings) -> str:
    """A shifted clock is for development: real customers would get mails at the wrong time."""
    if (settings.clock.offset, settings.clock.speed) != (0, 1):
        return f"{settings.source}: [clock] shifts or speeds up the time that customers' mails go by, which is for development: take it out"
    left = settings.var / "clock.json"
    if _shifts(settings):
        return f"{left}: left behind by a clock that was shifted or sped up, and still heeded: remove it"
    return ""


def _shifts(settings: Settings) -> bool:
    try:
        state = json.loads((settings.var / "clock.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(state.get("speed") != 1 or state.get("ours") != state.get("anchor"))


def debugging() -> str:
    """Flask's debug mode shows strangers how the program looks inside."""
    return "FLASK_DEBUG is set, and debug mode shows visitors the program's inside: take it out of the environment" if get_debug_flag() else ""

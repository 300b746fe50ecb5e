"""The file that knows karrio: loads it, tames it, and puts one question to it. (`own_reading` borrows its reader of XML.)

https://docs.karrio.io - its gateways find their carriers by loading every plugin there is, which takes seconds; here each is put together from the
one package that is needed. Loading karrio has two effects on the whole process that are undone at once: certificates are not checked any more, and
loguru writes to standard error, with tracebacks.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import logging
import os
import ssl
import warnings
from collections.abc import Callable
from typing import Any

from connectors.carriers.karrio.helper.bridge import Bridge
from connectors.carriers.karrio.helper.own_reading import READERS
from connectors.carriers.karrio.kinds import KINDS, Kind

log = logging.getLogger("postventa.carriers.karrio")

WRITES = frozenset({"label", "void"})
KEPT = frozenset({
    "events", "state", "returning", "estimated_delivery", "success",
    "tracking_number", "shipment_identifier", "docs", "meta", "selected_rate",
})  # fmt: skip
"""Of what karrio found; who signed, and pictures of it, go nowhere."""
Tokens = dict[str, Any]
"""Hash of carrier and keys -> what the carrier gave for them: good for an hour or so, and no key."""


def load() -> None:
    """Load karrio, and all that its carriers need. Raises `ImportError` where it is not installed."""
    checked = ssl._create_default_https_context  # noqa: SLF001 - karrio replaces it
    os.environ["KARRIO_LOG_LEVEL"] = "CRITICAL"
    os.environ.pop("KARRIO_LOG_FILE", None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries that it uses and that are old
        for name in ("sdk", "lib", "core.models", "api.hooks", *(f"mappers.{kind.library}" for kind in KINDS.values())):
            importlib.import_module(f"karrio.{name}")
    ssl._create_default_https_context = checked  # noqa: SLF001
    _quiet()
    gc.collect()
    gc.freeze()  # what children share stays shared


def answer(question: dict[str, Any], bridge: Bridge, tokens: Tokens) -> dict[str, Any]:
    """One question of `KarrioCarrier._ask`; new tokens are left in `tokens`."""
    kind, operation, document = KINDS[question["carrier"]], str(question["operation"]), question["document"]
    import karrio.core.utils.helpers as way_out
    from karrio import lib

    bridge.writes = operation in WRITES
    way_out.urlopen = bridge.urlopen
    gateway = _gateway(kind, question, tokens)
    result, messages = _operation(operation)(document).from_(gateway).parse()
    found = lib.to_dict(result[0] if isinstance(result, list) and result else result or {}) or {}
    last = bridge.answers[-1] if bridge.answers else None
    return {
        "result": {name: value for name, value in _mended(kind, operation, found, bridge).items() if name in KEPT},
        "messages": [_message(message) for message in messages or []],
        "status": last.status if last is not None else 0,
        "retry_after": last.headers.get("retry-after", "") if last is not None else "",
        "written": bridge.written,
        "trouble": _trouble(bridge),
    }


def failed(error: Exception, bridge: Bridge) -> dict[str, Any]:
    """The answer when karrio raised something: the same question would fail again, unless the carrier had got it by then."""
    words = f"karrio failed ({type(error).__name__}); the log of this machine says where"
    return {"written": bridge.written, "trouble": {"words": words, "permanent": not bridge.written}}


def _operation(name: str) -> Callable[[dict[str, Any]], Any]:
    from karrio import sdk

    operations: dict[str, Callable[[dict[str, Any]], Any]] = {
        "track": sdk.Tracking.fetch,
        "label": sdk.Shipment.create,
        "void": sdk.Shipment.cancel,
    }
    return operations[name]


def _gateway(kind: Kind, question: dict[str, Any], tokens: Tokens) -> Any:
    from karrio.api.gateway import Gateway
    from karrio.api.hooks import Hooks
    from karrio.core import utils

    carrier = importlib.import_module(f"karrio.mappers.{kind.library}")
    keys = {"account_country_code": "", **question["keys"]}  # without one karrio ships from anywhere
    settings = carrier.Settings(**keys, carrier_id=kind.library, test_mode=bool(question["trial"]))
    settings.tracer, settings.system_config, settings.cache = utils.Tracer(), utils.SystemConfig(), _cache(kind, tokens)
    parts = {"proxy": carrier.Proxy(settings), "mapper": carrier.Mapper(settings), "hooks": Hooks(settings)}
    return Gateway(is_hub=False, tracer=settings.tracer, settings=settings, **parts)


def _cache(kind: Kind, tokens: Tokens) -> Any:
    """karrio's own cache names what it holds by the keys themselves; here nothing of them stays."""
    from karrio.core.utils.caching import Cache

    class Hashed(Cache):  # type: ignore[misc]  # a library without types
        def get(self, key: str) -> Any:
            return tokens.get(_hash(kind, key))

        def set(self, key: str, value: Any, **_: Any) -> None:
            tokens[_hash(kind, key)] = value

    return Hashed()


def _hash(kind: Kind, key: str) -> str:
    return hashlib.sha256(f"{kind.name}|{key}".encode()).hexdigest()


def _mended(kind: Kind, operation: str, found: dict[str, Any], bridge: Bridge) -> dict[str, Any]:
    """With what karrio overlooked. An answer that this cannot read is no answer: a doubt for a label, and for a parcel nothing that is told."""
    reader = READERS.get((kind.name, operation))
    last = bridge.answers[-1] if bridge.answers else None
    if reader is None or last is None or last.status >= 400 or (operation == "track" and not found and kind.name != "dpd"):
        return found
    return found | reader(last.body.decode(errors="replace"))


def _message(message: Any) -> dict[str, str]:
    return {"code": str(message.code or ""), "message": str(message.message or "")[:500]}


def _trouble(bridge: Bridge) -> dict[str, Any] | None:
    error = bridge.trouble
    return {"words": str(error), "permanent": error.permanent, "retry_after": error.retry_after} if error is not None else None


def _quiet() -> None:
    """Its words go to our log, for who looks closely, and not what they carry: an address may be a customer's, and DHL's has the password in it.

    What went wrong is said in the answer.
    """
    from loguru import logger

    logger.remove()
    logger.add(_heard, level="WARNING", format="{message}", backtrace=False, diagnose=False)


def _heard(message: Any) -> None:
    record = message.record
    failed = record["exception"]
    what = f" ({failed.type.__name__})" if failed is not None and failed.type is not None else ""
    log.debug("karrio: %s%s", str(record["message"])[:200], what)

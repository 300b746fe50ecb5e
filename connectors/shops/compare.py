"""What is wrong with a shop's webhooks, and the steps that put it right. Pure.

A webhook is ours by its address: it ends with our path and the shop's unguessable key, on whatever host we were when it was made. All others belong
to other programs, and are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from connectors.shops.base import Subscriptions, Topics, Webhook, is_read

PORTS = {"https": 443, "http": 80}
MISSING, DOUBLE = "was missing", "was there twice"


@dataclass(frozen=True)
class Address:
    """Where deliveries are to go. `shared`: another address of ours that will do, for all shops of one app; empty: there is none."""

    own: str
    shared: str = ""

    def is_right(self, url: str) -> bool:
        """Whether what is delivered there comes in."""
        return _same(url, self.own) or bool(self.shared and _same(url, self.shared))

    def is_ours(self, url: str) -> bool:
        """Whether it leads to us, or led to us once."""
        tail = "/".join(["", *_path(self.own).split("/")[-3:]])
        return _path(url).endswith(tail) or self.is_right(url)


@dataclass(frozen=True)
class Step:
    """One thing to do. `ref`: the webhook that there is; empty: a new one. `why`: what was wrong, for a person."""

    topic: str
    why: str
    ref: str = ""
    remove: bool = False


def ours(found: Subscriptions, topics: Topics, address: Address) -> list[Webhook]:
    """The webhooks that are ours and that we read. One for another topic is the merchant's idea, and does no harm."""
    return [webhook for webhook in found.listed if address.is_ours(webhook.url) and is_read(topics, webhook.topic)]


def steps(found: Subscriptions, topics: Topics, address: Address) -> Iterator[Step]:
    """What to do so that each wanted topic is told once, and each other one of ours works. Nothing: all is well. What is missing comes first."""
    by_topic: dict[str, list[Webhook]] = {}
    for webhook in ours(found, topics, address):
        by_topic.setdefault(webhook.topic, []).append(webhook)
    yield from (Step(topic, MISSING) for topic in found.wanted if topic not in by_topic)
    for topic, listed in by_topic.items():
        best, *others = sorted(listed, key=lambda webhook: (not address.is_right(webhook.url), bool(webhook.trouble), webhook.ref))
        why = " and ".join(_wrong(best, address))
        if why:
            yield Step(topic, why, best.ref)
        yield from (Step(topic, DOUBLE, other.ref, remove=True) for other in others)


def _wrong(webhook: Webhook, address: Address) -> Iterator[str]:
    if webhook.trouble:
        yield webhook.trouble
    if not address.is_right(webhook.url):
        parts = _parts(webhook.url)
        yield f"led to {parts.scheme}://{parts.netloc}"


def _same(one: str, other: str) -> bool:
    return _plain(_parts(one)) == _plain(_parts(other))


def _plain(parts: SplitResult) -> tuple[str, str, int | None, str, str]:
    """So that no spelling of the same address is corrected for ever."""
    return parts.scheme, parts.hostname or "", parts.port or PORTS.get(parts.scheme), parts.path.rstrip("/"), parts.query


def _path(url: str) -> str:
    return _parts(url).path.rstrip("/")


def _parts(url: str) -> SplitResult:
    """An address; what is none has no part of one."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no number
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts

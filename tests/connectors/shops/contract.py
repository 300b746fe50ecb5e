"""What every shop platform must do. Inherit, say how deliveries are signed and where the fixtures are; the tests come with it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

import pytest

from connectors.errors import BadSignature, Unreadable
from connectors.reading import NAME
from connectors.shops.base import Ignored, ShopPlatform
from tests.connectors.shops.recorded import CONTEXT

CURRENT, PREVIOUS = "the-current-secret", "the-previous-secret"
FOLLOWUPS = {"order_received", "shipped", "out_for_delivery", "ready_for_pickup", "delivered", "order_cancelled", "refunded"}


def signature(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


class ShopContract:
    platform: ShopPlatform
    signature_header: str
    body = '{"id":1,"name":"Peña ✓"}'.encode()

    def bodies(self) -> dict[str, list[bytes]]:
        """Topic -> recorded bodies."""
        raise NotImplementedError

    def headers(self, value: str) -> dict[str, str]:
        return {"Content-Type": "application/json", self.signature_header: value}

    def test_a_good_signature_is_accepted(self) -> None:
        assert self.platform.verify(self.body, self.headers(signature(self.body, CURRENT)), [CURRENT]) == 0

    def test_the_previous_secret_is_accepted_and_told_apart(self) -> None:
        assert self.platform.verify(self.body, self.headers(signature(self.body, PREVIOUS)), [CURRENT, PREVIOUS]) == 1

    @pytest.mark.parametrize("spelling", [str.lower, str.upper, str.title])
    def test_header_names_have_no_case(self, spelling: str) -> None:
        name = spelling(self.signature_header)  # type: ignore[operator]
        assert self.platform.verify(self.body, {name: signature(self.body, CURRENT)}, [CURRENT]) == 0

    def wrong_signatures(self) -> Iterable[str]:
        good = signature(self.body, CURRENT)
        return (
            signature(self.body, "another secret"),
            signature(self.body + b" ", CURRENT),
            hmac.new(CURRENT.encode(), self.body, hashlib.sha256).hexdigest(),
            good[:-1],
            good[:20],
            good + "=",
            good + good,
            f"{good},{good}",
            good.replace("=", ""),
            good[:4] + "\n" + good[4:],
            "not base64 at all!",
            "ñ" + good[1:],
            "\udcff" + good[1:],
            "",
            base64.b64encode(bytes(32)).decode(),
        )

    def test_every_wrong_signature_is_refused(self) -> None:
        for wrong in self.wrong_signatures():
            with pytest.raises(BadSignature):
                self.platform.verify(self.body, self.headers(wrong), [CURRENT, PREVIOUS])

    def test_a_missing_signature_is_refused(self) -> None:
        with pytest.raises(BadSignature):
            self.platform.verify(self.body, {"Content-Type": "application/json"}, [CURRENT])

    def test_without_secrets_or_with_an_empty_one_nothing_is_accepted(self) -> None:
        for secrets in ([], [""]):
            with pytest.raises(BadSignature):
                self.platform.verify(self.body, self.headers(signature(self.body, "")), secrets)

    def test_every_refusal_says_the_same(self) -> None:
        words = set()
        for wrong in self.wrong_signatures():
            with pytest.raises(BadSignature) as caught:
                self.platform.verify(self.body, self.headers(wrong), [CURRENT])
            words.add(str(caught.value))
        assert len(words) == 1

    def test_every_refusal_costs_the_same_number_of_digests(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real, made = hmac.digest, []
        monkeypatch.setattr(hmac, "digest", lambda *args, **kwargs: made.append(1) or real(*args, **kwargs))  # type: ignore[func-returns-value]
        costs = set()
        wrong = [self.headers(value) for value in (signature(self.body, CURRENT), "short", "ñ", "")] + [{}]
        for secrets in ([], ["one"], ["one", "two"]):
            for headers in wrong:
                made.clear()
                with pytest.raises(BadSignature):
                    self.platform.verify(self.body, headers, secrets)
                costs.add(len(made))
        assert costs == {2}

    def test_every_declared_topic_has_a_fixture(self) -> None:
        missing = {topic for topic in self.platform.topics if topic not in self.bodies()} - self.without_fixture
        assert not missing

    without_fixture: frozenset[str] = frozenset()
    """Topics that are ignored whatever they carry, and that no recording has."""

    def test_every_fixture_belongs_to_a_declared_topic(self) -> None:
        assert set(self.bodies()) <= set(self.platform.topics)

    def test_every_fixture_is_read_or_left_alone_on_purpose(self) -> None:
        for topic, bodies in self.bodies().items():
            for body in bodies:
                reading = self.platform.normalise(self.spelled(topic), body, CONTEXT)
                assert bool(reading.events or reading.refetch) != bool(reading.ignored), topic

    def spelled(self, topic: str) -> str:
        return topic.replace("*", "anything")

    def test_every_ignored_topic_says_why(self) -> None:
        for topic, handler in self.platform.topics.items():
            if isinstance(handler, Ignored):
                assert len(handler.reason) > 15, topic
                assert self.platform.normalise(self.spelled(topic), b"{}", CONTEXT).ignored == handler.reason

    def test_an_unknown_topic_is_unreadable(self) -> None:
        for topic in ("", "planets/align", "planets.align", "orders", "order", "\x00" * 5000):
            with pytest.raises(Unreadable) as caught:
                self.platform.normalise(topic, b"{}", CONTEXT)
            assert len(str(caught.value)) < NAME

    @pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"null", b"7", b'"text"', b"\xff\xfe", b'{"id":', b"{}", b'{"id":{}}', b'{"id":NaN}'])
    def test_nonsense_under_a_known_topic_is_unreadable(self, body: bytes) -> None:
        with pytest.raises(Unreadable):
            self.platform.normalise(self.an_order_topic, body, CONTEXT)

    an_order_topic: str

    def test_native_mails_name_our_followups_and_where_to_switch_them_off(self) -> None:
        for mail in self.platform.native_mails:
            assert mail.followup in FOLLOWUPS
            assert mail.name
            assert mail.where or not mail.ours_by_default, "what cannot be switched off must not be doubled by ours"

"""Every mail about an order leads to the function, in the law's words; its link opens the form."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine

from postventa.config import LANGUAGES
from postventa.emails.preview import sample
from postventa.emails.render import render
from postventa.withdrawal.official import labels
from tests.conftest import TestClock
from tests.emails.reading import missing_in_text, read
from tests.pipeline.stories import NOON, WooOrder
from tests.withdrawal.counter import Counter, text_of


def test_the_foot_of_a_mail_leads_to_the_form_with_the_order_in_it(counter: Counter) -> None:
    counter.deliver("woocommerce", WooOrder(4001).tell("order.created").sent[0])
    counter.clock.advance(minutes=1)
    counter.run()
    (mail,) = counter.mails("order_received")
    found = re.search(r"Desistir del contrato aquí: (\S+)", text_of(mail))
    assert found is not None
    link = found[1].partition(":8000")[2]
    assert link in mail.get_body(("html",)).get_content()
    assert 'value="4001"' in counter.phone().get(link).get_data(as_text=True)


def test_a_merchant_may_do_without_it(sqlite_engine: Engine, clock: TestClock, tmp_path: object) -> None:
    from pathlib import Path

    clock.set(NOON)
    counter = Counter(sqlite_engine, clock, Path(str(tmp_path)), withdrawal={"link": False})
    counter.deliver("woocommerce", WooOrder(4001).tell("order.created").sent[0])
    counter.clock.advance(minutes=1)
    counter.run()
    assert "/withdraw/" not in counter.mails("order_received")[0].as_string()
    counter.app.extensions["postventa"].engine.dispose()


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_parts_of_a_mail_have_the_laws_words(language: str) -> None:
    words = labels(language).function
    mail = render(sample("shipped", language, withdraw_link=(words, "https://p.example/withdraw/lola-1abcde?o=", "7.0a1b")), strict=True)
    colon = "\u00a0:" if language == "fr" else ":"
    assert f"{words}{colon} https://p.example/withdraw/lola-1abcde?o=7.0a1b" in mail.text
    assert "https://p.example/withdraw/lola-1abcde?o=7.0a1b" in read(mail.html).links
    assert missing_in_text(mail) == []

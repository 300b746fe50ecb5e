"""The law's instructions and its model form: whole in every language, with the mail that confirms an order, made once, and for everybody to fetch."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine

from jobs.withdrawals.model_form import leaflet
from postventa.config import LANGUAGES, Withdrawal
from postventa.locale import HERE
from postventa.withdrawal.model import Trader, model, sources
from tests.catalogues import OTHERS, catalogue
from tests.conftest import TestClock
from tests.pipeline.house import alba
from tests.pipeline.stories import NOON, WooOrder
from tests.withdrawal.counter import Counter, text_of

LONG = Trader(
    "Cerámica Núñez, Ibáñez y Compañía del Guadalquivir, Sociedad Limitada Unipersonal", "Calle del Príncipe Østergård 127, 41020 Sevilla, España",
    "hola@alba.example", "+34 955 000 000", "https://alba.example/withdraw/alba-1abcde", "customer",
)  # fmt: skip
BRAND = {"legal_name": "Alba, S. L.", "legal_address": "Calle Uno 1\n41001 Sevilla", "support_email": "hola@alba.example"}
WHOLE: dict[str, Any] = {"brand": BRAND, "withdrawal": {"return_cost": "shop"}}


def flat(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_once_and_nothing_is_left_over(language: str) -> None:
    told = catalogue(language, "law")
    elsewhere = {text for file in (HERE / language).glob("*.po") if file.stem != "law" for text in catalogue(language, file.stem)}
    assert set(told) == set(sources()) - elsewhere
    for spanish, other in told.items():
        assert sorted(re.findall(r"\{\w*\}", spanish)) == sorted(re.findall(r"\{\w*\}", other)), spanish
        assert other != spanish or (language == "gl" and len(spanish) < 45), spanish


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_says_all_of_it_with_the_form_on_a_page_of_its_own(language: str) -> None:
    words, reader = model(language, LONG), PdfReader(BytesIO(leaflet(LONG, language, "#9c3d2e").content))
    instructions, form = (flat(page.extract_text()) for page in reader.pages)
    for said in (words.title, *(text for section in words.sections for text in section)):
        assert flat(said) in instructions
    for said in (words.form, words.note, *words.to.split("\n"), words.declaration, *words.fields, words.struck):
        assert flat(said) in form
    assert flat(LONG.name) in instructions
    assert str(reader.root_object["/Lang"]).lower().startswith(language)
    assert "{" not in instructions + form


def test_who_pays_for_sending_back_is_said_only_where_the_shop_said_it() -> None:
    said = {cost: model("en", Trader("Alba", "", "", "", "", cost)).sections[1] for cost in ("shop", "customer", "")}
    assert "We will bear the cost of returning the goods." in said["shop"]
    assert "You will have to bear the direct cost of returning the goods." in said["customer"]
    assert len(said[""]) == len(said["shop"]) - 1


def confirmed(engine: Engine, clock: TestClock, folder: Path, **changes: Any) -> list[tuple[str, list[str]]]:
    """An order comes, and leaves in two parcels: each mail with the names of its files."""
    clock.set(NOON)
    counter = Counter(engine, clock, folder, **changes)
    order = WooOrder(4001)
    counter.deliver("woocommerce", order.tell("order.created").sent[0])
    counter.clock.advance(minutes=1)
    counter.run()
    counter.deliver("woocommerce", order.tell(status="enviado", after=timedelta(hours=2)).sent[-1])
    counter.clock.advance(hours=3)
    counter.run()
    counter.app.extensions["postventa"].engine.dispose()
    mails = ((name, mail) for name in ("order_received", "shipped") for mail in counter.mails(name))
    return [(name, [part.get_filename() or "" for part in mail.iter_attachments()]) for name, mail in mails]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (WHOLE, [("order_received", ["desistimiento.pdf"]), ("shipped", [])]),
        ({**WHOLE, "off": ["order_received"]}, [("shipped", ["desistimiento.pdf"])]),
        ({**WHOLE, "brand": {}}, [("order_received", []), ("shipped", [])]),
        ({"brand": BRAND}, [("order_received", []), ("shipped", [])]),
        (
            {**WHOLE, "withdrawal": {"return_cost": "shop", "model_form": "elsewhere", "model_form_reason": "our own terms"}},
            [("order_received", []), ("shipped", [])],
        ),
    ],
    ids=["whole", "without that mail", "no address", "nobody said who pays", "elsewhere"],
)
def test_the_first_mail_that_confirms_an_order_carries_it(
    changes: dict[str, Any], expected: list[tuple[str, list[str]]], sqlite_engine: Engine, clock: TestClock, tmp_path: Path
) -> None:
    assert confirmed(sqlite_engine, clock, tmp_path, **changes) == expected


def test_the_mail_says_so_and_two_of_them_carry_the_very_same_bytes(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    counter = Counter(sqlite_engine, clock, tmp_path, **WHOLE)
    for ref in (4001, 4002):
        counter.deliver("woocommerce", WooOrder(ref).tell("order.created").sent[0])
    counter.clock.advance(minutes=1)
    before = leaflet.cache_info().misses
    counter.run()
    first, second = ([part.get_content() for part in mail.iter_attachments()] for mail in counter.mails("order_received"))
    assert first == second
    assert leaflet.cache_info().misses == before + 1
    assert "Adjuntamos la información sobre tu derecho de desistimiento" in text_of(counter.mails("order_received")[0])
    (page,) = PdfReader(BytesIO(first[0])).pages[:1]
    assert flat(f"/withdraw/{counter.page.rpartition('/')[2]}.") in flat(page.extract_text())
    counter.app.extensions["postventa"].engine.dispose()


def test_anybody_may_fetch_it_from_the_page_in_her_language(counter: Counter) -> None:
    form = counter.phone().get(f"{counter.page}?lang=pt").get_data(as_text=True)
    (way,) = re.findall(r'href="([^"]*model\.pdf[^"]*)"', form)
    answer = counter.phone().get(way)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    said = flat(PdfReader(BytesIO(answer.data)).pages[0].extract_text())
    assert flat("Direito de livre resolução") in said
    renamed = counter.phone().get(f"{counter.page.replace('ceramica-alba', 'oferta-falsa')}/model.pdf?lang=pt")
    assert renamed.data == answer.data, "whatever stands before the number in an address is not printed"
    assert counter.statements() == []


def test_what_is_given_elsewhere_says_where() -> None:
    with pytest.raises(ValueError, match="model_form_reason"):
        Withdrawal(model_form="elsewhere")
    assert alba(withdrawal={"model_form": "elsewhere", "model_form_reason": "on paper in the parcel"}).withdrawal.return_cost == ""

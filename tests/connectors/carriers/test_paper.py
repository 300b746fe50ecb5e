"""The printed pages, read as couriers, scanners, customers and screen readers read them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import date

import pytest

from connectors.carriers.base import Item, LabelRequest
from connectors.carriers.own.pdf import render
from postventa.config import LANGUAGES
from postventa.events import Address
from postventa.returns.words import label_steps, label_words
from tests.connectors.carriers.paper import A4, A6, MM, Paper
from tests.connectors.carriers.requests import HOSTILE, hostile, request_of

NUMBER = "R-7F3K-2M9Q"
QR = "https://postventa.example/r/R-7F3K-2M9Q"
DASHED_BOX = b"[2 2] 0 d"
FIFTY = tuple(
    Item(f"Botín número {number} de piel vuelta con cremallera lateral y suela de goma", number, f"BOT-{number:02}") for number in range(1, 51)
)


@pytest.fixture(scope="module")
def paper() -> Paper:
    return Paper(render(request_of()))


def test_an_a6_label_and_an_a4_sheet(paper: Paper) -> None:
    assert paper.sizes == [A6, A4]


def test_the_parcel_goes_from_the_customer_to_the_shop(paper: Paper) -> None:
    sender, receiver = paper.text(1).split("DESTINATARIO")

    assert sender.startswith("REMITENTE Ana Núñez Peña Avenida de la Constitución, 7 28013 Madrid")
    assert receiver.startswith(" Zapatería Lola Lola Calzados, S. L. Calle Sierpes, 42 Almacén de devoluciones 41004 Sevilla")
    assert "Sierpes" not in sender
    assert "Ana" not in receiver


def test_the_label_on_the_sheet_is_the_same_label(paper: Paper) -> None:
    label = paper.text(1).removesuffix("¿Tu impresora es A4? Imprime solo la página 2.").strip()

    assert paper.text(2).endswith(label)


def test_the_shop_is_written_larger_than_the_customer(paper: Paper) -> None:
    assert min(paper.sizes_of_text(1, "Zapatería Lola")) >= 1.5 * max(paper.sizes_of_text(1, "Ana Núñez"))
    assert min(paper.sizes_of_text(1, "41004 Sevilla")) >= 1.5 * max(paper.sizes_of_text(1, "28013 Madrid"))


def test_the_customers_phone_and_address_of_mail_stay_private(paper: Paper) -> None:
    assert "600 11 22 33" not in paper.whole
    assert "ana@correo.example" not in paper.whole


@pytest.mark.parametrize("dpi", [200, 300])
def test_a_scanner_and_a_phone_read_every_code(paper: Paper, dpi: int) -> None:
    read = sorted((code.kind, code.text) for page in (1, 2) for code in paper.codes(page, dpi))

    assert read == [("Code128", NUMBER)] * 3 + [("QRCode", QR)] * 3


@pytest.mark.parametrize("page", [1, 2])
def test_codes_are_large_and_have_the_white_around_them_that_scanners_need(paper: Paper, page: int) -> None:
    for code in paper.codes(page, 300):
        width, (before, after) = code.right - code.left, paper.margin(page, code, 300)
        if code.kind == "QRCode":
            assert 20 < width < 26
            assert min(before, after) > 4 * width / 29, "4 modules of a QR of version 3"
        else:
            assert 60 < width < 85
            assert min(before, after) > 10 * width / 156, "10 modules"


def test_the_slip_lies_left_and_the_label_right_of_the_cut(paper: Paper) -> None:
    slip = {code.kind for code in paper.codes(2) if code.x < 105}
    label = {code.kind for code in paper.codes(2) if code.x > 105}

    assert slip == label == {"Code128", "QRCode"}
    assert all(code.y > 148 for code in paper.codes(2))


def test_the_longest_number_and_the_fullest_qr_are_still_read() -> None:
    number, text = "ABCDEFGHJKMNPQRSTVWXYZ-X", "https://postventa.example/" + "a" * 174
    paper = Paper(render(request_of(reference=number, qr_text=text)))

    assert {code.text for page in (1, 2) for code in paper.codes(page)} == {number, text}


def test_without_a_qr_text_the_qr_says_the_number() -> None:
    assert {code.text for code in Paper(render(request_of(qr_text=""))).codes(1)} == {NUMBER}


def test_the_sheet_tells_what_to_do_and_until_when(paper: Paper) -> None:
    said = paper.text(2)

    assert all(f"{number} {step}" in said for number, step in enumerate(label_steps("es"), 1))
    assert "Etiqueta válida hasta 24 de diciembre de 2026" in said
    assert "1 × Botín Triana piel · 38 Ref. BOT-TRI-38" in said
    assert "2 × Calcetines de algodón (pack de 3) Ref. CAL-3" in said
    assert "hola@zapateria-lola.example · +34 955 01 02 03" in said


def test_what_is_not_known_leaves_no_empty_caption() -> None:
    said = Paper(render(request_of(weight_g=0, reason="", valid_until=None, items=(), issued_on=None))).whole

    assert not [word for word in ("Peso", "Motivo", "válida hasta", "plazos", "Artículos", "Cant.", "Fecha") if word in said]


def test_a_word_that_is_left_out_takes_its_box_with_it() -> None:
    with_box, without = (Paper(render(request_of(words=label_words("es") | {"postage": words}))) for words in ("Sello", ""))

    assert "Sello" in with_box.text(1)
    assert DASHED_BOX in with_box.reader.pages[0].get_contents().get_data()  # type: ignore[union-attr]
    assert DASHED_BOX not in without.reader.pages[0].get_contents().get_data()  # type: ignore[union-attr]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_whole(language: str) -> None:
    paper = Paper(render(request_of(language)))
    said, words = paper.whole, {key: word.replace("\u00a0", " ") for key, word in label_words(language).items()}
    absent = {"title", "valid_note", "postage_note", "postage", "intro", "more", "page", "qr", "barcode", "from", "to"}

    assert paper.reader.trailer["/Root"]["/Lang"] == language  # type: ignore[index]
    assert paper.reader.metadata is not None
    assert paper.reader.metadata.title == f"{words['title']} {NUMBER}"
    assert not [key for key, word in words.items() if key not in absent and word not in said]
    assert words["from"].upper() in said
    assert words["to"].upper() in said
    assert not [step for step in label_steps(language) if step.replace("\u00a0", " ") not in said]
    assert words["valid_note"] in said
    assert words["postage_note"] in said
    assert "…" not in said


def test_a_parcel_that_crosses_a_border_names_the_country_in_both_tongues() -> None:
    home = Address(name="Jürgen Groß", street="Königstraße 12", postcode="70173", city="Stuttgart", country="DE")
    said = Paper(render(request_of("de", sender=home))).text(1)

    assert "70173 Stuttgart DEUTSCHLAND / GERMANY" in said
    assert "41004 Sevilla SPANIEN / SPAIN" in said


@pytest.mark.parametrize(
    ("country", "written"),
    [
        ("GB", "Leeds West Yorkshire LS1 4AP"),
        ("US", "Leeds, WY LS1 4AP"),
        ("ES", "LS1 4AP Leeds (West Yorkshire)"),
        ("IT", "LS1 4AP Leeds (WY)"),
        ("FR", "LS1 4AP Leeds"),
    ],
)
def test_a_town_is_written_as_its_country_writes_it(country: str, written: str) -> None:
    home = Address(name="Ana", street="1 Park Row", postcode="LS1 4AP", city="Leeds", province="West Yorkshire", province_code="WY", country=country)

    assert f"1 Park Row {written}" in Paper(render(request_of(sender=home))).text(1)


def test_fifty_items_go_on_over_further_pages_and_none_is_lost() -> None:
    paper = Paper(render(request_of(items=FIFTY)))
    shown = [item for item in FIFTY if item.sku in paper.text(2)]
    said = "".join(paper.text(page) for page in range(3, len(paper.sizes) + 1))

    assert paper.sizes == [A6, A4, A4, A4]
    assert 0 < len(shown) < 50
    assert f"… y {50 - len(shown)} más en la página 3" in paper.text(2)
    assert [item for item in FIFTY if f"{item.quantity} × {item.title} Ref. {item.sku}" not in said] == []
    assert "Página 3 de 4" in paper.text(3)
    assert NUMBER in paper.text(4)


def test_a_list_that_just_fits_needs_no_further_page() -> None:
    sizes = {count: Paper(render(request_of(items=FIFTY[:count]))).sizes for count in range(1, 12)}
    whole = [count for count, pages in sizes.items() if len(pages) == 2]

    assert whole == list(range(1, max(whole) + 1))
    assert max(whole) >= 5


HARD = {"hostile": hostile(), "fifty": request_of(items=FIFTY), **{language: request_of(language) for language in LANGUAGES}}


@pytest.mark.parametrize("name", HARD)
def test_no_text_leaves_its_page_or_crosses_a_cut(name: str) -> None:
    paper = Paper(render(HARD[name]))

    for page, (width, height) in enumerate(paper.sizes, 1):
        for left, bottom, right, top in paper.boxes(page):
            assert 4 * MM < left < right < (width - 4) * MM
            assert 1 * MM < bottom < top < (height - 4) * MM
            if page == 2 and top < 148 * MM:
                assert right < 105 * MM or left > 105 * MM


@pytest.mark.parametrize("name", HARD)
def test_no_text_is_printed_over_another(name: str) -> None:
    paper = Paper(render(HARD[name]))

    for page in range(1, len(paper.sizes) + 1):
        boxes = paper.boxes(page)
        over = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if _overlap(a, b) > 0.15]
        assert over == []


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """The shared area as a part of the smaller box."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / min(areas) if width > 0 and height > 0 else 0


def test_hostile_text_is_text_and_nothing_else() -> None:
    paper = Paper(render(hostile()))

    assert "<script>alert(1)</script> {{ 1237*7919 }} Bcc: x@y.example" in paper.text(1)
    assert "9795803" not in paper.text(1)
    assert "A…" in paper.text(1)
    assert not [key for key in ("/AA", "/OpenAction", "/Names", "/AcroForm") if key in paper.reader.trailer["/Root"]]  # type: ignore[operator]
    assert not [page for page in paper.reader.pages if "/Annots" in page]
    assert "\u202e" not in paper.whole
    assert "😀" not in paper.whole


def test_hostile_text_does_not_blind_the_scanner() -> None:
    paper = Paper(render(hostile()))

    assert sorted(code.text for code in paper.codes(2)) == [NUMBER, NUMBER, QR, QR]


def test_five_thousand_characters_are_cut_and_cost_little() -> None:
    pdf = render(hostile())

    assert len(pdf) < 200_000
    assert HOSTILE[-700:] not in Paper(pdf).whole.replace(" ", "")


def test_a_name_of_emoji_only_leaves_the_address_standing() -> None:
    said = Paper(render(request_of(sender=Address(name="😀🎁", street="Calle Feria, 1", postcode="41003", city="Sevilla", country="ES")))).text(1)

    assert said.startswith("REMITENTE Calle Feria, 1 41003 Sevilla")


def test_the_same_request_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib, sys; from connectors.carriers.own.pdf import render; from tests.connectors.carriers.requests import request_of;"
        "print(hashlib.sha256(render(request_of())).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "1"}
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, timeout=200)

    assert other.stdout.strip() == hashlib.sha256(render(request_of())).hexdigest()


def test_one_letter_more_gives_other_bytes() -> None:
    assert render(request_of()) != render(request_of(order_number="#1043"))


def test_the_document_is_dated_by_the_label_and_signed_by_the_shop(paper: Paper) -> None:
    about = paper.reader.metadata

    assert about is not None
    assert (about.author, about.creation_date and about.creation_date.date()) == ("Zapatería Lola", date(2026, 11, 24))


def test_every_font_travels_with_the_document(paper: Paper) -> None:
    fonts = [font.get_object() for page in paper.reader.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]

    assert fonts
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)


def test_a_screen_reader_meets_headings_lists_tables_and_figures(paper: Paper) -> None:
    root = paper.reader.trailer["/Root"]
    kinds, texts = _tree(root["/StructTreeRoot"]["/K"])  # type: ignore[index]

    assert root["/MarkInfo"]["/Marked"] is not False  # type: ignore[index]
    assert {"Document", "H1", "H2", "P", "L", "LI", "Lbl", "LBody", "Table", "TR", "TH", "TD", "Figure"} <= set(kinds)
    assert texts.count(f"Código QR: {NUMBER}") == 3
    assert texts.count(f"Código de barras: {NUMBER}") == 3


def _tree(node: object) -> tuple[list[str], list[str]]:
    """The kinds of all elements in reading order, and what figures say of themselves."""
    entry = node.get_object()  # type: ignore[attr-defined]
    if "/S" not in entry:
        return [], []
    kinds, texts = [entry["/S"][1:]], [str(entry["/Alt"])] if "/Alt" in entry else []
    for child in entry["/K"]:
        below = _tree(child)
        kinds, texts = kinds + below[0], texts + below[1]
    return kinds, texts


def _every_request() -> list[LabelRequest]:
    return [request_of(language) for language in LANGUAGES]


def test_a_label_is_small() -> None:
    assert max(len(render(request)) for request in _every_request()) < 100_000


def test_a_further_parcel_has_its_number() -> None:
    one, third = (Paper(render(request_of(parcel=parcel))).text(0) for parcel in (1, 3))
    assert ("1 / 1" in one, "1 / 1" in third) == (True, False)

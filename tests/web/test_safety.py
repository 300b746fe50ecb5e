"""What strangers try: forged forms, foreign tokens, hostile names, framing, leaking addresses."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from postventa.models import Review, Shop, Suppression
from postventa.models.db import reading, transaction
from tests.scenarios import scenario
from tests.web.forms import Form, fill_in, photo, read
from tests.web.scene import MARAS_KEY, OTTOS_KEY, Scene, order, picture, review_link, unsubscribe_link

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HOSTILE = [
    "<script>alert(1)</script>",
    "{{ 1237*7919 }}{% for x in y %}",
    "{number}{shop.brand}{0.__class__}",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "Ana\r\nBcc: x@y.example",
    "\u202eanA\u2066",
    "شركة الأحذية",
    "]]></style><style>*{color:red}",
    "A" * 5000,
    "👩‍👩‍👧‍👦" * 200,
]


def pages(scene: Scene, client: FlaskClient, name: str) -> list[str]:
    """Every page that shows a customer's or a product's name."""
    bought = order(scene, titles=(name, f"Otro {name}"), first_name=name, last_name=name)
    link = review_link(scene, bought)
    form = client.get(f"{link}?item=1042-1&stars=2")
    thanks = fill_in(client, link, stars__1042_1="1", text__1042_1=name[:5000], author=name)
    wrong = fill_in(client, f"{link}?item=1042-2", text__1042_2=name, photos__1042_2=photo(b"GIF89a", name[:40]))
    answers = (form, thanks, wrong, client.get(unsubscribe_link(scene, bought)))
    return [answer.get_data(as_text=True) for answer in answers]


@scenario("S12", budget=30)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_text(scene: Scene, ana: FlaskClient, name: str) -> None:
    harmless = read(ana.get(review_link(scene, order(scene, ref="1")))).tags
    known = {tag for tag, _ in harmless} | {"ul", "li", "div", "strong", "article", "fieldset", "bdi", "br", "a", "img", "path", "use"}
    for text in pages(scene, ana, name):
        form = read_text(text)
        assert {tag for tag, _ in form.tags} <= known
        assert not [name for _, given in form.tags for name in given if name.startswith("on") or name == "style"]
        assert "9795803" not in text
        assert "\u202e" not in re.sub(r"<h2.*?</h2>|<span.*?</span>", "", text)
        assert "<img src=x" not in text
        assert "<script" not in text
        assert len(text) < 100_000


def read_text(text: str) -> Form:
    form = Form()
    form.feed(text)
    return form


def test_the_pages_run_no_script_and_load_only_from_here(scene: Scene, ana: FlaskClient) -> None:
    link = review_link(scene, order(scene))
    tags = [*read(ana.get(link)).tags, *read(fill_in(ana, link, stars__1042_1="5", photos__1042_1=photo(picture()))).tags]
    assert "script" not in {tag for tag, _ in tags}
    assert not [given for _, given in tags if "style" in given]
    loaded = [given.get("src") or given.get("href") for tag, given in tags if tag in ("link", "img", "source", "iframe")]
    assert loaded
    assert all(url.startswith(("/", "data:,")) for url in loaded if url)


def test_a_page_with_its_styles_weighs_less_than_100_kb(scene: Scene, ana: FlaskClient) -> None:
    page = ana.get(review_link(scene, order(scene)))
    styles = [given["href"] for tag, given in read(page).tags if given.get("rel") == "stylesheet"]
    assert len(styles) == 2
    assert len(page.data) + sum(len(ana.get(url, buffered=True).data) for url in styles) < 100_000


@scenario("S18", budget=30)
def test_headers_of_every_page(scene: Scene, ana: FlaskClient) -> None:
    bought = order(scene)
    for path in (review_link(scene, bought), unsubscribe_link(scene, bought), "/review/nope", "/unsubscribe/nope"):
        headers = ana.get(path).headers
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]
        assert "Set-Cookie" not in headers


def test_styles_may_be_kept_for_ever(scene: Scene, ana: FlaskClient) -> None:
    for url in (given["href"] for tag, given in read(ana.get(review_link(scene, order(scene)))).tags if given.get("rel") == "stylesheet"):
        answer = ana.get(url, buffered=True)
        assert answer.status_code == 200
        assert answer.mimetype == "text/css"
        assert "immutable" in answer.headers["Cache-Control"]
    for url in ("/brand/red.css", "/brand/1F5F5B.css", "/brand/1f5f5b}.css", "/brand/%2e%2e.css"):
        assert ana.get(url).status_code == 404


@pytest.mark.parametrize(
    ("logo", "shown"),
    [
        ("https://zapateriamara.example/logo.png", True),
        ("https://media.zapateriamara.example/logo.png", True),
        ("data:image/png;base64,iVBORw0KGgo=", True),
        ("https://tracker.example/logo.png", False),
        ("https://zapateriamara.example.evil.example/logo.png", False),
        ("http://zapateriamara.example/logo.png", False),
        ("https://zapateriamara.example/logo.png; script-src *", False),
        ("javascript:alert(1)", False),
        ("data:image/svg+xml,<svg/>", False),
    ],
)
def test_a_logo_is_shown_from_the_shops_own_site_and_no_other(scene: Scene, ana: FlaskClient, logo: str, shown: bool) -> None:
    link = review_link(scene, order(scene))
    with transaction(scene.engine) as session:
        shop = session.get_one(Shop, scene.ids[MARAS_KEY])
        shop.settings = {**shop.settings, "brand": {"logo_url": logo}}
    page = ana.get(link)
    images = [given["src"] for tag, given in read(page).tags if tag == "img"]
    assert images == ([logo] if shown else [])
    policy = page.headers["Content-Security-Policy"]
    assert policy == (POLICY.replace("data:;", f"data: {logo};") if shown and logo.startswith("https") else POLICY)


@scenario("S18", budget=30)
def test_a_form_from_another_site_is_refused(scene: Scene, ana: FlaskClient) -> None:
    link = review_link(scene, order(scene))
    data = {**read(ana.get(link)).fields, "stars-1042-1": "1"}
    refused = [
        ana.post(link, data=data, headers={"Sec-Fetch-Site": "cross-site"}),
        ana.post(link, data=data, headers={"Sec-Fetch-Site": "same-site"}),
        ana.post(link, data=data, headers={"Origin": "https://evil.example"}),
        ana.post(link, data={**data, "seal": ""}),
        ana.post(link, data={**data, "seal": "0" * 64}),
    ]
    assert [answer.status_code for answer in refused] == [403] * 5
    with reading(scene.engine) as session:
        assert session.scalars(select(Review)).all() == []
    for headers in ({"Origin": "null"}, {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}):
        assert ana.post(link, data=data, headers=headers).status_code == 303


@scenario("S18", budget=30)
def test_the_seal_of_one_link_does_not_fit_another(scene: Scene, ana: FlaskClient) -> None:
    mine, other = review_link(scene, order(scene)), review_link(scene, order(scene, ref="2000"))
    seal = read(ana.get(mine)).fields["seal"]
    assert ana.post(other, data={"seal": seal, "stars-2000-1": "1"}).status_code == 403


@scenario("S9", budget=30)
def test_a_token_opens_only_what_it_is_for(scene: Scene, ana: FlaskClient) -> None:
    bought = order(scene)
    review, stop = review_link(scene, bought), unsubscribe_link(scene, bought)
    swapped = (stop.replace("/unsubscribe/", "/review/"), review.replace("/review/", "/unsubscribe/"))
    for path in swapped:
        assert ana.get(path).status_code == 404
        assert ana.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 404
    with reading(scene.engine) as session:
        assert session.scalars(select(Suppression)).all() == []


@scenario("S17", budget=30)
def test_ottos_link_shows_nothing_of_mara(scene: Scene, ana: FlaskClient) -> None:
    fill_in(ana, review_link(scene, order(scene)), stars__1042_1="1", text__1042_1="Secreto de Ana")
    ottos = review_link(
        scene, order(scene, shop=OTTOS_KEY, titles=("Stuhl Eiche",), first_name="Uwe", last_name="Klein", locale="de"), shop=OTTOS_KEY
    )
    for page in (ana.get(f"{ottos}?item=1042-1&stars=5"), fill_in(ana, ottos, stars__1042_2="1")):
        text = page.get_data(as_text=True)
        assert "Stuhl Eiche" in text or page.status_code == 422
        assert not [word for word in ("Mara", "Botines", "Ana", "Secreto", "b4532a", "Betis") if word in text]
    with reading(scene.engine) as session:
        assert {row.shop_id for row in session.scalars(select(Review))} == {scene.ids[MARAS_KEY]}


@scenario("S9", budget=30)
def test_a_link_whose_order_is_another_shops_opens_nothing(scene: Scene, ana: FlaskClient) -> None:
    assert ana.get(review_link(scene, order(scene), shop=OTTOS_KEY)).status_code == 404


@scenario("S16", budget=30)
def test_photos_are_pictures_and_nothing_else(scene: Scene, ana: FlaskClient) -> None:
    link = review_link(scene, order(scene))
    page = fill_in(ana, link, stars__1042_1="5", photos__1042_1=photo(picture("PNG", (2000, 1000)), "../../x.html"))
    url = next(given["src"] for tag, given in read(page).tags if tag == "img")
    for address in (url, urlsplit(url).path):
        answer = ana.get(address)
        assert answer.status_code == 200
        assert answer.mimetype == "image/jpeg"
        assert answer.data.startswith(b"\xff\xd8\xff")
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert re.fullmatch(r'inline; filename="[0-9a-f]{32}\.jpg"', answer.headers["Content-Disposition"])
    assert len(ana.get(url).data) < 15_000
    for other in ("/photo/nope.jpg", "/photo/..%2f..%2fx.jpg", urlsplit(url).path.replace(".jpg", ".html")):
        assert ana.get(other).status_code == 404


def test_the_photo_of_a_withdrawn_review_is_gone(scene: Scene, ana: FlaskClient) -> None:
    page = fill_in(ana, review_link(scene, order(scene)), stars__1042_1="5", photos__1042_1=photo(picture()))
    url = next(given["src"] for tag, given in read(page).tags if tag == "img")
    with transaction(scene.engine) as session:
        session.scalars(select(Review)).one().state = "removed"
    assert ana.get(url).status_code == 404


@scenario("S23", budget=30)
def test_a_failure_of_ours_shows_a_code_and_no_trace(scene: Scene, ana: FlaskClient) -> None:
    link = review_link(scene, order(scene))
    with transaction(scene.engine) as session:
        session.get_one(Shop, scene.ids[MARAS_KEY]).settings = {"brand": {"colour": "not a colour"}}
    page = ana.get(link)
    text = page.get_data(as_text=True)
    assert page.status_code == 500
    assert "Algo ha fallado por nuestra parte" in text
    assert re.search(r"código: [0-9a-f]{8}", text)
    assert "Traceback" not in text
    assert "not a colour" not in text

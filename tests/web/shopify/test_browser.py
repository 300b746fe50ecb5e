"""A real browser in Shopify's admin: the app page in a frame of another origin, over TLS, with Shopify's script from where the page says it is.

The browser is told that Shopify's and the service's hosts are on this machine; all else is as out there: origins, certificates (which it is told to
take), Content-Security-Policy, sandboxed frames. What plays App Bridge is a stub that does the two things that the page needs of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import Engine
from werkzeug.wrappers import Request, Response

from tests.connectors.certificates import make
from tests.jobs.shopify_house import APP, LOLA, OTTO, SECRET, peer
from tests.look import OVERFLOW
from tests.peers.shop import BROKEN
from tests.peers.shopify import ShopifyPeer
from tests.peers.shopify_oauth import id_token
from tests.web.phones import WITHOUT, browser, serving, wait_for
from tests.web.shopify.front import SITE, Front, front, opened

pytestmark = [WITHOUT, pytest.mark.timeout(180)]

ADMIN, EVIL = "admin.shopify.com", "evil.example"
OURS = "posventa.example"
STUB = """
window.shopify = {idToken: async () => "%s"};
const reload = new URLSearchParams(location.search).get("shopify-reload");
if (reload) location.replace(reload + "&id_token=%s");
"""
SMALL = """
return [...document.querySelectorAll('a.button, a.away, button, input:not([type=hidden]):not(.sr), summary')]
  .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)
"""


@dataclass
class Admin:
    """Shopify's side: pages of any host that frame `framed`, and the script at its place."""

    framed: str = ""
    asked: tuple[str, ...] = ()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        request = Request(environ)
        self.asked += (f"{request.host.partition(':')[0]}{request.path} {request.headers.get('Referer', '-')}",)
        if request.path == "/shopifycloud/app-bridge.js":
            token = id_token(LOLA, APP, SECRET)
            return Response(STUB % (token, token), mimetype="text/javascript")(environ, start_response)
        sandbox = "allow-scripts allow-same-origin allow-forms allow-popups allow-top-navigation-by-user-activation"
        frame = f'<iframe id="app" sandbox="{sandbox}" src="{self.framed.replace("&", "&amp;")}" style="width:100%;height:700px"></iframe>'
        return Response(
            f"<!doctype html><meta name='viewport' content='width=device-width'><title>Admin</title><p>Admin</p>{frame}", mimetype="text/html"
        )(environ, start_response)


@dataclass
class Place:
    """The service, Shopify, and a browser that finds both."""

    house: Front
    admin: Admin
    chrome: Chrome

    def frame(self, host: str, path: str) -> None:
        """A page of that host frames ours."""
        self.admin.framed = f"{SITE}{path}"
        self.chrome.get(f"https://{host}/store/lola")
        self.chrome.switch_to.frame(self.chrome.find_element(By.ID, "app"))


@pytest.fixture
def lola() -> Iterator[ShopifyPeer]:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    made = peer()
    with made.open():
        yield made


@contextmanager
def place(engine: Engine, folder: Path, lola: ShopifyPeer, javascript: bool = True) -> Iterator[Place]:
    admin, context = Admin(), make(folder, OURS).context
    with ExitStack() as stack:
        house = stack.enter_context(front(engine, folder, lola))
        ours = stack.enter_context(serving(house.app, context))
        theirs = stack.enter_context(serving(admin, context))
        rules = f"MAP {OURS}:443 127.0.0.1:{ours},MAP *:443 127.0.0.1:{theirs}"
        chrome = browser(folder / "profile", javascript, f"host-resolver-rules={rules}", "ignore-certificate-errors")
        stack.callback(chrome.quit)
        yield Place(house, admin, chrome)


@pytest.fixture
def here(sqlite_engine: Engine, tmp_path: Path, lola: ShopifyPeer) -> Iterator[Place]:
    with place(sqlite_engine, tmp_path, lola) as made:
        yield made


def blocked(chrome: Chrome) -> bool:
    """Whether the frame shows the browser's own page instead of ours."""
    return chrome.find_elements(By.ID, "app") == []


def test_the_app_opens_in_the_admin_and_connects_the_shop(here: Place) -> None:
    for host in (ADMIN, LOLA):
        here.frame(host, opened())
        text = wait_for(here.chrome, "Tu tienda está conectada")
        assert "Correos que llegarían dos veces" in text
        assert here.chrome.execute_script(OVERFLOW) <= 0
        assert here.chrome.execute_script(SMALL) == []
        assert here.chrome.execute_script("return document.cookie") == ""
    assert [shop.domain for shop in here.house.shops()] == [LOLA]
    away = here.chrome.find_element(By.CSS_SELECTOR, "a.away")
    assert (away.get_attribute("target"), away.get_attribute("rel")) == ("_blank", "noopener")
    referers = {said.split()[1] for said in here.admin.asked if "app-bridge.js" in said}
    assert referers == {"-"}, "Shopify's script is fetched without our address, in which a token stands"
    for entry in here.chrome.get_log("browser"):  # type: ignore[no-untyped-call]
        assert "Content Security Policy" not in entry["message"]


def test_nobody_else_may_frame_it(here: Place) -> None:
    for host in (EVIL, OTTO, f"{LOLA}.{EVIL}"):
        here.frame(host, opened())
        assert blocked(here.chrome), host
    assert here.house.shops() == []
    here.frame(LOLA, opened())
    assert not blocked(here.chrome), "it can be told"


def test_a_page_that_is_loaded_again_later_finds_its_way(here: Place) -> None:
    here.frame(ADMIN, opened(time.time() - 600))
    wait_for(here.chrome, "Tu tienda está conectada")
    assert "/shopify/app?" in here.chrome.execute_script("return location.href")


def test_trouble_is_told_with_a_button_that_tries_again(here: Place, lola: ShopifyPeer) -> None:
    lola.trouble = BROKEN
    here.frame(ADMIN, opened())
    wait_for(here.chrome, "Shopify no contesta ahora")
    assert here.chrome.execute_script(SMALL) == []
    lola.trouble = None
    here.chrome.find_element(By.CSS_SELECTOR, "#app button").send_keys(Keys.ENTER)
    wait_for(here.chrome, "Tu tienda está conectada")


def test_without_javascript_it_says_what_to_do(sqlite_engine: Engine, tmp_path: Path, lola: ShopifyPeer) -> None:
    with place(sqlite_engine, tmp_path, lola, javascript=False) as here:
        here.frame(ADMIN, opened())
        wait_for(here.chrome, "Activa JavaScript para ver esta página")

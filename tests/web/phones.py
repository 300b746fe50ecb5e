"""Browsers on a telephone of 360 pixels, and our pages on a real server of this machine for them to open."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from sqlalchemy import Engine
from werkzeug.serving import WSGIRequestHandler, make_server

from postventa.accounts import sessions
from postventa.clock import real_now
from postventa.models import Account
from postventa.models.db import transaction
from tests.accounts.visits import Person
from tests.ports import kept_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
WITHOUT = pytest.mark.skipif(
    not (CHROMIUM and DRIVER) and os.environ.get("CI") != "true", reason="there is no Chromium with its driver on this machine; CI has one"
)

PATIENCE = 60
"""Seconds for what a browser does at once on a machine that has time for it."""


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the address of a page is a key."""


@contextmanager
def serving(application: Any, tls: Any = None) -> Iterator[int]:
    """Its port, for as long as that lasts. `tls`: the context of a server that speaks it."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet, ssl_context=tls)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield int(server.server_port)
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def browser(folder: Path, javascript: bool, *more: str) -> Chrome:
    """`more`: flags beside the usual ones."""
    options = ChromeOptions()
    options.binary_location = CHROMIUM or "/usr/bin/chromium"
    for flag in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "no-first-run",
        *more,
    ):
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={folder}")
    if not javascript:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    with kept_port() as port:
        opened = Chrome(options=options, service=Service(DRIVER or "/usr/bin/chromedriver", port))
    opened.set_page_load_timeout(PATIENCE)
    opened.set_script_timeout(PATIENCE)
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True})
    return opened


def spanish(folder: Path, javascript: bool, *more: str) -> Chrome:
    """Of somebody who reads Spanish."""
    opened = browser(folder, javascript, *more)
    opened.execute_cdp_cmd("Network.enable", {})
    opened.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": "es"}})
    return opened


class Shop(Protocol):
    """What has people who work there."""

    engine: Engine

    def employ(self) -> Person: ...


def at_work(folder: Path, shop: Shop, site: str, *more: str) -> Chrome:
    """Of its owner, signed in on the staff pages at `site`."""
    opened, person = spanish(folder, True, *more), shop.employ()
    with transaction(shop.engine) as session:
        token = sessions.begin(session, session.get_one(Account, person.id), real_now())
    opened.get(f"{site}/account/sign-in")
    opened.add_cookie({"name": "postventa_local", "value": token, "path": "/"})
    return opened


def see(phone: Chrome, css: str) -> WebElement:
    return phone.find_element(By.CSS_SELECTOR, css)


def wait_for(phone: Chrome, words: str) -> str:
    """The text of the page that holds these words, once it is there as a whole; the page before it may vanish while it is read."""

    def told(shown: Chrome) -> str:
        text = see(shown, "body").text
        return text if words in text and shown.execute_script("return document.readyState") == "complete" else ""

    return WebDriverWait(phone, PATIENCE, ignored_exceptions=[WebDriverException]).until(told, f"no page says «{words}»")


def wait_for_focus(phone: Chrome, css: str) -> None:
    """Until one can type there: what a page gives the focus to gets it a moment after the page is there."""
    WebDriverWait(phone, PATIENCE, ignored_exceptions=[WebDriverException]).until(
        lambda shown: shown.switch_to.active_element == see(shown, css), f"{css} has not the focus"
    )

"""The warehouse's field by camera: with a browser's own detector (played here) and Chromium's own film; without one no button promises it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.web.phones import WITHOUT, at_work, see, serving, wait_for, wait_for_focus
from tests.web.returns_desk.bench import Bench, page

pytestmark = [WITHOUT, pytest.mark.long, pytest.mark.timeout(240)]
CAMERA = ("use-fake-device-for-media-stream", "use-fake-ui-for-media-stream")
DETECTOR = """
window.BarcodeDetector = class {
  looks = 0;
  async detect(video) {
    this.looks += 1;
    return this.looks > 2 && video.videoWidth > 0 ? [{ rawValue: '%s' }] : [];
  }
};
"""
WITHOUT_DETECTOR = "delete window.BarcodeDetector;"


@pytest.fixture
def site(bench: Bench) -> Iterator[str]:
    with serving(bench.app) as port:
        yield f"http://localhost:{port}"


@pytest.fixture
def phone(tmp_path: Path, bench: Bench, site: str) -> Iterator[Chrome]:
    """Signed in as Mara, with a camera that shows Chromium's own film."""
    opened = at_work(tmp_path / "profile", bench, site, *CAMERA)
    yield opened
    opened.quit()


def test_a_code_that_the_camera_sees_opens_its_return(bench: Bench, site: str, phone: Chrome) -> None:
    case = bench.a_return()
    code = f"https://postventa.example/returns-desk/scan?code={case.number}"
    script = phone.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": DETECTOR % code})
    phone.get(f"{site}/returns-desk/scan")
    see(phone, "[data-camera] button").click()
    wait_for(phone, case.number)
    assert phone.current_url == site + page(case, "/goods")
    phone.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
    phone.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WITHOUT_DETECTOR})
    phone.get(f"{site}/returns-desk/scan")
    button = phone.find_element(By.CSS_SELECTOR, "[data-camera] button")
    wait_for_focus(phone, "#code")
    assert not button.is_displayed()

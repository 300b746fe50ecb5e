"""Is this page fit for people? `judged` looks at what a browser shows, as a small phone, an enlarged one, a keyboard and axe-core see it.

A run ends with the list of all that were judged (`tests/pages.py`).
"""

from __future__ import annotations

import os
from base64 import b64decode
from pathlib import Path
from typing import Any

from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.keys import Keys

from tests import pages
from tests.web import axe

OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDE = """
const edge = document.documentElement.clientWidth + 1;
return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > edge).map(e => e.outerHTML.slice(0, 90));
"""
SMALL = """
return [...document.querySelectorAll('.button, button, .option, select, textarea, summary, .top a, .tongues a, .imprint a, input')]
  .filter(e => e.offsetParent && !e.matches('[type=hidden], [type=radio], [type=checkbox], [type=file], .sr'))
  .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)
"""
"""What a thumb should hit: 44 pixels, more than WCAG 2.2's 24 (2.5.8)."""
REACHABLE = """
const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')];
window.reachable = all.filter(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled)
  .filter(e => !e.closest('[aria-hidden="true"], details:not([open]) > :not(summary)'));
window.reached = new Set();
document.activeElement.blur();
return window.reachable.length;
"""
STEP = """
if (!window.reached) return null;
const e = document.activeElement, shown = e.matches('.sr') ? e.labels[0] || e : e;
window.reached.add(e.type === 'radio' ? `radio ${e.name}` : e);
if (e === document.body || !document.hasFocus()) return '';
const style = getComputedStyle(e), around = getComputedStyle(shown);
return style.outlineStyle !== 'none' || around.outlineStyle !== 'none' || around.boxShadow !== 'none' ? '' : e.outerHTML;
"""
MISSED = """
return window.reachable && window.reachable.filter(e => !window.reached.has(e.type === 'radio' ? `radio ${e.name}` : e)).map(e => e.outerHTML);
"""
WEIGHT = """
const all = [performance.getEntriesByType('navigation')[0], ...performance.getEntriesByType('resource')];
return [all.reduce((sum, e) => sum + e.encodedBodySize, 0), all[0].responseStart - all[0].requestStart];
"""
WALKS = 4
"""By keyboard, of a page that renews itself in the midst of one."""
HEAVIEST = 100_000
"""Bytes of a customer's page with all that it loads, not compressed."""


def judged(phone: Chrome, name: str, wrong: list[str], small: str = SMALL) -> None:
    """Small phones, enlarged ones, the keyboard, weight, light and dark, and axe, whose findings go to `wrong`; and a picture for people to look
    at, if SCREENSHOTS names a folder. `small`: the script that finds what no thumb hits.
    """
    weight, first_byte = phone.execute_script(WEIGHT)
    assert weight <= HEAVIEST, (name, weight)
    for width, scale in ((320, 1), (360, 2), (360, 1)):
        wide(phone, width, scale)
        over = phone.execute_script(OVERFLOW)
        if over > 0:
            picture(phone, f"{name}-wide")
        assert over <= 0, (name, width, scale, over, phone.execute_script(WIDE))
    missed = phone.execute_script(small)
    assert missed == [], (name, missed)
    found = axe.both_schemes(phone)
    picture(phone, f"{name}-dark")
    phone.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "light"}]})
    picture(phone, name)
    lost = by_keyboard(phone)
    assert lost == [], (name, lost)
    wrong += found
    pages.note(name, weight, first_byte, len(found))


def fits_small_phones(phone: Chrome, name: str) -> None:
    """Nothing sticks out at 320 and 360 pixels."""
    for width in (320, 360):
        wide(phone, width)
        assert phone.execute_script(OVERFLOW) <= 0, (name, width, phone.execute_script(WIDE))


def wide(phone: Chrome, width: int, scale: float = 1) -> None:
    """A phone of that many pixels, enlarged."""
    shape = {"width": int(width / scale), "height": int(740 / scale), "deviceScaleFactor": 2 * scale, "mobile": True}
    phone.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", shape)


def picture(phone: Chrome, name: str) -> None:
    """Kept for people to look at, if somebody wants them: SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        data: Any = phone.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        (Path(folder) / f"{name.strip('/').replace('/', '-')}.png").write_bytes(b64decode(data["data"]))


def by_keyboard(phone: Chrome) -> list[str]:
    """What no tab leads to, and what does not show that it has the focus. Nothing is pressed, so the page stays as it is; one that comes anew by
    itself is walked again.
    """
    found = next((found for _ in range(WALKS) if (found := _walked(phone)) is not None), None)
    return found if found is not None else [f"came anew in each of {WALKS} walks"]


def _walked(phone: Chrome) -> list[str] | None:
    """One walk; None if the page came anew meanwhile."""
    dim = set[str | None]()
    for _ in range(phone.execute_script(REACHABLE) + 6):  # the browser begins where the focus was, and has stops of its own
        ActionChains(phone, duration=0).send_keys(Keys.TAB).perform()
        dim.add(phone.execute_script(STEP))
        if None in dim:
            return None
    missed = phone.execute_script(MISSED)
    if missed is None:
        return None
    return [f"no tab leads to {element}" for element in missed] + [f"has the focus and does not show it: {element}" for element in dim - {""}]

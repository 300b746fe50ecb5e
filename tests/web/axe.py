"""axe-core (https://github.com/dequelabs/axe-core) in the browser that a test drives: what it finds against WCAG 2.2 AA and its own good practice."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from selenium.webdriver import Chrome

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """
const [tags, done] = arguments;
axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})
  .then(found => done(found.violations), error => done(String(error)));
"""


@cache
def script() -> str:
    """axe-core as a package brings it: nothing is fetched."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def violations(driver: Chrome) -> list[str]:
    """What is wrong with the page that is open, each as one line: the rule, what it wants, and the places. Empty: nothing."""
    driver.execute_script(f"{script()}; window.axe = axe;")
    found = driver.execute_async_script(RUN, TAGS)
    assert isinstance(found, list), found
    return [_told(driver.current_url, one) for one in found]


def both_schemes(driver: Chrome) -> list[str]:
    """The same in light and in dark."""
    found = []
    for scheme in ("light", "dark"):
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        found += [f"{scheme}: {one}" for one in violations(driver)]
    return found


def _told(url: str, found: dict[str, Any]) -> str:
    places = "; ".join(str(node["html"])[:160] for node in found["nodes"][:4])
    return f"{url}: {found['id']}: {found['help']} ({len(found['nodes'])}): {places}"

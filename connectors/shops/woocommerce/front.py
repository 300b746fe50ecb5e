"""Finds the shop behind an address that somebody typed: asks, follows corrections (www, https, a folder) and says why it was not found.

Every step goes through the door, redirects too: each new address is judged like the first. Nothing of a page's body is kept or shown.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from connectors.errors import ConnectorError, SentOn, Unreadable, Untrusted
from connectors.http import REFUSED, Answer, Door
from connectors.reading import Part, parse
from connectors.shops.woocommerce.address import Site, candidates, read_address, same_shop
from connectors.shops.woocommerce.findings import Finding
from connectors.shops.woocommerce.gates import LOOKED_AT, judge, looks_like_json

HOPS = 5
LONGEST = 60.0
"""Seconds for the whole search, however many folders an address has."""
MOST = 20
"""Places that are looked at: a site may send us on for ever, always to another one."""
_ROOT = re.compile(r"""<link[^<>]{1,300}rel=["']https://api\.w\.org/["'][^<>]{1,300}href=["']([^"'<>]{1,500})["']""", re.IGNORECASE)
_ROOT_IN_HEADER = re.compile(r"<([^<>]{1,500})>;\s*rel=\"https://api\.w\.org/\"")
"""How every WordPress says where its API is: https://developer.wordpress.org/rest-api/using-the-rest-api/discovery/"""


@dataclass(frozen=True)
class Found:
    """`site` and `index` (what it says of itself) when it was found; `findings` in any case. `date`: its clock, as HTTP writes it."""

    site: Site | None
    findings: tuple[Finding, ...] = ()
    index: Part = field(default_factory=lambda: Part({}))
    date: str = ""


@dataclass(frozen=True)
class _Reached:
    answer: Answer
    url: str


def find(typed: str, door: Door) -> Found:
    """The shop at that address."""
    try:
        base = read_address(typed)
    except ValueError:
        return Found(None, (Finding("address-unreadable"),))
    host, plain = urlsplit(base).hostname or "", typed.strip().lower().startswith("http://")
    if plain and door.allows(host):
        base = base.replace("https://", "http://", 1)
    found = _Search(door, base, time.monotonic() + LONGEST).run()
    if plain and [finding.name for finding in found.findings] == ["unreachable"]:
        return Found(None, (Finding("no-https", {"host": host}, found.findings[0].details),))  # it opens in a browser, so that would be no news
    return found


@dataclass
class _Search:
    door: Door
    typed: str
    until: float
    tried: set[str] = field(default_factory=set)
    last_resort: Found | None = None
    """A place with WordPress's pages and without its API: any page of a shop looks so, from below the place where it is."""

    def run(self) -> Found:
        for base in candidates(self.typed):
            found = self._at(base)
            if found is not None:
                return found
        return self.last_resort or Found(None, (Finding("no-wordpress", {"url": self.typed}),))

    def _at(self, base: str, why: str = "moved") -> Found | None:
        """What there is at one place; None: no WordPress, look elsewhere."""
        if base in self.tried or len(self.tried) >= MOST:
            return None
        self.tried.add(base)
        reached = self._ask(Site(base).index())
        if isinstance(reached, Finding):
            return Found(None, (reached,))
        root = _base(reached.url)
        if root is None:
            return self._at(reached.url.partition("?")[0].rstrip("/"), why)
        found = self._read(reached.answer, Site(root), why)
        return found or self._plain(root, why) or self._by_its_page(root)

    def _read(self, answer: Answer, site: Site, why: str) -> Found | None:
        """What the index says, if it is one."""
        trouble = judge(answer)
        if trouble is not None:
            return Found(None, (trouble,))
        if not looks_like_json(answer):
            spoilt = answer.status == 200 and "json" in answer.headers.get("content-type", "")
            return Found(None, (Finding("not-json", {"url": site.base}, "JSON by its header, and not by its body"),)) if spoilt else None
        try:
            index = Part(parse(answer.body))
        except Unreadable:
            return Found(None, (Finding("not-json", {"url": site.base}, str(answer.status)),))
        if isinstance(index.raw.get("namespaces"), list):
            return self._found(site, index, answer, why)
        code = index.text("code")
        if code and answer.status in (401, 403, 404):
            return Found(site, (Finding("api-off", {"code": code}, f"{answer.status} {code}"),), date=answer.headers.get("date", ""))
        return None

    def _found(self, site: Site, index: Part, answer: Answer, why: str) -> Found:
        findings = [Finding("site-found", {"url": site.base}, index.text("name"))]
        if site.base != self.typed:
            findings.append(Finding(why, {"url": site.base}, f"from {self.typed}"))
        spaces = [space for space in index.raw["namespaces"] if isinstance(space, str)]
        if site.plain:
            findings.append(Finding("plain-permalinks"))
        if "wc/v3" not in spaces:
            old = any(space.startswith("wc/v") for space in spaces)
            findings = [*findings[1:], Finding("woocommerce-old", {"version": "3.4"}) if old else Finding("no-woocommerce", {"url": site.base})]
        return Found(site, tuple(findings), index, answer.headers.get("date", ""))

    def _plain(self, base: str, why: str) -> Found | None:
        """With plain permalinks the API has another address: https://developer.wordpress.org/reference/functions/get_rest_url/"""
        reached = self._ask(Site(base).index(plain=True))
        if isinstance(reached, Finding) or not looks_like_json(reached.answer):
            return None
        return self._read(reached.answer, Site(base, plain=True), why)

    def _by_its_page(self, base: str) -> Found | None:
        """A page of WordPress's names the place of its API."""
        reached = self._ask(f"{base}/", {"Accept": "text/html"})
        if isinstance(reached, Finding):
            return Found(None, (reached,)) if reached.name in ("firewall", "login-wall") else None
        page = reached.answer.body[: 4 * LOOKED_AT].decode("utf-8", "replace")
        named = _ROOT_IN_HEADER.search(reached.answer.headers.get("link", "")) or _ROOT.search(page)
        root = _base(_joined(reached.url, named.group(1))) if named else None
        if root is not None and same_shop(root, base) and root not in self.tried:
            return self._at(root, "subfolder")
        if named or "/wp-content/" in page or "/wp-includes/" in page:
            self.last_resort = Found(Site(base), (Finding("api-missing", {"url": base}),))
        return None

    def _ask(self, url: str, headers: dict[str, str] | None = None) -> _Reached | Finding:
        """The answer at the end of a few redirects, all within the same shop."""
        seen = {url}
        for _ in range(HOPS):
            host = urlsplit(url).hostname or ""
            if time.monotonic() > self.until:
                return Finding("unreachable", {"host": host}, f"more than {LONGEST:.0f} seconds")
            try:
                return _Reached(self.door.send("GET", url, headers={"Accept": "application/json", **(headers or {})}), url)
            except SentOn as error:
                target = _joined(url, error.location)
                trouble = _detour(url, target)
                if trouble is not None:
                    return trouble
                if target in seen:
                    break
                url = target
                seen.add(url)
            except ConnectorError as error:
                return explain(error, host)
        return Finding("sent-in-circles", {"host": urlsplit(url).hostname or ""})


def explain(error: ConnectorError, host: str) -> Finding:
    """Why no answer came."""
    if isinstance(error, Untrusted):
        return Finding(f"certificate-{error.why}", {"host": host}, str(error))
    if isinstance(error, SentOn):
        return Finding("sent-elsewhere", {"host": host, "other": _name(error.location) or host}, str(error))
    return Finding("address-not-public" if str(error) == REFUSED else "unreachable", {"host": host}, str(error))


def _detour(url: str, target: str) -> Finding | None:
    """Why a redirect is not followed."""
    try:
        old, new = urlsplit(url), urlsplit(target)
    except ValueError:
        return Finding("sent-in-circles", {"host": urlsplit(url).hostname or ""})
    host = old.hostname or ""
    if "wp-login.php" in new.path:
        return Finding("login-wall", {}, f"{host} sends us to wp-login.php")
    if not same_shop(url, target):
        return Finding("sent-elsewhere", {"host": host, "other": new.hostname or host})
    if old.scheme == "https" and new.scheme != "https":
        return Finding("no-https", {"host": host}, "https sends us to http")
    return None


def _joined(url: str, location: str) -> str:
    """Where `location` leads from there; as it is when it is no address at all."""
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _name(address: str) -> str:
    """The server's name in an address; empty when it has none, or is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _base(url: str) -> str | None:
    """The place that an address of the API belongs to; None: it is no address of the API."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    top = f"{parts.scheme}://{parts.netloc}"
    if "/wp-json" in parts.path:
        return (top + parts.path.partition("/wp-json")[0]).rstrip("/")
    return (top + parts.path.removesuffix("index.php")).rstrip("/") if "rest_route=" in parts.query else None

"""Reading and writing single things over wc/v3, and what each kind of no means for what was to be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors.errors import ConnectorError, Lacking, Unreadable, of_a_write
from connectors.http import Answer, refusal
from connectors.reading import TITLE, Part, line, parse
from connectors.shops.woocommerce.rest import Rest, code_of

PAGES = 20
"""Of a hundred each: nothing that hangs on one order has more."""
WRITE = "Read/Write"
"""The permission of a key, as the shop's settings call it."""
REFERENCE = "_postventa"
"""The metadata by which what we wrote is found again."""


class Declined(ConnectorError):
    """WooCommerce understood and said no. `code`: its word for why; nothing was done, unless whoever asked knows better."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, permanent=True)
        self.code = code


@dataclass(frozen=True)
class WooApi:
    """One shop."""

    rest: Rest

    @property
    def url(self) -> str:
        return self.rest.url

    def get(self, endpoint: str, params: dict[str, str] | None = None) -> Part:
        """One thing. Raises `ConnectorError`; `Lacking` without the right for it."""
        return self._part(self._read(endpoint, params or {}))

    def pages(self, endpoint: str, params: dict[str, str] | None = None) -> Iterator[Part]:
        """All of a list."""
        for page in range(1, PAGES + 1):
            listed = self._read(endpoint, {**(params or {}), "per_page": "100", "page": str(page)}).json(self.url)
            if not isinstance(listed, list):
                raise ConnectorError(f"{self.url} answered with something that is no list")
            yield from map(Part, listed)
            if len(listed) < 100:
                return
        raise ConnectorError(f"{self.url} lists more than {PAGES * 100} of {endpoint}", permanent=True)

    def post(self, endpoint: str, document: dict[str, Any]) -> Part:
        """Make one thing. Raises `Declined`, `Lacking`, or another `ConnectorError`, which is `InDoubt` where it may have been made."""
        return self._write("POST", endpoint, document)

    def put(self, endpoint: str, document: dict[str, Any]) -> Part:
        """Change one thing: what is not named stays as it is. Raises what `post` raises."""
        return self._write("PUT", endpoint, document)

    def _write(self, method: str, endpoint: str, document: dict[str, Any]) -> Part:
        try:
            answer = self.rest.send(method, endpoint, {}, document)
            if answer.status >= 400:
                raise self._no(answer)
            return self._part(answer)
        except ConnectorError as error:
            raise of_a_write(error) from None

    def _read(self, endpoint: str, params: dict[str, str]) -> Answer:
        answer = self.rest.get(endpoint, params)
        if answer.status >= 400:
            raise self._no(answer)
        return answer

    def _no(self, answer: Answer) -> ConnectorError:
        """Switch on `code`: errors about refunds come with status 500, and a message in the site's language."""
        code = code_of(answer)
        if answer.status in (401, 403):
            return self._refused() or Lacking(f"{self.url} does not let our key do this ({code})", WRITE)
        if code and (answer.status < 429 or code.startswith("woocommerce_rest_")):
            return Declined(f"{self.url} refused: {self._message(answer)} ({code})", code)
        return refusal(answer, self.url, code)

    def _refused(self) -> ConnectorError | None:
        """Whether the key counts for nothing any more, or lacks the right for one thing: WooCommerce says the same of both."""
        answer = self.rest.get("orders", {"per_page": "1", "_fields": "id"})
        return refusal(answer, self.url, code_of(answer)) if answer.status >= 400 else None

    def _message(self, answer: Answer) -> str:
        try:
            return Part(parse(answer.body)).text("message", TITLE)
        except Unreadable:
            return ""

    def _part(self, answer: Answer) -> Part:
        try:
            return Part(parse(answer.body))
        except Unreadable as error:
            raise ConnectorError(f"{self.url} answered with something else than WooCommerce would: {error}") from None


def number(value: str) -> str:
    """An id as it stands in an address. Raises `ConnectorError` for what is none."""
    if not value.isascii() or not value.isdigit():
        raise ConnectorError(f'"{line(value)}" is no number of WooCommerce', permanent=True)
    return value


def marked(part: Part) -> str:
    """Under which reference of ours it was written; empty: it is not ours."""
    return next((entry.text("value") for entry in part.parts("meta_data") if entry.text("key") == REFERENCE), "")


def mark(reference: str) -> list[dict[str, str]]:
    """`meta_data` by which `marked` knows it."""
    return [{"key": REFERENCE, "value": reference}]

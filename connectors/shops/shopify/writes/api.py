"""One question or one change, and what each kind of no means for what was to be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.errors import ConnectorError, InDoubt, Lacking, of_a_write
from connectors.reading import NAME, Part

UNSURE = frozenset({"INTERNAL_ERROR"})
"""Codes of `userErrors` after which Shopify itself does not say how far it came."""


class Declined(ConnectorError):
    """Shopify understood and said no; nothing was done. `codes`: its words for why, where it has any."""

    def __init__(self, message: str, codes: frozenset[str]) -> None:
        super().__init__(message, permanent=True)
        self.codes = codes


@dataclass(frozen=True)
class ShopifyApi:
    """One shop. `ask` sends one operation (`ShopifyClient`) and gives its data; `hidden` are fields that it kept from us so far."""

    domain: str
    ask: Callable[[str, dict[str, Any]], Part]
    hidden: set[str]

    def change(self, mutation: str, variables: dict[str, Any], name: str, made: str) -> Part:
        """What the mutation `name` made, under `made`. Raises `Declined` for `userErrors`, `InDoubt` where it may have been done."""
        try:
            return self._made(self.ask(mutation, variables).part(name), name, made)
        except ConnectorError as error:
            raise of_a_write(error) from None

    def worked_out(self, mutation: str, variables: dict[str, Any], name: str, made: str) -> Part:
        """The same of a mutation that only reckons: whatever goes wrong, nothing was done. Raises `Declined`, or what `ask` raises."""
        try:
            return self._made(self.ask(mutation, variables).part(name), name, made)
        except InDoubt as error:
            raise ConnectorError(str(error), retry_after=error.retry_after) from None

    def found(self, query: str, variables: dict[str, Any], name: str, what: str) -> Part:
        """The thing that a question is about. Raises `ConnectorError` when there is none, `Lacking` when it was kept from us."""
        found = self.ask(query, variables).part(name)
        if not found:
            raise ConnectorError(f"{self.domain} knows no {what}", permanent=True)
        return found

    def told(self, path: str, scope: str) -> None:
        """Raises `Lacking` when that field was kept from us: that it is empty was not said."""
        if path in self.hidden:
            raise Lacking(f"{self.domain} keeps {path} from us", scope)

    def _made(self, told: Part, name: str, made: str) -> Part:
        errors = told.parts("userErrors")
        if errors:
            raise self._declined(errors)
        if made not in told:
            raise InDoubt(f"{self.domain} answered {name} with neither a result nor an objection")
        return told.part(made)

    def _declined(self, errors: list[Part]) -> ConnectorError:
        said = "; ".join(dict.fromkeys(error.text("message", NAME) for error in errors))
        codes = frozenset(error.text("code") for error in errors) - {""}
        if codes & UNSURE:
            return InDoubt(f"{self.domain}: {said}")
        return Declined(f"{self.domain} refused: {said}", codes)


def gid(kind: str, ref: str) -> str:
    """An id as GraphQL wants it."""
    return ref if ref.startswith("gid://") else f"gid://shopify/{kind}/{ref}"

"""The embedded carrier: what it answers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.carriers import own
from connectors.carriers.base import Method
from connectors.carriers.own import OwnCarrier
from connectors.carriers.own.words import DEFAULTS
from connectors.errors import ConnectorError, Unsupported
from postventa.returns.words import LABEL
from tests.connectors.carriers.contract import CarrierContract
from tests.connectors.carriers.requests import request_of


class TestOwnCarrier(CarrierContract):
    carrier = OwnCarrier()

    def test_it_prints_and_does_nothing_else(self) -> None:
        assert self.carrier.methods == {Method.PRINTED_LABEL}
        with pytest.raises(Unsupported, match="own cannot track"):
            self.carrier.track("R-7F3K-2M9Q")

    def test_its_labels_cost_nothing(self) -> None:
        label = self.carrier.return_label(request_of())

        assert (label.cost, label.tracking_number, label.carrier_ref) == ("0", "", "")

    def test_it_does_not_void_what_another_carrier_made(self) -> None:
        label = replace(self.carrier.return_label(request_of()), carrier="correos")

        with pytest.raises(ConnectorError, match="correos"):
            self.carrier.void(label)

    @pytest.mark.parametrize("reference", ["", "R-", "r-7f3k", "R 7F3K", "R-7F3K\n", "Ñ-1234", "R-7F3K-2M9Q" * 4, "=HYPERLINK(A1)"])
    def test_a_number_that_scanners_would_mistype_is_refused_for_good(self, reference: str) -> None:
        with pytest.raises(ConnectorError, match="barcode") as refused:
            self.carrier.return_label(request_of(reference=reference))
        assert refused.value.permanent

    def test_a_qr_too_dense_for_a_phone_is_refused(self) -> None:
        with pytest.raises(ConnectorError, match="200 bytes"):
            self.carrier.return_label(request_of(qr_text="https://x.example/" + "a" * 200))

    def test_it_knows_every_word_that_the_house_sends_and_no_other(self) -> None:
        assert set(LABEL) == set(DEFAULTS)

    def test_its_readme_lists_every_word(self) -> None:
        readme = (Path(own.__file__).parent / "README.md").read_text(encoding="utf-8")
        table = readme[readme.index("## Keys of `words`") : readme.index("## Limits")]

        assert set(re.findall(r"`([a-z_]+)`", table)) - {"count", "pages", "words"} == set(DEFAULTS)

"""What every carrier must do. Inherit, name the carrier; the tests come with it."""

from __future__ import annotations

import pytest

from connectors.carriers.base import Carrier, Fetches, Method
from connectors.errors import ConnectorError, Unsupported
from postventa.events import Address
from tests.connectors.carriers.requests import ANA_AT_HOME, request_of


class CarrierContract:
    carrier: Carrier

    def test_it_says_who_it_is_and_what_it_can(self) -> None:
        assert self.carrier.name
        assert self.carrier.methods
        assert all(isinstance(method, Method) for method in self.carrier.methods)

    def test_a_label_carries_the_number_of_its_return(self) -> None:
        label = self.carrier.return_label(request_of())

        assert label.reference == "R-7F3K-2M9Q"
        assert label.carrier == self.carrier.name
        assert label.pdf.startswith(b"%PDF-")

    def test_asking_twice_gives_the_same_label(self) -> None:
        assert self.carrier.return_label(request_of()) == self.carrier.return_label(request_of())

    def test_a_label_that_was_made_is_found_under_its_number(self) -> None:
        label = self.carrier.return_label(request_of())
        assert self.carrier.find(request_of()) == label

    def test_a_label_can_be_voided(self) -> None:
        self.carrier.void(self.carrier.return_label(request_of()))

    def test_no_label_without_the_shops_return_address(self) -> None:
        with pytest.raises(ValueError, match="return address"):
            self.carrier.return_label(request_of(receiver=Address(name="Zapatería Lola")))

    def test_no_label_without_the_customers_address(self) -> None:
        with pytest.raises(ValueError, match="customer"):
            self.carrier.return_label(request_of(sender=Address(name="Ana")))

    def test_no_label_that_leads_back_to_where_it_starts(self) -> None:
        with pytest.raises(ValueError, match="same address"):
            self.carrier.return_label(request_of(receiver=ANA_AT_HOME))

    def test_it_comes_to_the_door_if_it_says_so(self) -> None:
        assert (Method.PICKUP in self.carrier.methods) == isinstance(self.carrier, Fetches)

    @pytest.mark.parametrize("method", Method)
    def test_what_it_cannot_do_it_refuses_for_good(self, method: Method) -> None:
        if method in self.carrier.methods:
            return
        with pytest.raises(Unsupported) as refused:
            self.carrier.return_label(request_of(method=method))
        assert isinstance(refused.value, ConnectorError)
        assert refused.value.permanent

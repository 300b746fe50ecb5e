"""The embedded carrier: a label that any printer prints and that needs no contract with anybody."""

from __future__ import annotations

from connectors.carriers.base import Label, LabelRequest, Method, Tracked, check_direction
from connectors.errors import ConnectorError, Unsupported


class OwnCarrier:
    """Prints the label and the sheet; how the parcel travels is between customer and merchant."""

    name = "own"
    methods = frozenset({Method.PRINTED_LABEL})

    def return_label(self, request: LabelRequest) -> Label:
        """The label and the sheet as one PDF; the same request gives the same bytes.

        Raises `Unsupported` for a method other than the printed label, `ConnectorError` (permanent) for a request that cannot become a label.
        """
        # Loading the PDF library takes a quarter of a second, which commands that print nothing need not pay.
        from connectors.carriers.own import codes, pdf

        if request.method not in self.methods:
            raise Unsupported(f"make a label of the kind {request.method.value}", self.name)
        check_direction(request)
        codes.check(request.reference, request.qr_text)
        return Label(carrier=self.name, reference=request.reference, pdf=pdf.render(request))

    def find(self, request: LabelRequest) -> Label:
        """The label is a function of its request: what would be made is what was made."""
        return self.return_label(request)

    def void(self, label: Label) -> None:
        """Nothing was bought, so nothing is given back; that the label counts no more is written in the label ledger. Raises `ConnectorError`."""
        if label.carrier != self.name:
            raise ConnectorError(f"the label {label.reference} was made by {label.carrier}, not by {self.name}", permanent=True)

    def track(self, tracking_number: str) -> Tracked:
        """Raises `Unsupported`: nobody scans on the way."""
        raise Unsupported("track a parcel", self.name)

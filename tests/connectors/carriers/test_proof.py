"""The page that proves what somebody declared: nothing of it is cut, however long it is."""

from __future__ import annotations

from datetime import date

from connectors.carriers.own.proof import Proof, render
from tests.connectors.carriers.paper import A4, Paper

WORDS = [f"artículo{number:03}" for number in range(300)]


def test_a_statement_of_thousands_of_letters_is_whole_and_flows_over() -> None:
    text = "\n".join(["A la atención de Alba.", " ".join(WORDS), *(f"– 1 × Taza número {number}" for number in range(60))])
    facts = (("Referencia", "W-1"),)
    proof = Proof("Acuse de recibo", "Cerámica Alba", "Calle Uno 1", facts, "Contenido", text, "Guárdalo.", "es", date(2026, 11, 3), "#123456")
    paper = Paper(render(proof))
    whole = paper.whole
    assert all(word in whole for word in WORDS)
    assert "Taza número 59" in paper.text(len(paper.sizes))
    assert set(paper.sizes) == {A4}
    assert len(paper.sizes) > 1

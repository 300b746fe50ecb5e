"""On the desk somebody looks at what a customer shows, takes it or says why not; and sees what she changed."""

from __future__ import annotations

from dataclasses import replace

from flask.testing import FlaskClient

from jobs.proof_files import ProofFile
from postventa.models import ReturnCase
from tests.returns.scene import last_words
from tests.returns.test_change import changed
from tests.returns.test_proof import PDF, handed, proof_of
from tests.web.returns_desk.bench import TWO, Bench, done, page, said

WAYS = {"default": {"methods": ["own_carrier", "drop_off"], "resolutions": ["refund", "store_credit"]}}


def sent(bench: Bench) -> tuple[ReturnCase, int]:
    case = bench.a_return(WAYS, replace(TWO, method="own_carrier"))
    return case, handed(bench.house, case, file=ProofFile("pdf", PDF))


def test_a_proof_is_downloaded_never_opened_and_taken_once(bench: Bench, jon: FlaskClient, luz: FlaskClient) -> None:
    case, proof = sent(bench)
    assert case.number in said(jon, "/returns-desk?show=proof")
    file = jon.get(page(case, f"/proofs/{proof}"))
    assert (file.data, file.headers["Content-Disposition"]) == (PDF, f'attachment; filename="proof-{proof}.pdf"')
    assert (file.headers["Content-Security-Policy"], file.headers["X-Content-Type-Options"]) == ("sandbox; default-src 'none'", "nosniff")
    assert [jon.get(f"/returns-desk/{case.id + 1}/proofs/{proof}").status_code, luz.get(page(case, f"/proofs/{proof}")).status_code] == [404, 403]
    shown = said(jon, page(case))
    assert ("PK123" in shown, "Aceptar el justificante" in shown, "Rechazar el justificante" in shown) == (True, True, True)
    words = done(jon, page(case, "/proven"))
    assert "Cuenta como enviada desde" in words
    assert (proof_of(bench.house, proof).state, bench.again(case).scanned_at is not None) == ("accepted", True)
    assert jon.get(page(case, "/proven")).status_code == 409


def test_what_proves_nothing_is_refused_with_words(bench: Bench, jon: FlaskClient) -> None:
    case, proof = sent(bench)
    words = done(jon, page(case, "/unproven"), reason="No se lee la fecha")
    assert "«No se lee la fecha»" in words
    assert (proof_of(bench.house, proof).state, bench.again(case).scanned_at) == ("refused", None)
    bench.work()
    assert "No se lee la fecha" in last_words(bench.house)


def test_what_she_changed_stands_on_the_page(bench: Bench, jon: FlaskClient) -> None:
    case = bench.a_return(WAYS, replace(TWO, method="own_carrier"))
    changed(bench.house, case, replace(TWO, lines=TWO.lines[:1], method="drop_off", resolution="store_credit"))
    shown = said(jon, page(case))
    assert "Lo que ha cambiado la persona" in shown
    for words in ("1 × Cuenco → 2 × Taza", "Reembolso → Vale de compra", "40,00 € → 20,00 €", "Cambió la devolución"):
        assert words in shown, words
    assert "He cambiado de idea →" not in shown, "what is the same for all pieces is said once, and what stays not at all"

"""What customers do on the page, and what comes of it."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader

from tests.withdrawal.counter import ANA, Counter, text_of


def test_a_wrong_number_is_taken_acknowledged_and_is_a_case_for_staff(counter: Counter) -> None:
    counter.order()
    phone = counter.phone()
    status, where = counter.withdraw(phone, contract="no sé, unas tazas azules", name="  Ana\tRuiz ")
    assert status == 303
    page = phone.get(where).get_data(as_text=True)
    row = counter.one()
    assert row.ref in page
    assert "no sé, unas tazas azules" in page
    counter.work()
    (mail,) = counter.mails("withdrawal_receipt")
    assert mail["To"] == ANA
    said = " ".join(text_of(mail).split())
    for words in (row.ref, "no sé, unas tazas azules", "Nombre: Ana Ruiz", "(Europe/Madrid)", "UTC"):
        assert words in said, words
    (pdf,) = [part.get_content() for part in mail.iter_attachments()]
    printed = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())
    assert row.ref in printed
    assert "unas tazas azules" in printed
    row = counter.one()
    assert (row.order_id, row.trouble, row.receipt_how) == (None, "no-order", "mail")
    (told,) = counter.mails("withdrawal_arrived")
    assert row.ref in str(told["Subject"])

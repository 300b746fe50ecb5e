"""Our codes open a return's page on any telephone that can reach us, and are its plain number elsewhere."""

import pytest

from postventa.config import Server, Settings
from postventa.returns.codes import code_text
from postventa.returns.desk import NUMBER

RETURN = "R-7F3K-2M9Q"


@pytest.mark.parametrize(
    ("public_url", "said"),
    [
        ("https://postventa.alba.example", f"https://postventa.alba.example/returns-desk/scan?code={RETURN}"),
        ("https://postventa.alba.example/", f"https://postventa.alba.example/returns-desk/scan?code={RETURN}"),
        ("", RETURN),
        ("http://localhost:8000", RETURN),
        (f"https://{'muy-largo.' * 10}example", RETURN),
    ],
)
def test_a_code_is_an_address_where_a_telephone_can_open_it(public_url: str, said: str) -> None:
    text = code_text(Settings(server=Server(public_url=public_url)), RETURN)
    assert (text, NUMBER.findall(text.upper())) == (said, [RETURN])

"""Photos of two broken articles from a phone, each at its own field, one of them a HEIC."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from sqlalchemy import select

from postventa.locale import languages
from postventa.models import ReturnPhoto
from postventa.models.db import reading
from tests.look import OVERFLOW, WIDE, judged, wide
from tests.web import scene
from tests.web.phones import WITHOUT, browser, see, wait_for
from tests.web.returns.counter import Counter
from tests.web.returns.test_browser import press

pytestmark = [WITHOUT, pytest.mark.timeout(240), pytest.mark.long]
BROKEN = "item=1&q-1=2&why-1=broken&item=2&q-2=1&why-2=broken&as=refund&by=drop_off&step=way"


def test_each_article_has_its_photos_on_a_phone_in_nine_languages(served: tuple[Counter, str], tmp_path: Path) -> None:
    counter, site = served
    wrong: list[str] = []
    shots = [tmp_path / f"{name}.jpg" for name in ("roto", "caja", "cuenco")]
    for shot in shots:
        shot.write_bytes(scene.picture())
    shots.append(Path(__file__).parents[2] / "fixtures" / "photos" / "turned.heic")
    phone = browser(tmp_path / "profile", javascript=True)
    try:
        for language in languages():
            phone.get(f"{site}{counter.link()}/new?{BROKEN}&lang={language}")
            for width in (320, 360):
                wide(phone, width)
                assert phone.execute_script(OVERFLOW) <= 0, (language, width, phone.execute_script(WIDE))
        phone.get(f"{site}{counter.link()}/new?{BROKEN}")
        wait_for(phone, "Fotos (opcional)")
        assert [label.text for label in phone.find_elements(By.CSS_SELECTOR, ".picture label")] == ["Taza «Alba»", "Cuenco"]
        judged(phone, "photos-check", wrong)
        see(phone, "#photos-1").send_keys("\n".join(map(str, shots[:2])))
        see(phone, "#photos-2").send_keys("\n".join(map(str, shots[2:])))
        press(phone, "form.sign button")
        wait_for(phone, "Tus fotos: 2")
        judged(phone, "photos-sent", wrong)
        phone.get(f"{phone.current_url}/change?{BROKEN}")
        wait_for(phone, "Fotos que ya tenemos: 2")
        judged(phone, "photos-change", wrong)
        assert wrong == []
    finally:
        phone.quit()
    with reading(counter.house.engine) as session:
        assert list(session.scalars(select(ReturnPhoto.line_ref).order_by(ReturnPhoto.id))) == ["1", "1", "2", "2"]

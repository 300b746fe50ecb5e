"""The plugin as it is shipped, run by PHP in a world of our making."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from postventa.wordpress import FOLDER, Preset, archive

PHP = shutil.which("php")
WORDPRESS = Path(__file__).parent / "wordpress.php"
SERVICE = "https://postventa.example"
SET = {"address": SERVICE, "pages": "", "shop": "ceramica-alba-1kqxvp", "orders": True, "footer": True}
HOOK = {"url": f"{SERVICE}/webhooks/woocommerce/alba-0123456789abcdef", "status": "active", "secret": "secreto &amp; de-alba"}


@dataclass
class Came:
    """What came of the deeds, what was sent, and what was said to the merchant."""

    results: list[Any]
    failures: list[str]
    printed: list[str]
    sent: list[dict[str, Any]] = field(default_factory=list)
    said: list[list[str]] = field(default_factory=list)


def unpacked(folder: Path, preset: Preset | None = None) -> Path:
    """The plugin's folder, as WordPress unpacks it."""
    with zipfile.ZipFile(io.BytesIO(archive(preset))) as packed:
        packed.extractall(folder)
    return folder / FOLDER


def run(plugin: Path, *deeds: list[Any], **world: Any) -> Came:
    """Do that, one after the other, in a shop of Mara's with two orders and a request of Ana's."""
    orders = {"7": {"status": "processing", "number": "1042"}, "8": {"status": "failed", "number": "1043"}}
    known = {
        "options": {"postventa_settings": SET, "date_format": "Y-m-d"},
        "webhooks": {"1": {**HOOK, "url": "https://erp.example/webhooks/woocommerce/x"}, "2": HOOK, "3": HOOK},
        "orders": orders,
        "users": {"ana@cliente.example": 5},
        "requests": {"17": {"email": "ana@cliente.example", "action": "export_personal_data", "at": 1795000000}},
        "locale": "en_US",
        "home": "https://ceramica-alba.example",
        "rights": ["manage_woocommerce"],
        "admin": False,
        "saved": False,
        "answer": 200,
    }
    told = json.dumps({**known, **world, "deeds": deeds})
    done = subprocess.run([PHP or "php", str(WORDPRESS), str(plugin)], input=told, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    came = answer["came"]
    return Came([c["result"] for c in came], [c["failed"] for c in came], [c["printed"] for c in came], answer["sent"], answer["said"])

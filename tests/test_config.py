"""Settings: one file, overridden by the environment; what is wrong is named with the key, the file and what was expected."""

from pathlib import Path

import pytest

from postventa.config import ConfigError, Settings, load
from postventa.events import Step

ALBA = """
[[shops]]
key = "alba-0123456789abcdef"
platform = "woocommerce"
name = "Cerámica Alba"
url = "https://ceramica-alba.example"
webhook_secrets = ["file:secret.txt", "env:OLD_SECRET"]
status_map = { "wc-enviado" = "shipped", "entregado" = "delivered" }
"""
LUMEN = """
[[shops]]
key = "lumen-1"
platform = "woocommerce"
url = "https://lumen.example"
webhook_secrets = ["s"]
pages_host = "{host}"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("url", "reached"),
    [
        ("https://postventa.example.com", True),
        ("https://192.168.1.20:8443/", True),
        ("", False),
        ("http://postventa.example.com", False),
        ("https://localhost:8000", False),
        ("https://127.0.0.2", False),
        ("https://[::1]:8000", False),
        ("https://postventa.tienda.example", False),
        ("https://posventa.test.", False),
        ("https://", False),
    ],
)
def test_production_is_what_the_world_can_reach(url: str, reached: bool) -> None:
    assert Settings.model_validate({"server": {"public_url": url}}).in_production is reached


def test_secrets_may_stand_in_files_and_in_the_environment(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("de-un-fichero\n", encoding="utf-8")
    (shop,) = load(written(tmp_path, ALBA), {"OLD_SECRET": "del-entorno"}).shops
    assert shop.signing_secrets == ["de-un-fichero", "del-entorno"]
    assert shop.status_map == {"enviado": Step.SHIPPED, "entregado": Step.DELIVERED}


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, '[server]\nbind = "127.0.0.1:8000"\n')
    settings = load(
        file, {"POSTVENTA__SERVER__BIND": "127.0.0.1:9000", "POSTVENTA__JOURNEY__OFF": '["care_tips"]', "POSTVENTA__RECOVERY__DOUBT_AFTER": "5"}
    )
    assert (settings.server.port, settings.journey.off, settings.recovery.doubt_after) == (9000, ["care_tips"], 5.0)


def test_what_is_written_goes_beside_the_file(tmp_path: Path) -> None:
    settings = load(written(tmp_path, ""), {})
    assert settings.var == tmp_path / "var"
    assert settings.database_url == f"sqlite:///{tmp_path}/var/postventa.db"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[server]\nport = 1", "server.port: unknown setting"),
        ("[sever]", "sever: unknown setting"),
        ('[server]\nbind = "8000"', 'server.bind: expected "address:port"'),
        ("[workers]\nprocesses = 0", "workers.processes: Input should be greater than or equal to 1 (got 0)"),
        ('[database]\nurl = "mysql://x"', 'database.url: expected "sqlite:///path" or'),
        ('[mail]\ntransport = "smtp"', "needs host"),
        ("[server", "not readable as TOML"),
        (ALBA, "shops[0].webhook_secrets[0]: cannot read"),
        (ALBA.replace("file:secret.txt", "s"), "shops[0].webhook_secrets[1]: the environment has no variable OLD_SECRET"),
        (ALBA.replace('"shipped"', '"sent"').replace("file:", "").replace("env:", ""), "shops.0.status_map.enviado"),
        (ALBA.replace('["file:secret.txt", "env:OLD_SECRET"]', "[]"), "needs webhook_secrets"),
        ('[[shops]]\nkey = "k"\nplatform = "shopify"\nwebhook_secrets = ["s"]\nname = "Lola"', 'needs domain = "name.myshopify.com"'),
        (LUMEN.format(host="https://ayuda.lumen.example"), "shops.0.pages_host: expected a name without scheme, port or path"),
        (LUMEN.format(host="192.0.2.7"), "shops.0.pages_host: expected a name"),
        (LUMEN.format(host="ayuda"), "shops.0.pages_host: expected a name"),
        (
            LUMEN.format(host="ayuda.lumen.example") + LUMEN.format(host="AYUDA.lumen.example").replace("lumen-1", "lumen-2"),
            "two shops share one pages_host",
        ),
        ('[server]\nphotos_host = "https://fotos.lumen.example"', "server.photos_host: expected a name without scheme, port or path"),
        ('[server]\nphotos_host = "fotos.lumen.example"', "needs an https public_url"),
        ('[server]\npublic_url = "https://lumen.example"\nphotos_host = "lumen.example"', "photos need a name for themselves alone"),
        (
            '[server]\npublic_url = "https://lumen.example"\nphotos_host = "f.lumen.example"\n' + LUMEN.format(host="f.lumen.example"),
            "photos need a name for themselves alone",
        ),
        ('[server]\npublic_url = "https://ayuda.lumen.example"\n' + LUMEN.format(host="ayuda.lumen.example"), "is the name of public_url"),
    ],
)
def test_what_is_wrong_is_named(text: str, told: str, tmp_path: Path) -> None:
    file = written(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        load(file, {})
    assert str(error.value).startswith(str(file))
    assert told in str(error.value)


def test_a_secret_is_never_repeated_in_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load(written(tmp_path, '[mail]\npassword = ["hunter2"]'), {})
    assert "hunter2" not in str(error.value)


def test_a_mail_server_on_this_machine_is_spoken_to_as_it_is_and_any_other_one_encrypted(tmp_path: Path) -> None:
    def tls(host: str, extra: str = "") -> str:
        file = tmp_path / "config.toml"
        file.write_text(f'[mail]\ntransport = "smtp"\nhost = "{host}"\n{extra}', encoding="utf-8")
        return load(file, {}).mail.tls

    assert [tls("127.0.0.1"), tls("smtp.lola.example"), tls("127.0.0.1", 'tls = "starttls"')] == ["none", "starttls", "starttls"]


def test_a_shop_without_a_name_is_called_by_its_address(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    shop = 'key = "k"\nplatform = "woocommerce"\nurl = "https://www.ceramica-alba.example"\nwebhook_secrets = ["s"]'
    file.write_text(f"[[shops]]\n{shop}\n", encoding="utf-8")
    assert load(file, {}).shops[0].name == "ceramica-alba.example"


@pytest.mark.parametrize(
    ("public", "host", "begins"),
    [
        ("https://posventa.example/", "", "https://posventa.example"),
        ("https://posventa.example", "Ayuda.Lumen.example.", "https://ayuda.lumen.example"),
        ("http://localhost:8000", "ayuda.localhost", "http://ayuda.localhost:8000"),
        ("", "ayuda.localhost", "http://ayuda.localhost:8000"),
    ],
)
def test_links_to_customer_pages_begin_with_the_shops_own_name(public: str, host: str, begins: str, tmp_path: Path) -> None:
    settings = load(written(tmp_path, f'[server]\npublic_url = "{public}"\n' + LUMEN.format(host=host)), {})
    assert settings.pages_url(settings.shops[0]) == begins

"""Settings: one TOML file, overridden by `POSTVENTA__SECTION__KEY`, with `file:` and `env:` references for secrets.

An unknown key or a wrong value is an error that names the key, the file, and what was expected.
"""

from postventa.config.delivery import Delivery
from postventa.config.karrio import KarrioAccount
from postventa.config.read import load
from postventa.config.section import AT_HOME, LANGUAGES, ConfigError, host_name
from postventa.config.service import Journey, Mail, Security, Server, Settings
from postventa.config.shop import Brand, Carriers, Pickup, ReturnAddress, SendcloudAccount, ShopSettings, Withdrawal

__all__ = [
    "AT_HOME",
    "LANGUAGES",
    "Brand",
    "Carriers",
    "ConfigError",
    "Delivery",
    "Journey",
    "KarrioAccount",
    "Mail",
    "Pickup",
    "ReturnAddress",
    "Security",
    "SendcloudAccount",
    "Server",
    "Settings",
    "ShopSettings",
    "Withdrawal",
    "host_name",
    "load",
]

"""Each connected shop: can it be believed, reached, and does it keep quiet where we speak?"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from connectors.carriers import CARRIERS
from connectors.carriers.karrio.kinds import KINDS, Kind
from connectors.errors import ConnectorError
from connectors.http import Door
from connectors.shops import SHOPS
from jobs.subscriptions import is_reachable
from postventa import migrations
from postventa.config import ConfigError, Settings, ShopSettings
from postventa.doctor import carriers, hosts
from postventa.doctor.check import PATIENCE, Check
from postventa.events import Step
from postventa.locale import languages
from postventa.models.db import connect
from postventa.returns.policy import BadPolicy
from postventa.returns.policy import read as read_policy
from postventa.runtime import carriers_helper
from postventa.runtime.service import running
from postventa.secrets import load_secret, secret_path, weak_secrets
from postventa.shops import everyone, with_app
from postventa.withdrawal.model import trader

LONG_ENOUGH = 16
"""Characters of the unguessable part of a webhook address."""


def checks(settings: Settings, *, with_database: bool = True) -> Iterator[Check]:
    """All shops, those of the file and, if the database answers, those added by hand."""
    try:
        found = connected(settings) if with_database else _in_file(settings)
    except ConfigError as error:
        yield Check.fail("shops", str(error))
        found = _in_file(settings)
    if not found:
        yield Check.warn("shops", f"none is connected: add a [[shops]] part to {settings.source.name}, or run `postventa shop add`")
    told = carriers.heard(settings) if with_database else {}
    for shop in found:
        yield from shop_checks(shop, settings)
        yield from carriers.checks(shop, settings, told.get(shop.key, carriers.NEVER))


def connected(settings: Settings) -> list[ShopSettings]:
    """The shops of the file, and those of the database when there is one. Raises `ConfigError` when their secrets cannot be opened."""
    url = settings.database_url
    missing = url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists()
    if missing or not secret_path(settings).exists():
        return _in_file(settings)
    engine = connect(url, patience=PATIENCE)
    try:
        if migrations.pending(engine):
            return _in_file(settings)
        known = [shop.settings for shop in everyone(engine, settings, load_secret(settings))]
    except SQLAlchemyError:
        return _in_file(settings)  # said by the check of the database
    finally:
        engine.dispose()
    keys = {shop.key for shop in known}
    return known + [shop for shop in _in_file(settings) if shop.key not in keys]


def _in_file(settings: Settings) -> list[ShopSettings]:
    return [with_app(shop, settings) for shop in settings.shops]


def shop_checks(shop: ShopSettings, settings: Settings) -> Iterator[Check]:
    """One shop."""
    yield signing(shop)
    yield returns(shop)
    yield from rules(shop)
    yield from labels(shop)
    yield from through_karrio(shop, settings)
    yield arrivals(shop)
    yield language(shop)
    yield connection(shop, settings)
    yield webhooks(shop, settings)
    yield withdrawal(shop)
    yield model_form(shop, settings)
    if shop.pages_host:
        yield own_name(shop, settings)
    yield from native_mails(shop, settings)


def _name(shop: ShopSettings, what: str) -> str:
    return f"{shop.name}: {what}"


def signing(shop: ShopSettings) -> Check:
    """Secrets that cannot be guessed, for deliveries and for the API."""
    name = _name(shop, "secrets")
    weak = weak_secrets(shop)
    if weak:
        return Check.fail(name, "; ".join(weak))
    if len(shop.key) < LONG_ENOUGH:
        return Check.warn(
            name, f"its key has fewer than {LONG_ENOUGH} characters, so its webhook address can be guessed. Make one: `openssl rand -hex 16`"
        )
    if len(shop.signing_secrets) > 1:
        return Check.warn(name, "the previous webhook secret is still accepted: remove it once the shop signs with the new one")
    return Check.ok(name, "long enough")


def returns(shop: ShopSettings) -> Check:
    """A label needs somewhere to go."""
    name, address = _name(shop, "return address"), shop.return_address
    missing = [part for part in ("name", "street", "postcode", "city", "country") if not getattr(address, part)]
    if missing:
        return Check.warn(name, f"no return label can be made: set {', '.join(missing)} in return_address")
    return Check.ok(name, f"{address.street}, {address.postcode} {address.city}")


def rules(shop: ShopSettings) -> Iterator[Check]:
    """Whether the rules for returns of the configuration file can be used; others were checked when they were stored."""
    if not shop.return_policy:
        return
    name = _name(shop, "rules for returns")
    try:
        warnings = read_policy(shop.return_policy, "return_policy").warnings
    except BadPolicy as error:
        yield from (
            Check.fail(_name(shop, "rules for returns"), f"{problem}; until then older rules or the default hold") for problem in error.problems
        )
        return
    yield from (Check.warn(name, str(warning)) for warning in warnings)


def labels(shop: ShopSettings) -> Iterator[Check]:
    """A carrier that is to make labels needs the shop's account; the printed label needs nobody."""
    name, known = _name(shop, "labels"), shop.carriers.sendcloud
    if shop.carrier not in CARRIERS:
        yield Check.fail(name, f'no label can be made: there is no carrier "{shop.carrier}", set carrier to one of {", ".join(CARRIERS)}')
    elif shop.carrier == "sendcloud" and not (known.known and known.return_option):
        yield Check.fail(name, "no label can be made: fill in public_key, secret_key and return_option of [shops.carriers.sendcloud]")
    elif shop.carrier in KINDS:
        yield from karrio_labels(shop, KINDS[shop.carrier])


def through_karrio(shop: ShopSettings, settings: Settings) -> Iterator[Check]:
    """Whether carriers with which the shop has contracts of its own can be asked."""
    name, titles = _name(shop, "carriers"), ", ".join(KINDS[one].title for one in shop.carriers.through_karrio)
    if not titles:
        return
    if not carriers_helper.installed():
        yield Check.fail(name, f"{titles} cannot be asked, karrio is not installed: run `make setup-karrio`, then `postventa restart`")
    elif carriers_helper.wanted(settings.carriers_wanted) and running(settings) and not carriers_helper.answers(settings.carriers_socket):
        yield Check.warn(name, f"{titles} cannot be asked: the process with karrio does not answer. Look in the log for pv-carriers")
    else:
        yield Check.ok(name, f"{titles}: through karrio {version('karrio')}, in a process that starts when it is needed")


def karrio_labels(shop: ShopSettings, kind: Kind) -> Iterator[Check]:
    """Whether a carrier with which the shop has a contract can make its labels."""
    keys = shop.carriers.keys(kind.name)
    missing = [key for key in (*kind.keys, *kind.label_keys) if not keys.get(key)]
    if not kind.makes_labels:
        yield Check.fail(
            _name(shop, "labels"), f'no label can be made: karrio makes no return labels for {kind.title}, set carrier to another, such as "own"'
        )
    elif missing:
        yield Check.fail(_name(shop, "labels"), f"no label can be made: fill in {', '.join(missing)} of [shops.carriers.{kind.name}]")


def arrivals(shop: ShopSettings) -> Check:
    """How we learn that a parcel arrived: a carrier that is asked, Shopify's scans, or a status of WooCommerce that the merchant maps."""
    name = _name(shop, "deliveries")
    if shop.carriers.asked:
        return Check.ok(name, f"asked of {', '.join(shop.carriers.asked)}")
    if shop.platform == "woocommerce" and Step.DELIVERED not in shop.status_map.values():
        return Check.warn(
            name,
            "no status means that the customer has the parcel, so the mails after delivery (delivered, care tips, review requests) never go "
            'out: map one, such as status_map = { "entregado" = "delivered" }, or have a carrier asked ([shops.carriers.sendcloud])',
        )
    return Check.ok(name, "known from " + ("the shop's status" if shop.platform == "woocommerce" else "the carriers' scans"))


def language(shop: ShopSettings) -> Check:
    """The language for orders that name none."""
    name, known = _name(shop, "language"), languages()
    if shop.locale.replace("_", "-").partition("-")[0].lower() not in known:
        return Check.fail(name, f'locale = "{shop.locale}" is not shipped, so mails would be in Spanish; choose one of {", ".join(known)}')
    return Check.ok(name, shop.locale)


def connection(shop: ShopSettings, settings: Settings) -> Check:
    """Whether the shop's API lets us in."""
    name = _name(shop, "connection")
    if shop.through_app:
        return Check.ok(name, "through the app of [shopify]: the service renews its tokens, and `postventa shop check` asks the shop")
    if not shop.has_api_keys:
        keys = "consumer_key and consumer_secret" if shop.platform == "woocommerce" else "access_token (or client_id and client_secret)"
        return Check.warn(name, f"not checked: without {keys} only what deliveries say is known; tracking and returns that they only name are not")
    try:
        said = SHOPS[shop.platform].client(shop, settings.security.allow_private_hosts).check()
    except ConnectorError as error:
        return Check.fail(name, f"{error}. Check the shop's address and keys")
    return Check.ok(name, said)


def webhooks(shop: ShopSettings, settings: Settings) -> Check:
    """Whether somebody notices when the shop switches one off."""
    name = _name(shop, "webhooks")
    if shop.through_app:
        return Check.ok(name, "of the app as a whole: those of deploy/shopify/shopify.app.toml, released with `shopify app deploy`")
    if shop.webhooks == "leave":
        return Check.ok(name, 'not touched, as webhooks = "leave" says')
    if not shop.has_api_keys:
        return Check.warn(name, "nobody notices when the shop switches one off, and its orders are not found then: add keys for its API")
    if not is_reachable(settings):
        return Check.warn(name, 'not looked after: set public_url = "https://..." in [server], where the shop reaches us')
    if shop.webhooks == "auto" and not SHOPS[shop.platform].lists_all:
        return Check.ok(name, 'looked after if the shop has some of its own; for an app without app-wide ones set webhooks = "keep"')
    return Check.ok(name, "looked after every hour")


def withdrawal(shop: ShopSettings) -> Check:
    """The function that the law wants customers to find at once (docs/withdrawal.md)."""
    name, wishes = _name(shop, "withdrawal"), shop.withdrawal
    if not wishes.link:
        return Check.warn(
            name, "mails do not lead to the withdrawal function (link = false): the law wants it seen all the time, so show it in your theme"
        )
    if wishes.label:
        return Check.warn(
            name, f"«{wishes.label}» stands in place of the law's own words: only what is as clear as they are will do. Better leave label empty"
        )
    if not wishes.informed:
        return Check.warn(
            name, "informed = false: whoever is not told of the right has twelve months longer (TRLGDCU, art. 105). Tell your customers"
        )
    return Check.ok(name, "every order mail leads to the function, in the law's own words")


def model_form(shop: ShopSettings, settings: Settings) -> Check:
    """The law's instructions on withdrawal, with the mail that confirms an order (docs/withdrawal.md)."""
    name, wishes = _name(shop, "model form"), shop.withdrawal
    if wishes.model_form == "elsewhere":
        return Check.ok(name, f"not attached: {wishes.model_form_reason}")
    if missing := trader(shop, "", shop.reply_to or settings.mail.reply_to).missing:
        return Check.warn(
            name,
            "no mail carries the law's instructions on withdrawal and their model form, which customers have to get with the confirmation "
            f'(TRLGDCU, art. 98.7): set {", ".join(missing)}; or model_form = "elsewhere", with how you do it',
        )
    try:
        told = read_policy(shop.return_policy).policy.cost_told if shop.return_policy else None
    except BadPolicy:
        told = None  # said by the check of the rules
    if told is not None and told != (wishes.return_cost == "customer"):
        said = f'return_cost = "{wishes.return_cost}" of the instructions and cost_told = {str(told).lower()} of the rules for returns'
        return Check.warn(name, f"{said} contradict one another: who pays for sending back?")
    return Check.ok(name, "attached to the mail that confirms an order")


def own_name(shop: ShopSettings, settings: Settings, door: Door | None = None) -> Check:
    """Whether the shop's own name for customer pages leads here, with a certificate of its own: links in mails begin with it."""
    name, host = _name(shop, "own domain"), shop.pages_host
    others = [other.name for other in settings.shops if other.pages_host == host and other.key != shop.key]
    if others or host == urlsplit(settings.public_url).hostname:
        return Check.fail(name, f"{host} is taken by {others[0] if others else 'public_url'}: give this shop another pages_host")
    return hosts.leads_here(name, host, settings.pages_url(shop), settings, door)


def native_mails(shop: ShopSettings, settings: Settings) -> Iterator[Check]:
    """The shop's own mails that double one of ours."""
    off = {*shop.off, *settings.journey.off} - set(shop.on)
    known = SHOPS[shop.platform].native_mails
    ours = [mail for mail in known if mail.followup not in off and (mail.ours_by_default or mail.followup in shop.on)]
    for mail in ours:
        where = mail.where or f'it cannot be switched off there, so take "{mail.followup}" out of `on`'
        yield Check.warn(
            _name(shop, f"its own mail «{mail.name}»"), f"customers get it besides our {mail.followup}. Switch it off in the shop: {where}"
        )

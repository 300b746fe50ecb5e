"""The one HTTP door to other people's computers.

Every request has a timeout, a size limit and at most two more tries; it goes to public addresses only, over TLS, without following
redirects; and what goes wrong comes back as a `ConnectorError` in plain words.

The address is resolved once, checked, and then connected to as it is (with the name for TLS and `Host`): a name server that answers a public
address to the check and a private one to the connection gains nothing.
"""

from __future__ import annotations

import ipaddress
import json
import random
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import SplitResult, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import ConnectionPool, HTTPConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_match_hostname import CertificateError

from connectors.errors import ConnectorError, Refused, SentOn, SlowDown, Untrusted
from connectors.in_time import InTime, InTimeOverTls

CONNECT, READ, TOTAL = 10.0, 10.0, 30.0
"""Seconds: until a connection stands, without a byte, and for an answer as a whole: once for its headers, once for its body."""
MAX_ANSWER = 5 * 1024 * 1024
MAX_WAIT = 10.0
"""Seconds that `Retry-After` may cost within one call; a longer wait is the caller's to plan."""
TRIES = 3
AGAIN = frozenset({429, 500, 502, 503, 504})

REFUSED = "this address does not lead to a public https server; a shop in your own network has to be listed in [security] allow_private_hosts"
"""The same words whatever the reason, so that nobody can explore our network with them."""
NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fc00::/7",
        "fe80::/9", "ff00::/8",
    )
)  # fmt: skip
"""Private, loopback, link-local, carrier-grade NAT, documentation, multicast, translated and tunnelled addresses, and Azure's metadata host."""

Resolver = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the machine's resolver gives them. Raises `OSError`."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self, who: str) -> Any:
        """The body as JSON. Raises `ConnectorError` (a login page, a firewall's excuse: worth another try)."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise ConnectorError(f"{who} answered {self.status} with something that is not JSON", retry_after=self.retry_after) from None

    @property
    def retry_after(self) -> float | None:
        """Seconds that the other side asks us to wait, if it says so in seconds."""
        text = self.headers.get("retry-after", "").strip()
        try:
            return min(max(float(text), 0.0), 86400.0)
        except ValueError:
            return None


@dataclass
class Door:
    """Sends requests.

    `allow_private_hosts`: names that may be private, plain http, and on any port. `tries`: at most so many for what may be repeated.
    `authorities`: a file with certificates to trust instead of the public ones. `resolver`, `sleep` and `dice` are there for tests.
    """

    allow_private_hosts: Iterable[str] = ()
    authorities: str = ""
    tries: int = TRIES
    resolver: Resolver = resolve
    sleep: Callable[[float], None] = time.sleep
    dice: Callable[[], float] = random.random
    _allowed: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._allowed = frozenset(host.strip().lower().strip("[]") for host in self.allow_private_hosts)

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None, repeatable: bool | None = None
    ) -> Answer:
        """One request and its answer, whatever its status.

        `repeatable`: trying twice does no harm; by default that is so for GET. Raises `ConnectorError`; not `permanent` when it may work later.
        """
        repeatable = method == "GET" if repeatable is None else repeatable
        for attempt in range(1, self.tries + 1):
            last = attempt == self.tries or not repeatable
            try:
                answer = self._once(method, url, headers or {}, body)
            except ConnectorError as error:
                if last or error.permanent:
                    raise
                wait = self._pause(attempt)
            else:
                asked = answer.retry_after
                if last or answer.status not in AGAIN or (asked or 0) > MAX_WAIT:
                    return answer
                wait = asked if asked is not None else self._pause(attempt)
            self.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def allows(self, host: str) -> bool:
        """Whether the merchant listed this host as one of his own network."""
        return host.lower().strip("[]") in self._allowed

    def take_turn(self) -> None:
        """Wait until this call may go. Here nobody else is at it; `connectors/paced.py` waits."""

    def ease(self, seconds: float) -> None:
        """The other side can bear less from now on, for so many seconds. Here nobody else is at it; `connectors/paced.py` passes it on."""

    def _pause(self, attempt: int) -> float:
        """Full jitter, so that many workers do not come back at the same moment."""
        return float(2 ** (attempt - 1)) * self.dice()

    def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        parts = self._split(url)
        host = parts.hostname or ""
        address = self._address(host, parts.port or (443 if parts.scheme == "https" else 80))
        with _Session() as session:
            session.verify = self.authorities or True
            session.trust_env = False  # neither .netrc nor proxies of the environment
            session.mount(f"{parts.scheme}://", _Pinned(address, host if parts.scheme == "https" else ""))
            sent = {"Accept-Encoding": "identity", "User-Agent": "Postventa", **headers, "Host": parts.netloc}
            try:
                response = session.request(method, url, headers=sent, data=body, stream=True, timeout=(CONNECT, READ), allow_redirects=False)
                with response:
                    return _read(response, host)
            except (requests.RequestException, HTTPError, OSError) as error:
                _explain(error, host)

    def _split(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise ConnectorError(REFUSED, permanent=True) from None
        public = parts.scheme == "https" and port in (None, 443)
        own = parts.scheme in ("http", "https") and self.allows(host)
        if not host or "@" in parts.netloc or not (public or own):
            raise ConnectorError(REFUSED, permanent=True)
        return parts

    def _address(self, host: str, port: int) -> str:
        """The one address to connect to. One forbidden address among several condemns the name."""
        try:
            found = self.resolver(host, port)
        except (OSError, UnicodeError):
            raise ConnectorError(REFUSED) from None
        if not found or (not self.allows(host) and not all(is_public(address) for address in found)):
            raise ConnectorError(REFUSED, permanent=True)
        return found[0]


def is_public(address: str) -> bool:
    """Whether a connection to this address leaves our own network for certain."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inside = any(found in network for network in NOT_PUBLIC if network.version == found.version)
    return found.is_global and not found.is_multicast and not inside


class _Session(requests.Session):
    """The library's, but for redirects: even where it does not follow them it parses them, and reads their bodies to the end, however long."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


class _Pinned(HTTPAdapter):
    """Connects to the address that was checked, while TLS and the certificate still go by the name."""

    def __init__(self, address: str, name: str) -> None:
        self._address = address
        self._names: dict[str, Any] = {"server_hostname": name, "assert_hostname": name} if name and not _is_ip(name) else {}
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> ConnectionPool:
        where, how = self.build_connection_pool_key_attributes(request, verify or False, cert)
        target: dict[str, Any] = {**where, "host": self._address}
        pool: HTTPConnectionPool = self.poolmanager.connection_from_host(**target, pool_kwargs={**how, **self._names})
        pool.ConnectionCls = type("Timed", (InTimeOverTls if where["scheme"] == "https" else InTime,), {"seconds": TOTAL})
        return pool


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _read(response: requests.Response, host: str) -> Answer:
    if 300 <= response.status_code < 400 and response.status_code != 304:
        raise SentOn(f"{host} sends us on to another address; enter the final address of the shop", response.headers.get("Location", ""))
    until, body = time.monotonic() + TOTAL, bytearray()
    while chunk := response.raw.read1(65536):
        body += chunk
        if len(body) > MAX_ANSWER:
            raise ConnectorError(f"{host} answered with more than {MAX_ANSWER // 1024 // 1024} MB", permanent=True)
        if time.monotonic() > until:
            raise ConnectorError(f"{host} took longer than {TOTAL:.0f} seconds to answer")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, bytes(body))


def _explain(error: Exception, host: str) -> NoReturn:
    if isinstance(error, requests.exceptions.SSLError):
        why = _mistrust(error)
        raise Untrusted(f"the certificate of {host} is not valid for it{MISTRUST[why]}", why) from None
    if isinstance(error, requests.Timeout | TimeoutError):
        raise ConnectorError(f"{host} did not answer in time") from None
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidHeader | requests.exceptions.InvalidSchema):
        raise ConnectorError(REFUSED, permanent=True) from None
    raise ConnectorError(f"{host} cannot be reached") from None


MISTRUST = {
    "expired": ": it has expired, or does not count yet",
    "other-name": ": it was made for another name",
    "self-signed": ": it was signed by nobody but itself",
    "chain": ": it does not lead to an authority that we know (an intermediate certificate may be missing)",
    "tls": "",
}
_VERDICTS = {9: "expired", 10: "expired", 18: "self-signed", 19: "chain", 2: "chain", 20: "chain", 21: "chain", 62: "other-name", 64: "other-name"}
"""OpenSSL's verdicts: https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/"""


def _mistrust(error: Exception) -> str:
    """Which of `MISTRUST` it was: the layers above OpenSSL wrap its word several times."""
    waiting: list[object] = [error]
    for _ in range(10):
        if not waiting:
            break
        cause = waiting.pop(0)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _VERDICTS.get(cause.verify_code, "tls")
        if isinstance(cause, CertificateError):
            return "other-name"
        if isinstance(cause, Exception):
            waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__]
    return "tls"


def refusal(answer: Answer, who: str, what: str = "") -> ConnectorError:
    """What an answer of 400 and above means for the caller; `what`: the other side's own word for it, if it has one."""
    said = f" ({what})" if what else ""
    if answer.status in (401, 403):
        return Refused(f"{who} does not accept our keys, or they lack a right{said}")
    if answer.status == 404:
        return ConnectorError(f"{who} knows no such thing{said}", permanent=True)
    if answer.status == 429:
        return SlowDown(f"{who} asks us to slow down{said}", retry_after=answer.retry_after)
    if answer.status >= 500:
        return ConnectorError(f"{who} has trouble of its own: {answer.status}{said}", retry_after=answer.retry_after)
    return ConnectorError(f"{who} refused the request: {answer.status}{said}", permanent=True)

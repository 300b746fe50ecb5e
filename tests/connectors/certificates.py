"""Certificates for servers of the tests: good ones, and each way of being bad."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Served:
    """`context` for the server; `trusted`: the file of the authority that clients would have to trust."""

    context: ssl.SSLContext
    trusted: str


def make(folder: Path, name: str = "tienda.test", *, ends: timedelta = DAY, signed: bool = True, whole: bool = True) -> Served:
    """For `name` and its `www.`, until now plus `ends`; `signed` by an authority or by itself; the `whole` chain or without what lies between."""
    root_key, root = _certificate("Authority", None, None, DAY, ca=True)
    middle_key, middle = _certificate("Between", root, root_key, DAY, ca=True)
    issuer, issuer_key = (middle, middle_key) if signed else (None, None)
    key, leaf = _certificate(name, issuer, issuer_key, ends, ca=False)
    chain = [leaf, middle] if signed and whole else [leaf]
    pem, private, trusted = folder / "chain.pem", folder / "key.pem", folder / "root.pem"
    pem.write_bytes(b"".join(_pem(one) for one in chain))
    trusted.write_bytes(_pem(root))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return Served(context, str(trusted))


def _certificate(
    name: str, issuer: x509.Certificate | None, issuer_key: ec.EllipticCurvePrivateKey | None, ends: timedelta, *, ca: bool
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder(issuer.subject if issuer else own, own, key.public_key(), x509.random_serial_number(), now - 30 * DAY, now + ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if ca:
        usage = x509.KeyUsage(*(flag in (5, 6) for flag in range(9)))
        builder = builder.add_extension(usage, critical=True)
    else:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name), x509.DNSName(f"www.{name}")]), critical=False)
    signer = issuer_key or key
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return key, builder.add_extension(by, critical=False).sign(signer, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)

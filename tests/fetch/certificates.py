"""A certificate authority for the tests, and the good and bad certificates it hands out."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

__all__ = ["Authority"]

DAY = timedelta(days=1)


@dataclass
class Authority:
    """Signs certificates; `file` is what a client has to trust."""

    folder: Path

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("blogcorpus test authority")
        self.file = self.folder / "authority.pem"
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        certificate = (
            _builder(self._name, self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, SHA256())
        )
        self.file.write_bytes(certificate.public_bytes(Encoding.PEM))

    def context(self, *hosts: str, expired: bool = False, self_signed: bool = False) -> ssl.SSLContext:
        """What a server for `hosts` needs: by default valid and signed by this authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(hosts[0])
        issuer, signer = (subject, key) if self_signed else (self._name, self._key)
        names = x509.SubjectAlternativeName([_general(host) for host in hosts])
        issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        certificate = (
            _builder(subject, issuer, key.public_key(), -2 * DAY if expired else timedelta())
            .add_extension(names, critical=False)
            .add_extension(issued_by, critical=False)
            .sign(signer, SHA256())
        )
        file = self.folder / f"{hosts[0]}-{expired}-{self_signed}.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(certificate.public_bytes(Encoding.PEM) + secret)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _general(host: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, shift: timedelta = timedelta()
) -> x509.CertificateBuilder:
    now = datetime.now(UTC) + shift
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
    )

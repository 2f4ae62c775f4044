"""Whether RSA signed something: PKCS #1 v1.5 with SHA-256, by the public key of a certificate. Checking only; there is no secret here.

The padding is made and compared whole, never parsed: parsing it is what forgeries have lived on.
docs/decisions/0008 says why this is not a library.
"""

import base64
import binascii
import hashlib
import hmac

from watchkeeper.errors import BadSignature

SEQUENCE, INTEGER, BITS, VERSION = 0x30, 0x02, 0x03, 0xA0
RSA_ENCRYPTION = bytes.fromhex("06092a864886f70d010101")
SHA256_DIGEST = bytes.fromhex("3031300d060960864801650304020105000420")
LEAST_BITS, MOST_BITS = 2048, 8192


def signed_by(key: tuple[int, int], content: bytes, signature: str) -> bool:
    """Whether this base64 is the signature of these bytes."""
    modulus, exponent = key
    size = (modulus.bit_length() + 7) // 8
    try:
        sent = base64.b64decode(signature.encode(), validate=True)
    except (binascii.Error, ValueError):
        return False
    number = int.from_bytes(sent, "big")
    if len(sent) != size or number >= modulus:
        return False
    digest = SHA256_DIGEST + hashlib.sha256(content).digest()
    wanted = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    return hmac.compare_digest(pow(number, exponent, modulus).to_bytes(size, "big"), wanted)


def key_of(pem: bytes) -> tuple[int, int]:
    """Modulus and exponent of the RSA key in a certificate; BadSignature where it holds none that is to be trusted."""
    try:
        lines = pem.decode("ascii").partition("-----BEGIN CERTIFICATE-----")[2].partition("-----END CERTIFICATE-----")[0]
        certificate = _inside(base64.b64decode("".join(lines.split()), validate=True), SEQUENCE)
        parts = _parts(_inside(certificate, SEQUENCE))
        # version (may be left out), serial, algorithm, issuer, validity, subject, and then the key
        algorithm, bits = _parts(parts[6 if parts[0][0] == VERSION else 5][1])
        (_, modulus), (_, exponent) = _parts(_inside(bits[1][1:], SEQUENCE))
    except (ValueError, IndexError) as error:
        raise BadSignature("the certificate holds no RSA key that can be read", field="SigningCertURL") from error
    n, e = int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big")
    is_rsa = algorithm[1].startswith(RSA_ENCRYPTION) and bits[0] == BITS
    if not (is_rsa and LEAST_BITS <= n.bit_length() <= MOST_BITS and 3 <= e < 1 << 32 and e % 2):
        raise BadSignature("the certificate's key is not one to trust", field="SigningCertURL")
    return n, e


def _parts(der: bytes) -> list[tuple[int, bytes]]:
    """The elements of a DER sequence, each as its tag and its content."""
    found = []
    while der:
        tag, length, start = der[0], der[1], 2
        if length & 0x80:
            start = 2 + (length & 0x7F)
            length = int.from_bytes(der[2:start], "big")
        if start + length > len(der):
            raise ValueError("cut off")
        found.append((tag, der[start : start + length]))
        der = der[start + length :]
    return found


def _inside(der: bytes, tag: int) -> bytes:
    """What the first element holds, which has to have this tag."""
    first, content = _parts(der)[0]
    if first != tag:
        raise ValueError("another element than expected")
    return content

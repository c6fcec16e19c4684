"""The digests that several sources sign with. Pure: text comes in, text goes out.

All hash the UTF-8 bytes of exactly the text they are given; what belongs into that text stands in each adapter. Those
that prove a push take its body as it came, in bytes.
"""

import base64
import hashlib
import hmac
from urllib.parse import quote_plus


def md5_base64(text: str) -> str:
    """Base64 of the 16 raw bytes of the MD5 digest: 24 characters."""
    return base64.b64encode(hashlib.md5(text.encode(), usedforsecurity=False).digest()).decode()


def md5_upper_hex(text: str) -> str:
    """The MD5 digest as 32 upper-case hex digits."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def md5_hex_base64(text: str) -> str:
    """Base64 of the MD5 digest as 32 lower-case hex digits, not of its raw bytes: 44 characters."""
    return base64.b64encode(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().encode()).decode()


def md5_lower_hex(text: str) -> str:
    """The MD5 digest as 32 lower-case hex digits."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def sha256_lower_hex(signed: bytes) -> str:
    """The SHA-256 digest as 64 lower-case hex digits."""
    return hashlib.sha256(signed).hexdigest()


def hmac_sha256_base64(signed: bytes, secret: str) -> str:
    """Base64 of the 32 raw bytes of the HMAC with SHA-256: 44 characters."""
    return base64.b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()


def hmac_sha256_lower_hex(signed: bytes, secret: str) -> str:
    """The HMAC with SHA-256 as 64 lower-case hex digits, over bytes as they came."""
    return hmac.digest(secret.encode(), signed, "sha256").hex()


def java_urlencode(text: str) -> str:
    """`text` as `java.net.URLEncoder` writes it: a space is `+`, `*` stays, `~` does not."""
    return quote_plus(text, safe="*-._").replace("~", "%7E")


def basic_authorization(user: str, password: str) -> str:
    """The `Authorization` of HTTP Basic: both with a colon between them, base64."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

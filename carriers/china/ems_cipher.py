"""How China Post seals what it is asked and what it tells: SM4 in ECB mode with PKCS #7 padding, base64, a mark before.

Text comes in, text goes out. Whoever holds the key can read and write; nothing else shows who wrote.
"""

import base64
import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

_MARK = "|$4|"


def sealed(plain: str, sign_key: str) -> str:
    """The text under the key, which is the base64 of 16 bytes."""
    padder = PKCS7(algorithms.SM4.block_size).padder()
    encryptor = _cipher(sign_key).encryptor()
    padded = padder.update(plain.encode()) + padder.finalize()
    return _MARK + base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def opened(sealed_text: str, sign_key: str) -> str:
    """The text that was sealed; `ValueError` when it was not sealed so, or under another key."""
    if not sealed_text.startswith(_MARK):
        raise ValueError("not sealed with SM4")
    raw = base64.b64decode(sealed_text.removeprefix(_MARK), validate=True)
    decryptor = _cipher(sign_key).decryptor()
    unpadder = PKCS7(algorithms.SM4.block_size).unpadder()
    padded = decryptor.update(raw) + decryptor.finalize()
    return (unpadder.update(padded) + unpadder.finalize()).decode()


def _cipher(sign_key: str) -> Cipher[modes.ECB]:
    return Cipher(algorithms.SM4(_key(sign_key)), modes.ECB())  # noqa: S305 - the source's mode


def _key(sign_key: str) -> bytes:
    """The 16 bytes. A mistyped key gives some that nobody else has: the source then says that the key is wrong, as it
    does of any other wrong one."""
    try:
        raw = base64.b64decode(sign_key, validate=True)
    except ValueError:
        raw = b""
    right = len(raw) * 8 in algorithms.SM4.key_sizes
    return raw if right else hashlib.md5(sign_key.encode(), usedforsecurity=False).digest()

"""The digests, on values computed by other means."""

import base64

from carriers import signing


def test_base64_is_of_the_raw_digest() -> None:
    assert signing.md5_base64("") == "1B2M2Y8AsgTpgAmY7PhCfg=="


def test_hex_is_upper_case() -> None:
    assert signing.md5_upper_hex("") == "D41D8CD98F00B204E9800998ECF8427E"


def test_base64_can_be_of_the_hex_digits_of_the_digest() -> None:
    assert signing.md5_hex_base64("") == "ZDQxZDhjZDk4ZjAwYjIwNGU5ODAwOTk4ZWNmODQyN2U="
    assert signing.md5_hex_base64("订单") != signing.md5_base64("订单")


def test_hex_is_lower_case_where_the_source_wants_it() -> None:
    assert signing.md5_lower_hex("") == "d41d8cd98f00b204e9800998ecf8427e"


def test_java_keeps_the_star_and_escapes_the_tilde() -> None:
    assert signing.java_urlencode("a b*c-d.e_f~g+h&张") == "a+b*c-d.e_f%7Eg%2Bh%26%E5%BC%A0"


def test_sha256_is_of_the_bytes_as_they_came() -> None:
    assert signing.sha256_lower_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert signing.sha256_lower_hex(b"\xff").islower()


def test_a_keyed_digest_is_base64_of_its_raw_bytes() -> None:
    # the second test case of RFC 4231
    signed = signing.hmac_sha256_base64(b"what do ya want for nothing?", "Jefe")
    due = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert base64.b64decode(signed).hex() == due


def test_an_hmac_is_the_example_of_its_standard() -> None:
    assert (
        signing.hmac_sha256_lower_hex(b"what do ya want for nothing?", "Jefe")
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_basic_is_the_example_of_its_standard() -> None:
    assert signing.basic_authorization("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="

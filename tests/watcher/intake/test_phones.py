"""What can be dialled, and the four digits a carrier checks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.intake.phones import dial, phone_tail


@pytest.mark.parametrize(
    "raw",
    [
        "13800000001",
        "138 0000 0001",
        "138-0000-0001",
        "+86 138 0000 0001",
        "8613800000001",
        "0086-13800000001",
        "086-13800000001",
        "013800000001",
        "１３８０００００００１",
        "手机:13800000001",
        "13800000001/13800000002",
        "13800000001,13800000002",
        "13800000001-",
        "13800000001 3号楼",
    ],
)
def test_a_mobile_is_dialled_however_it_is_written(raw: str) -> None:
    phone = dial(raw)
    assert phone is not None
    assert (phone.kind, phone.national, phone.extension) == ("mobile", "13800000001", None)
    assert phone.tel_uri == "tel:+8613800000001"
    assert phone.shown == "138 0000 0001"
    assert phone.masked == "138****0001"


@pytest.mark.parametrize(
    "raw",
    [
        "13800001234-5678",
        "13800001234转5678",
        "13800001234分机5678",
        "13800001234,5678",
        "13800001234，5678",
        "13800001234#5678",
        "13800001234 5678",
        "13800001234[5678]",
        "13800001234（5678）",
        "13800001234 ext. 5678",
        "+86 13800001234-5678",
        "１３８００００１２３４－５６７８",
        "13800001234—5678",
    ],
)
def test_a_virtual_number_keeps_its_extension(raw: str) -> None:
    phone = dial(raw)
    assert phone is not None
    assert (phone.kind, phone.national, phone.extension) == ("virtual", "13800001234", "5678")
    assert phone.tel_uri == "tel:+8613800001234;ext=5678"
    assert phone.shown == "138 0000 1234-5678"
    assert phone.masked == "138****1234-****"
    assert phone_tail(raw) == "5678"


@pytest.mark.parametrize(
    ("raw", "national", "extension", "uri", "masked"),
    [
        ("0755-82345678", "075582345678", None, "tel:+8675582345678", "0755-****5678"),
        ("(0755)82345678", "075582345678", None, "tel:+8675582345678", "0755-****5678"),
        ("075582345678", "075582345678", None, "tel:+8675582345678", "0755-****5678"),
        ("+86 755 8234 5678", "075582345678", None, "tel:+8675582345678", "0755-****5678"),
        ("75582345678", "075582345678", None, "tel:+8675582345678", "0755-****5678"),
        ("010-62345678转12", "01062345678", "12", "tel:+861062345678;ext=12", "010-****5678-****"),
        ("0534-2611111", "05342611111", None, "tel:+865342611111", "0534-***1111"),
    ],
)
def test_a_landline_is_dialled_with_its_area_code(
    raw: str, national: str, extension: str | None, uri: str, masked: str
) -> None:
    phone = dial(raw)
    assert phone is not None
    assert (phone.kind, phone.national, phone.extension) == ("landline", national, extension)
    assert (phone.tel_uri, phone.masked) == (uri, masked)


@pytest.mark.parametrize(
    ("raw", "uri", "shown"),
    [
        ("95338", "tel:95338", "95338"),
        ("95311", "tel:95311", "95311"),
        ("11183", "tel:11183", "11183"),
        ("400-811-1111", "tel:4008111111", "400-811-1111"),
        ("4008111111转801", "tel:4008111111;ext=801", "400-811-1111-801"),
        ("400 8888 123", "tel:4008888123", "400-888-8123"),
    ],
)
def test_a_hotline_is_dialled_as_printed_and_is_no_secret(raw: str, uri: str, shown: str) -> None:
    phone = dial(raw)
    assert phone is not None
    assert (phone.kind, phone.tel_uri, phone.shown, phone.masked) == ("hotline", uri, shown, shown)


def test_a_number_abroad_is_dialled_with_its_country() -> None:
    phone = dial("+852 5123 4567")
    assert phone is not None
    assert (phone.kind, phone.tel_uri, phone.masked) == ("mobile", "tel:+85251234567", "+852 ****4567")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "无",
        "138****0001",
        "138xxxx0001",
        "***0001",
        "82345678",
        "1380000000",
        "138000000012",
        "0755 12",
        "+999 1",
    ],
)
def test_what_cannot_be_dialled_is_nothing(raw: str) -> None:
    assert dial(raw) is None


def test_a_masked_number_gives_way_to_a_whole_one_beside_it() -> None:
    phone = dial("138****0001 / 13800000002")
    assert phone is not None
    assert phone.national == "13800000002"


@pytest.mark.parametrize(
    ("raw", "tail"),
    [
        ("13800000001", "0001"),
        ("0001", "0001"),
        ("138****0001", "0001"),
        ("138****0001-5678", "5678"),
        ("13800001234-8", "1234"),
        ("0755-82345678-801", "5678"),
        ("1380000****", None),
        ("123", None),
        ("12345", None),
        ("", None),
    ],
)
def test_the_tail_is_the_four_digits_that_a_carrier_checks(raw: str, tail: str | None) -> None:
    assert phone_tail(raw) == tail


def test_a_phone_never_prints_itself() -> None:
    assert "13800000001" not in repr(dial("13800000001"))
    assert "5678" not in repr(dial("13800001234-5678"))


_NEARLY = st.text(alphabet="0123456789+-*()[] ,#转分机xX/;.０１９٣", max_size=40)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=60), _NEARLY))
def test_no_text_at_all_raises(raw: str) -> None:
    phone = dial(raw)
    tail = phone_tail(raw)
    assert tail is None or (len(tail) == 4 and tail.isascii() and tail.isdigit())
    if phone is not None:
        assert phone.national.isascii()
        assert phone.national.isdigit()
        assert phone.tel_uri.startswith("tel:")

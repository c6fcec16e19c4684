"""Check digits, on numbers that the carriers publish for tests, and on the same numbers spoilt."""

from collections.abc import Callable

import pytest

from carriers import check_digits

GOOD = {
    check_digits.ups: "1Z5R89390357567127 1Z879E930346834440 1Z410E7W0392751591 K1506235620 J4603636537 K2479825491",
    check_digits.fedex: (
        "986578788855 477179081230 799531274483 1001921334250001000300779017972697 "
        "1001921380360001000300639585804382 1001901781990001000300617767839437 32971514560102447849175802862014 "
        "32971510360102447848540980802018 041441760228964 568283610012000 568283610012734 000123450000000027 "
        "9611020987654312345672 9622001900000000000000776632517510 9622001560000000000000794808390594"
    ),
    check_digits.usps: (
        "03071790000523483741 71123456789123456787 9400111206206406260787 9405803699300124287899 "
        "92748931507708513018050063 9261292700768711948021 9505511069605048600624 420787459400111206206406260787 "
        "9101123456789000000013 71969010756003077385 RB123456785US"
    ),
    check_digits.dhl: "3318810025 8487135506 73891051146",
    check_digits.s10: "RR123456785CN RB123456785GB RB123456785US",
}
BAD = {
    check_digits.ups: "1Z1111111111111111 K1506235622 1Z12345E0205271688",
    check_digits.fedex: "996578788855 568283610012732",
    check_digits.usps: "03071790000523483742 RB123456784US",
    check_digits.dhl: "3318810010",
    check_digits.s10: "RR123456784CN",
}
Check = Callable[[str], bool | None]


@pytest.mark.parametrize(
    ("check", "number"), [(check, number) for check, listed in GOOD.items() for number in listed.split()]
)
def test_a_published_number_passes(check: Check, number: str) -> None:
    assert check(number) is True


@pytest.mark.parametrize(
    ("check", "number"), [(check, number) for check, listed in BAD.items() for number in listed.split()]
)
def test_a_spoilt_number_fails(check: Check, number: str) -> None:
    assert check(number) is False


@pytest.mark.parametrize("check", GOOD)
@pytest.mark.parametrize(
    "number", ["", "SF1000000000001", "1Z", "RR1234567890", "９８６５７８７８８８５５", "x" * 12]
)
def test_another_form_has_no_check_digit(check: Check, number: str) -> None:
    assert check(number) is None


@pytest.mark.parametrize(("check", "listed"), GOOD.items())
def test_any_wrong_last_digit_is_seen(check: Check, listed: str) -> None:
    for number in listed.split():
        if number[-1].isdigit():
            others = [f"{number[:-1]}{digit}" for digit in "0123456789" if digit != number[-1]]
            if check is check_digits.usps and len(number) == 20:
                continue  # two digits are right: with and without the 91 that may stand before it
            if len(number) == 32:
                continue  # the check digit is not the last
            assert not any(check(other) for other in others), number

"""Options are read and bodies serialised the same way for every source."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from carriers.china import sf, zto
from carriers.contract import Account
from carriers.questions import batch_size, choice, compact_json, epoch_milliseconds, form_body, switch


def an_account(**options: str) -> Account:
    return Account("a", "s", {}, options=options)


def test_an_option_that_is_not_set_is_the_first_of_its_values() -> None:
    assert choice(an_account(), "mode", ("a", "b")) == "a"
    assert choice(an_account(mode="b"), "mode", ("a", "b")) == "b"


def test_an_option_with_another_value_is_named_without_it() -> None:
    with pytest.raises(ValueError, match="option mode is one of a, b") as caught:
        choice(an_account(mode="secret"), "mode", ("a", "b"))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("default", [True, False])
def test_a_switch_is_true_or_false(*, default: bool) -> None:
    assert switch(an_account(), "on", default=default) is default
    assert switch(an_account(on="true"), "on", default=default) is True
    assert switch(an_account(on="false"), "on", default=default) is False


def test_json_is_compact_and_keeps_characters_and_order() -> None:
    assert compact_json({"b": "张/", "a": [1, True]}) == '{"b":"张/","a":[1,true]}'


def test_a_form_keeps_its_order() -> None:
    assert form_body({"b": "1 2", "a": "张"}) == b"b=1+2&a=%E5%BC%A0"


def test_milliseconds_are_whole() -> None:
    assert epoch_milliseconds(datetime(2025, 1, 2, 3, 0, 0, 999_600, tzinfo=UTC)) == "1735786801000"


def test_a_batch_is_what_the_source_takes_or_less_where_the_account_may_say_so() -> None:
    assert batch_size(sf.INFO, an_account()) == sf.INFO.batch_size
    # an option of that name which the source does not have changes nothing
    assert batch_size(sf.INFO, an_account(batch_size="2")) == sf.INFO.batch_size
    sheet = replace(zto.INFO, batch_size=35, options={"batch_size": ""})
    assert batch_size(sheet, an_account()) == 35
    assert batch_size(sheet, an_account(batch_size="1")) == 1


@pytest.mark.parametrize("wanted", ["", "0", "36", "-1", "1.5", "many", "²"])
def test_a_batch_that_the_source_does_not_take_is_refused(wanted: str) -> None:
    sheet = replace(zto.INFO, batch_size=35, options={"batch_size": ""})
    with pytest.raises(ValueError, match="option batch_size is a number from 1 to 35"):
        batch_size(sheet, an_account(batch_size=wanted))

"""Every code of the fact sheet on Aliyun Market is in our tables and means what the sheet says, save what is listed."""

import re

from code_tables import agree, assert_every_table_is_known, the
from fact_sheets import meaning, passage, tables

from carriers.aggregators import aliyun_market, aliyun_market_codes
from carriers.errors import AccountError, QuotaExhausted, RateLimited, SourceUnavailable, TransientError

CODES = {
    ("3", 0): 8,  # the gateway
    ("4", 0): 3,  # products
    ("4", 1): 6,  # results
    ("4", 2): 7,  # states
}


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("aliyun_market", CODES, set())


def test_every_refusal_of_the_gateway_has_the_class_that_the_sheet_wants() -> None:
    wanted = {"auth": AccountError, "config": AccountError, "quota": QuotaExhausted}
    ours = aliyun_market_codes.GATEWAY_WORDS
    looked_at = 0
    for status, words, kind in the("aliyun_market", "3").rows:
        if status not in {"400", "403"}:
            continue
        for said in re.split(r"[/,]", words):
            sign = said.strip(" `").lower()
            (error,) = {error for number, known, error in ours if str(number) == status and known in sign}
            assert issubclass(error, wanted[kind.split(" ")[0]]), sign
            looked_at += 1
    assert looked_at == 7


def test_every_other_status_of_the_gateway_is_http_s_own() -> None:
    said = {row[0]: row[2].split(" ")[0] for row in the("aliyun_market", "3").rows}
    assert said.keys() == {"200", "400", "401", "403", "429", "5xx"}
    assert (said["401"], said["5xx"], said["429"]) == ("auth", "retryable", "retryable")
    assert issubclass(RateLimited, TransientError)
    assert issubclass(SourceUnavailable, TransientError)


def test_every_product_of_the_sheet_is_asked_where_it_says() -> None:
    said = [re.search(r"https://(\w+)[\w.]*(/\w+)\?", row[1]) for row in the("aliyun_market", "4").rows]
    assert len(said) == 3
    known = {
        (product.base_url.removeprefix("https://").partition(".")[0], product.path)
        for product in aliyun_market_codes.PRODUCTS.values()
    }
    assert {(found[1], found[2]) for found in said if found} <= known


def test_every_address_of_the_other_products_is_known() -> None:
    ours = {product.base_url + product.path for product in aliyun_market_codes.PRODUCTS.values()}
    for section in ("5", "6", "7", "8"):
        address = passage("aliyun_market", section, r"`GET (https?://[\w./-]+)\?")
        assert address.replace("http://", "https://") in ours


def test_every_result_code_has_the_class_that_the_sheet_wants() -> None:
    said = {row[0]: row[2] for row in tables("aliyun_market")[2].rows}
    assert said.pop("204") == "carrier not detected"
    assert said.pop("207") == "rate/auth"
    assert said.keys() - {"0"} == aliyun_market.RESULT_CODES.keys() - {"204", "207"}
    assert aliyun_market.RESULT_CODES["207"] is RateLimited


def test_every_state_of_wuliu_is_known_with_its_meaning() -> None:
    said = {row[0]: meaning(row[2], row[3]) for row in the("aliyun_market", "4", 2).rows}
    assert len(said) == 7
    agree(said, aliyun_market.MILESTONES)


def test_every_status_of_qyexpress_is_one_of_cainiao_s() -> None:
    listed = re.findall(r"[A-Z_]{4,}", passage("aliyun_market", "6", r"logisticsStatus: ([A-Z_, ]+)"))
    assert len(listed) == 7
    assert set(listed) <= aliyun_market.MILESTONES.keys()

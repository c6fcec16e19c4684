"""Both languages, complete: every message has its Chinese, every closed word both."""

from enum import StrEnum
from pathlib import Path

import httpx
import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from browser.story import FORM_TOKEN, an_unreachable_recipient, item_of, queued

import watcher.web
from carriers.contract import Milestone, Reason
from carriers.registry import SOURCES
from watcher import model
from watcher.clock import ManualClock
from watcher.coverage.table import Level
from watcher.queue import refusals
from watcher.queue.contacts import Who
from watcher.store.engine import Store
from watcher.web import languages
from watcher.web.console.pages import Said

TOKEN = {"form_token": FORM_TOKEN}
SHOWN = (
    Milestone, Reason, Level, Who, Said, model.OrderState, model.Box, model.PollReason, model.PollOutcome,
    model.PollWay, model.Breaker, model.Urgency, model.AlertClose, model.Suppression, model.WorkItemState,
    model.WorkItemEventKind, model.CloseReason, model.Fate, model.Role,
)  # fmt: skip


def messages() -> set[str]:
    folder = Path(watcher.web.__file__).parent
    methods = [("**.html", "jinja2"), ("**.py", "python")]
    found = extract_from_dir(folder, method_map=methods, keywords=DEFAULT_KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found if isinstance(message, str)}


def test_every_message_of_the_pages_has_its_chinese_and_nothing_else_stands_there() -> None:
    chinese = {m.id: m.string for m in languages.catalogue("zh") if m.id and not m.context}
    assert len(messages()) > 100
    assert messages() == set(chinese)
    assert [text for text, said in chinese.items() if not said] == []


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_nothing_in_a_catalogue_is_empty_fuzzy_or_loses_a_placeholder(language: languages.Language) -> None:
    catalogue = languages.catalogue(language)
    for message in catalogue:
        if not message.id:
            continue
        assert message.string, message.id
        assert not message.fuzzy, message.id
        assert list(message.check(catalogue)) == []


@pytest.mark.parametrize("language", languages.LANGUAGES)
@pytest.mark.parametrize("kind", SHOWN)
def test_every_word_of_a_closed_list_is_said_in_both_languages(
    kind: type[StrEnum], language: languages.Language
) -> None:
    spoken = languages.load()[language]
    known = {(m.context, m.id) for m in languages.catalogue(language)}
    for value in kind:
        assert (languages.context_of(kind), value.value) in known
        assert "_" not in languages.word(value, translations=spoken)


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_every_refusal_is_said_in_both_languages(language: languages.Language) -> None:
    known = {m.id for m in languages.catalogue(language) if m.context == "refusal"}
    names = {kind.__name__ for kind in refusals.WorkRefused.__subclasses__()}
    assert names - {"UnknownWorkItem"} <= known


def test_every_carrier_has_a_name_of_its_own_or_in_the_catalogue() -> None:
    known = {m.id for m in languages.catalogue("zh") if m.context == "carrier"}
    carriers = {code for adapter in SOURCES.values() for code in adapter.INFO.carriers}
    assert carriers <= known | set(SOURCES)


@pytest.mark.parametrize(
    ("asked", "preferred", "remembered", "accepted", "spoken"),
    [
        ("en", "zh", "zh", "zh", "en"),
        (None, "en", "zh", "zh", "en"),
        (None, None, "en", "zh", "en"),
        (None, None, None, "en-GB,en;q=0.9", "en"),
        (None, None, None, "fr, en;q=0.5, zh-TW;q=0.7", "zh"),
        (None, None, None, "en;q=0, zh;q=0.1", "zh"),
        (None, None, None, "en;q=x", "zh"),
        (None, None, None, "fr", "zh"),
        ("xx", "", "<b>", None, "zh"),
    ],
)
def test_the_language_is_the_first_that_somebody_wished(
    asked: str | None, preferred: str | None, remembered: str | None, accepted: str | None, spoken: str
) -> None:
    assert (
        languages.choose(asked=asked, preferred=preferred, remembered=remembered, accepted=accepted) == spoken
    )


async def test_a_person_keeps_the_language_they_chose(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    an_unreachable_recipient(sqlite_store)
    queued(sqlite_store, clock)
    item = item_of(sqlite_store, 1)
    assert '<html lang="zh-CN">' in (await bob.get("/queue")).text
    answer = await bob.post("/language", data={**TOKEN, "language": "en", "back": f"/work-items/{item}"})
    assert answer.headers["location"] == f"/work-items/{item}"
    bob.cookies.delete("watcher_language")
    text = (await bob.get(f"/work-items/{item}")).text
    assert '<html lang="en">' in text
    for words in ("Whom to call", "Recipient not reached", "Hello", "redelivery agreed", "tomorrow 09:00"):
        assert words in text


async def test_an_unknown_language_changes_nothing(bob: httpx.AsyncClient) -> None:
    answer = await bob.post("/language", data={**TOKEN, "language": "xx", "back": "//elsewhere.test"})
    assert answer.headers["location"] == "/queue"
    assert '<html lang="zh-CN">' in (await bob.get("/queue")).text


async def test_the_door_remembers_the_language_in_the_browser(charlie: httpx.AsyncClient) -> None:
    assert "Password" in (await charlie.get("/sign-in?lang=en")).text
    assert "Password" in (await charlie.get("/sign-in")).text

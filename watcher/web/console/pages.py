"""Turns a template and values into a page in the right language; one Jinja environment per language, built once."""

import gettext
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from carriers.contract import SHANGHAI
from watcher import staff
from watcher.detection import table
from watcher.model import PollOutcome, Rule
from watcher.web import languages, saying
from watcher.web.guard import services_of, session_of, set_cookie
from watcher.web.languages import Language
from watcher.web.lookout import COUNT_AT_MOST, Concerns, Lookout
from watcher.web.masking import mask_numbers, unless_open
from watcher.web.services import Services

HERE = Path(__file__).parent
STATIC = HERE / "static"
LANGUAGE_COOKIE = "watcher_language"
_SERVER_ERROR = 500
_YEAR_SECONDS = 365 * 24 * 3600


class Said(StrEnum):
    """What the last change came to, named in the address of the page that follows it."""

    CLAIMED = "claimed"
    RELEASED = "released"
    NOTED = "noted"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    NOTHING_TO_CALL = "nothing_to_call"
    SIGNED_OUT = "signed_out"
    LABELLED = "labelled"
    LABEL_WITHDRAWN = "label_withdrawn"


@dataclass(frozen=True, slots=True)
class Pages:
    """All templates in all languages."""

    environments: Mapping[Language, Environment]
    spoken: Mapping[Language, gettext.NullTranslations]

    def show(
        self, request: Request, template: str, values: Mapping[str, Any], *, status: int = 200
    ) -> HTMLResponse:
        """A page for whoever asks."""
        language = language_of(request)
        page = self.environments[language].get_template(template)
        session = session_of(request)
        concerns = lookout_of(request).concerns() if session else Concerns()
        shell = _shell(request, session=session, language=language, concerns=concerns)
        response = HTMLResponse(page.render(**shell, **values), status_code=status)
        if languages.as_language(request.query_params.get("lang")):
            remember_language(response, language, secure=services_of(request).cookie_secure)
        return response

    def show_error(self, request: Request, status: int, *, message: str | None = None) -> HTMLResponse:
        """The page of an error, with the frame of whoever is signed in where our own side is not what broke."""
        session, concerns = (None, Concerns()) if status >= _SERVER_ERROR else _known(request)
        language = _language(request, preferred=session.language if session else None)
        page = self.environments[language].get_template("error.html")
        shell = _shell(request, session=session, language=language, concerns=concerns)
        return HTMLResponse(page.render(**shell, status=status, message=message), status_code=status)


def build_pages(services: Services) -> Pages:
    """Read templates' folder and catalogues."""
    spoken = languages.load()
    version = assets_version()
    return Pages(
        {
            language: _environment(services, language, translations, assets=version)
            for language, translations in spoken.items()
        },
        spoken,
    )


def pages_of(request: Request) -> Pages:
    """The templates the site was built with."""
    pages: Pages = request.app.state.pages
    return pages


def lookout_of(request: Request) -> Lookout:
    """What looks whether everything is being watched."""
    lookout: Lookout = request.app.state.lookout
    return lookout


def language_of(request: Request) -> Language:
    """The language of this request."""
    session = session_of(request)
    return _language(request, preferred=session.language if session else None)


def remember_language(response: HTMLResponse, language: Language, *, secure: bool) -> None:
    """Keep the language in the browser."""
    set_cookie(response, LANGUAGE_COOKIE, language, secure=secure, seconds=_YEAR_SECONDS)


def assets_version() -> str:
    """Changes whenever a file of ours does, so that browsers may keep the files for long."""
    whole = hashlib.blake2b(digest_size=6)
    for file in sorted(STATIC.iterdir()):
        whole.update(file.read_bytes())
    return whole.hexdigest()


def _language(request: Request, *, preferred: str | None) -> Language:
    return languages.choose(
        asked=request.query_params.get("lang"),
        preferred=preferred,
        remembered=request.cookies.get(LANGUAGE_COOKIE),
        accepted=request.headers.get("accept-language"),
    )


def _known(request: Request) -> tuple[staff.Session | None, Concerns]:
    """Whose browser this is and what they should know, where the database still tells."""
    try:
        session = session_of(request)
        return session, lookout_of(request).concerns() if session else Concerns()
    except sa.exc.SQLAlchemyError:
        return None, Concerns()


def _shell(
    request: Request, *, session: staff.Session | None, language: Language, concerns: Concerns
) -> dict[str, Any]:
    services = services_of(request)
    return {
        "session": session,
        "form_token": session.form_token if session else "",
        "language": language,
        "other_language": "en" if language == "zh" else "zh",
        "path": request.url.path,
        "here": _here(request),
        "now": services.clock.now(),
        "real_now": services.real_clock.now(),
        "version": services.version,
        "said": _said(request),
        "concerns": concerns,
        "counted_most": COUNT_AT_MOST,
        "demo_second": timedelta(seconds=services.demo_speed) if services.demo_speed else None,
    }


def _here(request: Request) -> str:
    """The address of this page where it can be opened again, else the queue."""
    if request.method != "GET":
        return "/queue"
    shown = request.url.remove_query_params(["lang", "said"])
    return f"{shown.path}?{shown.query}" if shown.query else shown.path


def _said(request: Request) -> Said | None:
    word = request.query_params.get("said")
    return next((said for said in Said if said == word), None)


def _environment(
    services: Services, language: Language, spoken: gettext.NullTranslations, *, assets: str
) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(spoken, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "yuan": saying.yuan,
        "masked": mask_numbers,
        "unless_open": unless_open,
        "word": partial(languages.word, translations=spoken),
        "when": _when(spoken),
        "age": _age(spoken),
        "span": partial(saying.span, spoken=spoken),
        "clock": _clock,
        "read_time": datetime.fromisoformat,
    }
    environment.globals |= {
        "assets": assets,
        "carrier_name": _carrier_names(services, language, spoken),
        "sentence": partial(table.sentence, language=language),
        "rule_name": partial(table.name, language=language),
        "known_rule_name": partial(_known_rule_name, language=language),
        "known_word": lambda value, context: spoken.pgettext(context, value),
        "refusal": partial(spoken.pgettext, "refusal"),
        "advice": partial(_advice, spoken=spoken),
    }
    return environment


def _carrier_names(
    services: Services, language: Language, spoken: gettext.NullTranslations
) -> Callable[[str], str]:
    """What people call a carrier or a source: from its adapter, else from the catalogue, else its id."""

    def carrier_name(word: str) -> str:
        info = services.sources.get(word)
        if info is None:
            return spoken.pgettext("carrier", word)
        return info.name_zh if language == "zh" else info.name_en

    return carrier_name


@pass_context
def _clock(context: Context, moment: datetime) -> Markup:
    now: datetime = context["now"]
    return saying.time_tag(moment, saying.local(moment, now), title=_exact(moment))


def _known_rule_name(word: str, *, language: Language) -> str:
    """The name of a rule as an old event gives it; one that is no longer there keeps its word."""
    return table.name(Rule(word), language=language) if word in set(Rule) else word


def _advice(fault: PollOutcome, account: str, *, spoken: gettext.NullTranslations) -> str:
    """What a person can do about an account that does not answer; empty where waiting is all there is."""
    said = spoken.pgettext("advice", fault.value)
    return "" if said == fault.value else said % {"account": account}


def _when(spoken: gettext.NullTranslations) -> Any:
    @pass_context
    def when(context: Context, moment: datetime) -> Markup:
        now: datetime = context["now"]
        clock_time = saying.local(moment, now)
        age = saying.age(moment, now, spoken)
        return saying.time_tag(moment, f"{clock_time} · {age}", title=_exact(moment))

    return when


def _age(spoken: gettext.NullTranslations) -> Any:
    @pass_context
    def age(context: Context, moment: datetime, now: datetime | None = None) -> Markup:
        reference: datetime = now or context["now"]
        return saying.time_tag(moment, saying.age(moment, reference, spoken), title=_exact(moment))

    return age


def _exact(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S +08:00")

"""From settings and secrets to the accounts that are asked: credentials put together, and where each is called back."""

import hmac
from collections.abc import Mapping
from hashlib import sha256

from carriers.contract import Account, Arranged
from carriers.registry import pushing, source
from watcher.settings import AccountSettings, Settings, account_credentials, read_secret

PUSH_SALT = "push_salt"
"""The name of the secret that signs an account's pushes, where the operator gives one."""


def source_account(settings: Settings, name: str, environ: Mapping[str, str]) -> Account:
    """The account with its secrets; raises `SettingsError` with the names of those that are missing."""
    account = settings.accounts[name]
    info = source(account.source).INFO
    needed = account_credentials(settings, name, info.credentials, environ)
    found = {
        secret: read_secret(name, secret, environ=environ)
        for secret in (*info.optional_credentials, PUSH_SALT)
    }
    return Account(
        id=name,
        source=account.source,
        credentials={**needed, **{secret: value for secret, value in found.items() if value is not None}},
        base_url=account.base_url or None,
        options=dict(account.options),
    )


def is_called_back(settings: Settings, account: AccountSettings) -> bool:
    """Whether pushes of this account's source reach us."""
    return account.push and bool(settings.web.public_url) and pushing(account.source) is not None


def address_to_enter(settings: Settings, account: Account) -> str:
    """What has to be entered in the vendor's console for pushes to come; empty where the subscription tells it."""
    adapter = pushing(account.source)
    if adapter is None or not (adapter.PUSH.console or adapter.PUSH.arranged is Arranged.BY_ACCOUNT):
        return ""
    return push_address(settings, account)


def push_address(settings: Settings, account: Account) -> str:
    """Where the account's source calls us; empty where we cannot be called."""
    base = settings.web.public_url.rstrip("/")
    return f"{base}/push/{account.id}/{push_key(account)}" if base else ""


def push_key(account: Account) -> str:
    """The end of the address at which an account is called, known to its source alone: 24 hex digits."""
    return hmac.new(push_secret(account).encode(), f"path {account.id}".encode(), sha256).hexdigest()[:24]


def push_secret(account: Account) -> str:
    """The secret that signs pushes to this account: `push_salt` where given, else made from the credentials, so that
    every container knows it and no row holds it."""
    given = account.credentials.get(PUSH_SALT)
    if given:
        return given
    key = "\x1f".join(f"{name}={value}" for name, value in sorted(account.credentials.items()))
    return hmac.new(key.encode(), f"push {account.id}".encode(), sha256).hexdigest()[:32]

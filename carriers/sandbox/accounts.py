"""The accounts that the sandbox knows: what a caller has to be given to be let in.

They are invented and the same in every sandbox, so a demo, a test and a developer's shell all use them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SF_PARTNER_ID = "SANDBOXSF01"
SF_CHECKWORD = "sandbox-checkword-0001"
ZTO_APP_KEY = "sandbox-zto-app"
ZTO_APP_SECRET = "sandbox-zto-secret-0001"  # noqa: S105 - the sandbox's own, opens nothing else
KUAIDI100_KEY = "sandboxKEY01"
KUAIDI100_CUSTOMER = "0A5A11DB0A5A11DB0A5A11DB0A5A11DB"


@dataclass(frozen=True, slots=True)
class SandboxAccount:
    """One source's account: the path under the server's address and the credentials, in the vendor's words."""

    source: str
    path: str
    credentials: Mapping[str, str]

    def base_url(self, server_url: str) -> str:
        """What an adapter's account has to carry as its base URL."""
        return server_url.rstrip("/") + self.path


ACCOUNTS: tuple[SandboxAccount, ...] = (
    SandboxAccount(
        "sf",
        "/sf/std/service",
        MappingProxyType({"partner_id": SF_PARTNER_ID, "checkword": SF_CHECKWORD}),
    ),
    SandboxAccount(
        "zto",
        "/zto",
        MappingProxyType({"app_key": ZTO_APP_KEY, "app_secret": ZTO_APP_SECRET}),
    ),
    SandboxAccount(
        "kuaidi100",
        "/kuaidi100",
        MappingProxyType({"key": KUAIDI100_KEY, "customer": KUAIDI100_CUSTOMER}),
    ),
)

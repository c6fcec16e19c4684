"""What can go wrong between us and a source, cut by whose fault it is and whether waiting helps.

    CarrierError
    ├── TransientError            scope: source · waiting helps
    │   ├── SourceUnreachable     no connection, no answer in time, TLS refused
    │   ├── SourceUnavailable     it answered that it cannot answer (502, 503, "system busy")
    │   └── RateLimited           too many calls; `retry_after` where the source says how long
    ├── AccountError              scope: account · a person must act
    │   ├── AuthenticationFailed  unknown key, wrong signature, expired key
    │   ├── AccessDenied          key is right, but address, service or contract is not
    │   └── QuotaExhausted        paid or daily quota used up
    ├── ShipmentError             scope: one number · its neighbours are untouched
    │   ├── InvalidNumber         the source says this is no number of that carrier
    │   ├── NotFoundYet           no record so far; waiting helps
    │   ├── OwnershipRefused      phone tail missing or wrong, or not our parcel
    │   └── Expired               the source has forgotten it
    └── UnreadableResponse        our adapter is out of date, or something stood in between

No message holds a secret, a name, a phone or an address: `detail` is worded by us; what the source wrote stays out.
"""

from datetime import timedelta


class CarrierError(Exception):
    """One call, or one number of a call, failed at `source`; `code` is the source's own code, if it gave one."""

    def __init__(
        self, source: str, *, code: str | None = None, detail: str = "", retry_after: timedelta | None = None
    ) -> None:
        self.source = source
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        super().__init__(source, code, detail)

    def __str__(self) -> str:
        said = f" (code {self.code})" if self.code else ""
        return f"{self.source}: {self.detail or type(self).__name__}{said}"


class TransientError(CarrierError):
    """The source cannot answer now; the same call later may succeed."""


class SourceUnreachable(TransientError):
    """No connection, or no answer within the time-out."""


class SourceUnavailable(TransientError):
    """The source answered that it cannot answer."""


class RateLimited(TransientError):
    """Too many calls; `retry_after` holds what the source asked for, if it did."""


class AccountError(CarrierError):
    """Nothing can be asked with this account until a person has acted."""


class AuthenticationFailed(AccountError):
    """Unknown or expired key, or a signature the source does not accept."""


class AccessDenied(AccountError):
    """The key is right, but the address, the service or the contract is not allowed."""


class QuotaExhausted(AccountError):
    """The paid or daily quota is used up."""


class ShipmentError(CarrierError):
    """Concerns one number only."""


class InvalidNumber(ShipmentError):
    """The source says this cannot be one of that carrier's numbers."""


class NotFoundYet(ShipmentError):
    """No record so far; normal in the first hours."""


class OwnershipRefused(ShipmentError):
    """The phone tail is missing or wrong, or the parcel was not ordered through this account."""


class Expired(ShipmentError):
    """The source no longer keeps this number."""


class UnreadableResponse(CarrierError):
    """Not the shape the adapter knows: the adapter is out of date, or a proxy answered in the source's place."""

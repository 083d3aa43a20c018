"""A merchant's account at MTN MoMo: a key and an API user for each product, and one country."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from adapters.provider_kit.http import Credentials
from adapters.providers.mtn_momo.markets import MARKETS, SANDBOX, Market

SANDBOX_URL: Final = "https://sandbox.momodeveloper.mtn.com"
PRODUCTION: Final = "https://proxy.momoapi.mtn.com"
MIGRATED: Final = "https://momoapi.momo.africa"  # production's next address, by two public clients
COLLECTION: Final = ("subscriptionKey", "apiUser", "apiKey")
DISBURSEMENT: Final = (
    "disbursementSubscriptionKey",
    "disbursementApiUser",
    "disbursementApiKey",
)


class MtnMomoConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """`base_url` chooses another address than the environment's own: a simulator, or the one that
    production moves to, where `api_user` and `api_key` are the portal's "system credentials".
    Without the disbursement product, which has credentials of its own, nothing can be given back.
    `callback_url` is ours; `callbacks` False: it is not told, and only queries find out.
    `partial_refunds` None: in the sandbox only, because what each country does is not documented.
    """

    subscription_key: str  # of the Collection product
    api_user: str  # a UUID, but for the next address of production
    api_key: str
    target_environment: str  # "sandbox", "mtnzambia" …
    disbursement_subscription_key: str = ""
    disbursement_api_user: str = ""
    disbursement_api_key: str = ""
    partial_refunds: bool | None = None
    callbacks: bool = True
    callback_url: str = ""
    base_url: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError, ending with the field."""
        if self.target_environment not in MARKETS:
            known = ", ".join(MARKETS)
            raise ValueError(f"must be one of {known}: field `targetEnvironment`")
        keys = (self.subscription_key, self.api_user, self.api_key)
        self._check(COLLECTION, keys)
        given = (
            self.disbursement_subscription_key,
            self.disbursement_api_user,
            self.disbursement_api_key,
        )
        if any(given):
            self._check(DISBURSEMENT, given)

    @property
    def url(self) -> str:
        usual = SANDBOX_URL if self.target_environment == SANDBOX else PRODUCTION
        return (self.base_url or usual).rstrip("/")

    @property
    def market(self) -> Market:
        return MARKETS[self.target_environment]

    @property
    def gives_back(self) -> bool:
        """Whether it has the product that refunds need."""
        return bool(self.disbursement_subscription_key)

    @property
    def gives_back_parts(self) -> bool:
        sandbox = self.target_environment == SANDBOX
        return sandbox if self.partial_refunds is None else self.partial_refunds

    def _check(self, names: Sequence[str], keys: Sequence[str]) -> None:
        """A key, an API user and its key. Raises ValueError ending with the field."""
        for name, key in zip(names, keys, strict=True):
            if not key or not key.isascii() or not key.isprintable() or " " in key:
                raise ValueError(f"must be as MTN's portal shows it: field `{name}`")
        try:
            UUID(keys[1])
        except ValueError:
            if self.url != MIGRATED or ":" in keys[1]:
                raise ValueError(f"must be a UUID: field `{names[1]}`") from None

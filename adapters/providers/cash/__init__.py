"""Cash over the counter: nobody is called; a person confirms that the money is there.

A refund in cash is also a person's act, and there is nothing here that could give it: this
provider has no refunds, and says so, rather than calling money returned that nobody handed out.
"""

from typing import Final

from adapters.provider_kit.offline.folder import offline
from adapters.providers.cash.client import CashClient, CashConfig
from domain.providers.profile import Kind

MANIFEST: Final = offline(
    "cash",
    "Cash",
    Kind.CASH,
    CashClient,
    CashConfig,
    source="none: there is no other side",
)

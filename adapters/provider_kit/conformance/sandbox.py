"""What can be asked of a company's real sandbox: nothing is lost, broken or charged on purpose."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any, Final

from adapters.provider_kit.breaker import Breaker
from adapters.provider_kit.conformance.suite import Result
from adapters.provider_kit.conformance.wire import GlassVault
from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.registry import KitProviders
from adapters.provider_kit.transport import Transport
from domain.currencies import currency
from domain.errors import Invalid
from domain.ids import PaymentId, attempt_id
from domain.money import Money
from domain.payments.outcome import NotFound, Unknown
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.providers import Lookup, Probes

PATIENCE_S: Final = 20.0
NEVER: Final = "a_charge_that_never_was_is_not_found"


async def tried(
    manifest: Manifest, config: Mapping[str, Any], transport: Transport, clock: Clock, ids: Ids
) -> AsyncIterator[Result]:
    """The configuration, the credentials, and a question about a charge that never was."""
    code = manifest.profile.code
    providers = KitProviders({code: manifest}, transport, clock, GlassVault(), Breaker(clock))
    try:
        client = providers.configure(code, config)
    except Invalid as error:
        yield Result("the_configuration_is_accepted", f"{error.field}: {error}")
        return
    yield Result("the_configuration_is_accepted")
    if isinstance(client, Probes):
        try:
            await client.probe(timeout_s=PATIENCE_S)
            yield Result("the_credentials_are_accepted")
        except Invalid as error:
            yield Result("the_credentials_are_accepted", f"{error.field}: {error}")
    if "query" in manifest.deviations:
        return
    answer = await client.find(_never(manifest, ids.payment_id(), clock), timeout_s=PATIENCE_S)
    expected: type = Unknown if "not_found" in manifest.deviations else NotFound
    yield Result(NEVER, None if isinstance(answer, expected) else f"it said {answer}")


def _never(manifest: Manifest, payment_id: PaymentId, clock: Clock) -> Lookup:
    sample, now = manifest.sample, clock.now()
    return Lookup(
        attempt_id=attempt_id(payment_id, 1),
        amount=Money(sample.minors[0], currency(sample.currency)),
        provider_reference=None,
        opened_at=now,
        expires_at=now + timedelta(minutes=30),
    )

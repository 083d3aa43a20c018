"""Use case: which methods could take this amount now, and what each would cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.payments.route_payment import RoutePayment, Wanted
from domain.fees.schedule import Bearer
from domain.ids import TenantId
from domain.money import Money
from domain.payments.routing import Candidate, Obstacle, in_doubt
from domain.ports.clock import Clock
from domain.ports.providers import Providers
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units
from domain.providers.profile import Profile
from domain.tenants.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Quote:
    """One method. Offline methods are available: they are chosen by asking for them by name."""

    profile: Profile
    candidate: Candidate
    maximum: Money | None
    minimum: Money | None
    is_default: bool

    @property
    def available(self) -> bool:
        return self.candidate.obstacle in (None, Obstacle.OFFLINE)


@dataclass(frozen=True, slots=True)
class QuoteMethods:
    """The cheapest first, then the tenant's order; what is not available comes last."""

    units: Units
    tenants: Tenants
    providers: Providers
    route: RoutePayment
    clock: Clock

    async def __call__(
        self, tenant_id: TenantId, amount: Money, country: str | None, customer_id: str | None
    ) -> Sequence[Quote]:
        setup = await self.tenants.setup(tenant_id)
        default = None
        if customer_id is not None:
            async with self.units(tenant_id) as unit:
                default = await unit.defaults.of(customer_id)
        wanted = Wanted(amount=amount, country=country, bearer=Bearer.MERCHANT, payer_known=False)
        candidates = self.route.candidates(setup, wanted, self.clock.now())
        quotes = [
            self._quote(setup.tenant, amount, one, one.provider == default) for one in candidates
        ]
        doubt = in_doubt([one.candidate for one in quotes if one.available])
        return sorted(
            quotes,
            key=lambda one: (
                not one.available,
                one.profile.offline,
                one.candidate.place(doubt=doubt),
                one.profile.code,
            ),
        )

    def _quote(
        self, tenant: Tenant, amount: Money, candidate: Candidate, is_default: bool
    ) -> Quote:
        profile = self.providers.profiles[candidate.provider]
        code = amount.currency
        maxima = [one for one in profile.maximum if one.currency == code]
        maxima += [
            one.maximum
            for one in tenant.limits
            if one.maximum.currency == code and one.method in (None, profile.code)
        ]
        return Quote(
            profile,
            candidate,
            min(maxima, key=lambda one: one.minor, default=None),
            next((one for one in profile.minimum if one.currency == code), None),
            is_default,
        )

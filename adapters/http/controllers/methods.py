"""What payers can pay with, and what this build can talk to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from litestar.handlers import HTTPRouteHandler

from adapters.http import examples
from adapters.http.answers import Ready, encoded
from adapters.http.caller import Desk
from adapters.http.operation import Call, Operation
from adapters.http.wire.methods import (
    CustomerQuery,
    DefaultBody,
    DefaultReply,
    MethodList,
    MethodsQuery,
    ProviderList,
    ProviderReply,
)
from adapters.http.wire.reading import Body, Nothing, Query
from application.payments.choose_default_method import ChooseDefaultMethod
from application.payments.quote_methods import QuoteMethods
from domain.ports.providers import Providers
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units
from domain.tenants.api_key import Scope

WHOSE: Final = Query(CustomerQuery)
AVAILABLE: Final = Operation(
    method="GET",
    path="/api/payments/methods/available",
    summary="See which methods could take an amount now, and what each would cost",
    scope=Scope.PAYMENTS_READ,
    reads=Query(MethodsQuery),
    replies=MethodList,
    tag="Methods",
    example={"data": [examples.METHOD]},
)
DEFAULT: Final = Operation(
    method="GET",
    path="/api/payments/methods/default",
    summary="Get the method a customer prefers",
    scope=Scope.PAYMENTS_READ,
    reads=WHOSE,
    replies=DefaultReply,
    tag="Methods",
    example={"customerId": "cus_42", "method": "gcash"},
)
CHOOSE: Final = Operation(
    method="PUT",
    path="/api/payments/methods/default",
    summary="Remember the method a customer prefers",
    scope=Scope.PAYMENTS_WRITE,
    reads=Body(DefaultBody),
    query=CustomerQuery,
    replies=DefaultReply,
    tag="Methods",
    example={"customerId": "cus_42", "method": "gcash"},
)
PROVIDERS: Final = Operation(
    method="GET",
    path="/api/v1/payment-providers",
    summary="List every provider of this build",
    scope=Scope.PAYMENTS_READ,
    reads=Nothing(),
    replies=ProviderList,
    tag="Methods",
    example={"data": [examples.PROVIDER]},
)


@dataclass(frozen=True, slots=True)
class MethodController:
    quote_methods: QuoteMethods
    choose_default_method: ChooseDefaultMethod
    units: Units
    tenants: Tenants
    providers: Providers

    def routes(self, desk: Desk) -> Sequence[HTTPRouteHandler]:
        return [
            AVAILABLE.served(desk, self.available),
            DEFAULT.served(desk, self.default),
            CHOOSE.served(desk, self.choose),
            PROVIDERS.served(desk, self.all_providers),
        ]

    async def available(self, call: Call, query: MethodsQuery) -> Ready:
        """The cheapest first. What is not available comes last, and says why."""
        quotes = await self.quote_methods(
            call.caller.tenant_id, query.money(), query.country, query.customer_id
        )
        return encoded(MethodList.of(quotes))

    async def default(self, call: Call, query: CustomerQuery) -> Ready:
        """`method` is null when the customer has chosen none."""
        customer_id = query.checked()
        async with self.units(call.caller.tenant_id) as unit:
            method = await unit.defaults.of(customer_id)
        return encoded(DefaultReply(customer_id, method))

    async def choose(self, call: Call, body: DefaultBody) -> Ready:
        """Used when a payment of this customer names no method, and this one can take it."""
        customer_id = (await WHOSE.read(call.request, call.exchange)).checked()
        await self.choose_default_method(call.caller.tenant_id, customer_id, body.method)
        return encoded(DefaultReply(customer_id, body.method))

    async def all_providers(self, call: Call, _: None) -> Ready:
        """`isActive`: this tenant has an account there that is switched on."""
        setup = await self.tenants.setup(call.caller.tenant_id)
        found = []
        for code, profile in sorted(self.providers.profiles.items()):
            mine = setup.at(code)
            active = any(one.active for one in mine)
            found.append(ProviderReply.of(profile, connected=bool(mine), active=active))
        return encoded(ProviderList(found))

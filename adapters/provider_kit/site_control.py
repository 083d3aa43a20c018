"""The control plane of served simulators: what a test or a demo asks and tells them (JSON)."""

from typing import Any, Final

import msgspec
from aiohttp import web

from adapters.provider_kit.courier import Courier
from adapters.provider_kit.faults import script
from adapters.provider_kit.remote import Remote
from adapters.provider_kit.simulator import Action, Booked
from domain.errors import Invalid

WORDS: Final = ", ".join(Action)


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    action: Action


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str
    config: dict[str, Any] = {}


class Control:
    """Routes below /_control/{provider}."""

    def __init__(self, remotes: dict[str, Remote], courier: Courier) -> None:
        self._remotes = remotes
        self._courier = courier

    def routes(self) -> list[web.RouteDef]:
        at = "/_control/{provider}"
        return [
            web.get(f"{at}/books", self.books),
            web.get(f"{at}/credentials", self.credentials),
            web.put(f"{at}/callbacks", self.put_callbacks),
            web.get(f"{at}/faults", self.faults),
            web.put(f"{at}/faults", self.put_faults),
            web.delete(f"{at}/faults", self.end_faults),
            web.post(f"{at}/payers/{{reference}}", self.act),
        ]

    async def books(self, request: web.Request) -> web.Response:
        """What really happened."""
        lines = self._remote(request).simulator.books()
        return _json({"charges": [_line(one) for one in lines]})

    async def credentials(self, request: web.Request) -> web.Response:
        """What a merchant would copy from the company's dashboard."""
        return _json(self._remote(request).simulator.credentials())

    async def put_callbacks(self, request: web.Request) -> web.Response:
        """The company's people enter where it calls the merchant of `config`, else the one of
        `credentials`; a company that learns it by itself goes on as it did."""
        simulator = self._remote(request).simulator
        try:
            told = msgspec.json.decode(await request.read(), type=Address)
        except (ValueError, RecursionError):
            return _wrong(422, 'send {"url": …}')
        simulator.call_at(told.url, {**simulator.credentials(), **told.config})
        return web.Response(status=204)

    async def faults(self, request: web.Request) -> web.Response:
        """The script in force, and where it struck."""
        return _faults(self._remote(request))

    async def put_faults(self, request: web.Request) -> web.Response:
        """From now on this script."""
        remote = self._remote(request)
        try:
            remote.faults.put(script(await request.read()))
        except Invalid as wrong:
            return _wrong(422, f"{wrong.field}: {wrong}")
        self._courier.ring()
        return _faults(remote)

    async def end_faults(self, request: web.Request) -> web.Response:
        """No more faults."""
        self._remote(request).faults.end()
        self._courier.ring()
        return web.Response(status=204)

    async def act(self, request: web.Request) -> web.Response:
        """The payer acts."""
        remote = self._remote(request)
        try:
            wanted = msgspec.json.decode(await request.read(), type=Act)
        except (ValueError, RecursionError):
            return _wrong(422, f'send {{"action": …}} with one of: {WORDS}')
        reference = request.match_info["reference"]
        try:
            remote.simulator.act(reference, wanted.action)
        except LookupError:
            return _wrong(404, "no charge of that reference in the books")
        self._courier.ring()
        known = [one for one in remote.simulator.books() if one.reference == reference]
        return _json(_line(known[-1]) if known else {})

    def _remote(self, request: web.Request) -> Remote:
        remote = self._remotes.get(request.match_info["provider"])
        if remote is None:
            names = ", ".join(sorted(self._remotes))
            raise web.HTTPNotFound(text=f"no such provider here; there are: {names}")
        return remote


def _line(one: Booked) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "providerReference": one.provider_reference,
        "amountMinor": one.amount_minor,
        "currency": one.currency,
        "status": one.status,
        "refundedMinor": one.refunded_minor,
        "payer": one.payer,
        "at": one.at,
    }


def _faults(remote: Remote) -> web.Response:
    faults = remote.faults
    in_force = msgspec.to_builtins(faults.script)
    return _json({**in_force, "struck": list(faults.struck)})


def _json(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")


def _wrong(status: int, detail: str) -> web.Response:
    body = msgspec.json.encode({"detail": detail})
    return web.Response(status=status, body=body, content_type="application/json")

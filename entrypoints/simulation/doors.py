"""Where requests and callbacks come in: at some live process, if there is one."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from adapters.provider_kit.simulator import Outgoing
from domain.ids import AccountId
from domain.ports.providers import Callback
from entrypoints.simulation.platform import Platform
from entrypoints.simulation.world import World

OURS: Final = "https://cauri.example"
WEBHOOK: Final = "/api/payments/webhook"


class Doors:
    """`platforms` are the live processes by name; `accounts` says at which company each is."""

    def __init__(self, world: World, platforms: Mapping[str, Platform]) -> None:
        self.world, self.platforms = world, platforms
        self.accounts: dict[AccountId, str] = {}

    def any(self, who: str) -> Platform | None:
        live = list(self.platforms.values())
        return live[int(self.world.chance(f"door/{who}") * len(live))] if live else None

    async def post(self, outgoing: Outgoing) -> int:
        """A callback at our address: the account's own, or the one that all share."""
        path = urlsplit(outgoing.url).path.rsplit("/", 1)[1]
        place = f"{outgoing.about}/{path}"
        door = self.any(f"notice/{self.world.names(place)}")
        if door is None:
            return 0
        shared = self.world.chance(f"shared/{self.world.names(place)}") < 0.1
        lower = {name.lower(): value for name, value in outgoing.headers.items()}
        callback = Callback(outgoing.body, lower)
        to_all = shared or outgoing.url.endswith(WEBHOOK)
        receive = door.receive(callback, None if to_all else AccountId(path))
        task = door.process.spawn(receive)
        said = await self.world.wait([task], 10)
        return int(said[0]) if said else 0

    def another(self, url: str) -> str:
        """Another tenant's account at the same company."""
        base, _, mine = url.rpartition("/")
        code = self.accounts.get(AccountId(mine))
        others = [one for one, provider in self.accounts.items() if provider == code]
        place = others.index(AccountId(mine)) if AccountId(mine) in others else 0
        return f"{base}/{others[(place + 1) % len(others)]}"

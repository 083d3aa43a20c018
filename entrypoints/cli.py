"""The console script `cauri`. Nothing heavy is imported before a command is known."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from entrypoints.demo import Ready
    from entrypoints.settings import Settings


def main() -> None:
    """Run one command and exit with its status."""
    from adapters.cli.main import build

    build(ProcessRunner())()


class ProcessRunner:
    """Runs processes, and commands built by the container from the types of their fields."""

    def run(self, command: str, options: Mapping[str, Any]) -> int:
        given = {name: value for name, value in options.items() if value is not None}
        if ":" in command:
            return _command(command, options)
        process: Any = getattr(self, f"_{command}")
        return int(process(given))

    def _serve(self, options: Mapping[str, Any]) -> int:
        from entrypoints.processes import run, serve

        settings = _settings(options)

        async def started(port: int) -> None:
            print(f"Cauri listens at http://{settings.host}:{port}", file=sys.stderr)

        return run(serve(settings, started))

    def _worker(self, options: Mapping[str, Any]) -> int:
        from entrypoints.processes import run, work

        def started() -> None:
            print("Cauri works in the background", file=sys.stderr)

        return run(work(_settings(options), started, once=bool(options.get("once"))))

    def _migrate(self, options: Mapping[str, Any]) -> int:
        from entrypoints.migration import migrate
        from entrypoints.processes import run

        check, as_json = bool(options.get("check")), bool(options.get("json"))
        return run(migrate(_settings(options), check=check, as_json=as_json))

    def _simulator(self, options: Mapping[str, Any]) -> int:
        from entrypoints.processes import run
        from entrypoints.simulator import SIMULATOR_PORT, simulate

        host, port = options.get("host", "127.0.0.1"), options.get("port", SIMULATOR_PORT)
        return run(simulate(host, port, lambda url: print(f"Simulators listen at {url}")))

    def _simulate(self, options: Mapping[str, Any]) -> int:
        from entrypoints.simulation.command import perform

        return perform(options)

    def _demo(self, options: Mapping[str, Any]) -> int:
        from entrypoints.demo import Demo
        from entrypoints.processes import run
        from entrypoints.tour import printed

        settings = _settings({"log_level": "warning", **options})

        def tell(ready: "Ready") -> None:
            as_json, data_dir = bool(options.get("json")), settings.data_dir
            print(printed(ready, as_json=as_json, data_dir=data_dir), flush=True)

        return run(Demo(settings, tell)())


def _settings(options: Mapping[str, Any]) -> "Settings":
    """The environment, and above it what the command line says."""
    import msgspec

    from entrypoints.settings import load

    settings = load()
    known = {field.name for field in msgspec.structs.fields(type(settings))}
    said = {name: value for name, value in options.items() if name in known}
    if options.get("no_worker"):
        said["worker"] = False
    if (batch := options.get("batch")) is not None:
        said["worker_batch"] = batch
    return msgspec.structs.replace(settings, **said)


def _command(path: str, options: Mapping[str, Any]) -> int:
    from entrypoints.commands import perform
    from entrypoints.processes import run

    return run(perform(path, options, _settings({})))

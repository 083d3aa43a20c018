"""No URL, name or change of mind leads a delivery into our own network.

Every refusal is checked where it counts: a listener on loopback that would have been reached sees
no connection. Its port stands in for 443, so that nothing but the address refuses.
"""

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from adapters.system.clock import SystemClock
from adapters.webhooks import target as reading
from adapters.webhooks.lookup import SystemLookup
from adapters.webhooks.post import GuardedPost
from adapters.webhooks.target import places
from domain.errors import Invalid
from domain.ports.post import NotPosted
from tests.webhooks.merchant import OK, Merchant, Names, listening, saying

pytestmark = pytest.mark.anyio

PUBLIC = "93.184.216.34"
LOOPBACK = [
    "https://127.0.0.1:{port}/",
    "https://127.0.0.2:{port}/",
    "https://127.255.255.254:{port}/",
    "https://localhost:{port}/",
    "https://LOCALHOST:{port}/",
    "https://localhost.:{port}/",
    "https://localhost.localdomain:{port}/",
    "https://127.0.0.1.:{port}/",
    "https://[::1]:{port}/",
    "https://[0:0:0:0:0:0:0:1]:{port}/",
    "https://[0000:0000:0000:0000:0000:0000:0000:0001]:{port}/",
    "https://[::]:{port}/",
    "https://0.0.0.0:{port}/",
    "https://0:{port}/",
    "https://0.0.0.1:{port}/",
]
NUMBERS = [
    "https://2130706433:{port}/",
    "https://0x7f000001:{port}/",
    "https://0X7F000001:{port}/",
    "https://017700000001:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://0x7f.0.0.1:{port}/",
    "https://0x7f.1:{port}/",
    "https://127.1:{port}/",
    "https://127.0.1:{port}/",
    "https://00127.0.0.1:{port}/",
    "https://127.0.0.0x1:{port}/",
    "https://127.0.0.01:{port}/",
    "https://4294967297:{port}/",
    "https://256.0.0.1:{port}/",
    "https://1.2.3.4.5:{port}/",
    "https://example.0x7f:{port}/",
]
PRIVATE = [
    "https://10.0.0.1:{port}/",
    "https://10.255.255.255:{port}/",
    "https://172.16.0.1:{port}/",
    "https://172.31.255.255:{port}/",
    "https://192.168.0.1:{port}/",
    "https://100.64.0.1:{port}/",
    "https://100.127.255.255:{port}/",
    "https://169.254.169.254:{port}/latest/meta-data/",
    "https://169.254.170.2:{port}/",
    "https://192.0.0.192:{port}/",
    "https://100.100.100.200:{port}/",
    "https://192.0.2.1:{port}/",
    "https://198.18.0.1:{port}/",
    "https://198.51.100.7:{port}/",
    "https://203.0.113.7:{port}/",
    "https://192.88.99.1:{port}/",
    "https://224.0.0.1:{port}/",
    "https://239.255.255.250:{port}/",
    "https://240.0.0.1:{port}/",
    "https://255.255.255.255:{port}/",
]
SIX = [
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[::ffff:7f00:1]:{port}/",
    "https://[::ffff:169.254.169.254]:{port}/",
    "https://[::ffff:8.8.8.8]:{port}/",
    "https://[::127.0.0.1]:{port}/",
    "https://[::ffff:0:127.0.0.1]:{port}/",
    "https://[64:ff9b::127.0.0.1]:{port}/",
    "https://[64:ff9b::7f00:1]:{port}/",
    "https://[64:ff9b:1::7f00:1]:{port}/",
    "https://[2002:7f00:1::]:{port}/",
    "https://[2002:a9fe:a9fe::1]:{port}/",
    "https://[2001:0:4136:e378:8000:63bf:80ff:fffe]:{port}/",
    "https://[2001:db8::1]:{port}/",
    "https://[2001:10::1]:{port}/",
    "https://[3fff::1]:{port}/",
    "https://[100::1]:{port}/",
    "https://[5f00::1]:{port}/",
    "https://[fc00::1]:{port}/",
    "https://[fd00:ec2::254]:{port}/",
    "https://[fe80::1]:{port}/",
    "https://[fe80::1%25eth0]:{port}/",
    "https://[fe80::1%eth0]:{port}/",
    "https://[fec0::1]:{port}/",
    "https://[ff02::1]:{port}/",
    "https://[::1%25lo]:{port}/",
    "https://[127.0.0.1]:{port}/",
]
FORMS = [
    "http://127.0.0.1:{port}/",
    "http://shop.example:{port}/",
    "http://shop.example/",
    "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_x",
    "unix:///var/run/docker.sock",
    "data:text/plain,x",
    "javascript:alert(1)",
    "//127.0.0.1:{port}/",
    "127.0.0.1:{port}",
    "https:127.0.0.1:{port}/",
    "https:/127.0.0.1:{port}/",
    "https:///127.0.0.1:{port}/",
    "https://user@127.0.0.1:{port}/",
    "https://user:word@shop.example:{port}/",
    "https://shop.example@127.0.0.1:{port}/",
    "https://shop.example:{port}@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}#@shop.example/",
    "https://shop.example:{port}/#there",
    "https://127.0.0.1:{port}\\@shop.example/",
    "https://shop.example\\@127.0.0.1:{port}/",
    "https://127.0.0.1%2e:{port}/",
    "https://%6c%6f%63alhost:{port}/",
    "https://%31%32%37.0.0.1:{port}/",
    "https://127。0。0。1:{port}/",
    "https://①②⑦.⓪.⓪.①:{port}/",
    "https://loc\u00adalhost:{port}/",
    "https://b\u00fccher.example:{port}/",
    "https://shop.example:22/",
    "https://shop.example:80/",
    "https://shop.example:25/",
    "https://shop.example:6379/",
    "https://shop.example:0/",
    "https://shop.example:65536/",
    "https://shop.example:99999999/",
    "https://shop.example:-1/",
    "https://shop.example:/",
    "https://shop.example:4 43/",
    "https://shop.example:{port}/a b",
    "https://shop.example:{port}/\r\nHost: x",
    " https://shop.example:{port}/",
    "https://shop.example:{port}/\n",
    "https://shop..example:{port}/",
    "https://-shop.example:{port}/",
    "https://.example:{port}/",
    "https://intranet:{port}/",
    "https://*.example:{port}/",
    "https://shop.example:{port}/" + "a" * 2048,
    "https://" + "a" * 64 + ".example:{port}/",
    "https://",
    "",
]
NAMES = [  # names that lead inside, as a merchant's own name server can make any name do
    "https://shop.example:{port}/",
    "https://xn--bcher-kva.example:{port}/",
    "https://127.0.0.1.nip.example:{port}/",
    "https://metadata.internal:{port}/",
    "https://a_b.example:{port}/",
    "HTTPS://SHOP.EXAMPLE:{port}/",
]


@dataclass
class NamesLeadInside(Names):
    """Numbers are read as the machine reads them; every name is this machine."""

    async def __call__(self, host: str, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)
        except OSError:
            return ["127.0.0.1"]
        return [str(one[4][0]) for one in found]


@pytest.fixture
async def inside(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Merchant]:
    """Something of ours that nobody outside may reach."""
    async with listening(saying(OK)) as listener:
        monkeypatch.setitem(reading.PORTS, "https", listener.port)
        yield listener


def test_the_table_is_large() -> None:
    assert len({*LOOPBACK, *NUMBERS, *PRIVATE, *SIX, *FORMS, *NAMES}) >= 80


@pytest.mark.parametrize("url", [*LOOPBACK, *NUMBERS, *PRIVATE, *SIX, *FORMS, *NAMES])
async def test_a_url_that_leads_inside_is_refused_when_saved_and_when_called(
    url: str, inside: Merchant
) -> None:
    url = url.replace("{port}", str(inside.port))
    async with GuardedPost(SystemClock(), lookup=NamesLeadInside([])) as post:
        with pytest.raises(Invalid) as told:
            await post.check(url)
        answer = await post(url, {}, b"{}", timeout_s=2)
    assert told.value.field == "url"
    assert isinstance(answer, NotPosted)
    assert answer.refused
    assert inside.connections == 0


async def test_the_listener_is_reached_where_the_operator_allows_it(inside: Merchant) -> None:
    """Without this the test above could pass for another reason."""
    allowed = places(f"127.0.0.1:{inside.port}")
    async with GuardedPost(SystemClock(), allowed, lookup=SystemLookup()) as post:
        url = f"http://127.0.0.1:{inside.port}/hook"
        await post.check(url)
        answer = await post(url, {}, b"{}", timeout_s=2)
    assert not isinstance(answer, NotPosted)
    assert inside.connections == 1


async def test_a_name_that_turns_inside_after_it_was_saved_is_refused(inside: Merchant) -> None:
    names = Names([[PUBLIC], ["127.0.0.1"]])
    async with GuardedPost(SystemClock(), lookup=names) as post:
        url = f"https://shop.example:{inside.port}/"
        await post.check(url)
        answer = await post(url, {}, b"{}", timeout_s=2)
    assert isinstance(answer, NotPosted)
    assert answer.refused
    assert (inside.connections, names.asked) == (0, ["shop.example"] * 2)


async def test_one_address_inside_among_many_is_enough_to_refuse(inside: Merchant) -> None:
    names = Names([[PUBLIC, "2606:2800:220:1::1", "127.0.0.1"]])
    async with GuardedPost(SystemClock(), lookup=names) as post:
        answer = await post(f"https://shop.example:{inside.port}/", {}, b"{}", timeout_s=2)
    assert isinstance(answer, NotPosted)
    assert answer.refused
    assert inside.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "shop.example"])
async def test_a_call_opens_sockets_only_to_what_it_looked_up(host: str, inside: Merchant) -> None:
    """The pool is told [::1] and nothing else, also for a host it would not ask about: an address
    that is written out."""
    allowed = places(f"{host}:{inside.port}")
    async with GuardedPost(SystemClock(), allowed, lookup=Names([["::1"]])) as post:
        answer = await post(f"http://{host}:{inside.port}/", {}, b"{}", timeout_s=2)
    assert isinstance(answer, NotPosted)
    assert inside.connections == 0


async def test_a_name_is_looked_up_once_a_call(inside: Merchant) -> None:
    names = Names([["127.0.0.1"]])
    allowed = places(f"shop.example:{inside.port}")
    async with GuardedPost(SystemClock(), allowed, lookup=names) as post:
        await post(f"http://shop.example:{inside.port}/", {}, b"{}", timeout_s=2)
    assert names.asked == ["shop.example"]
    assert inside.connections == 1


async def test_a_host_that_does_not_exist_is_told_when_saved() -> None:
    names = Names([socket.gaierror(socket.EAI_NONAME, "unknown")])
    async with GuardedPost(SystemClock(), lookup=names) as post:
        with pytest.raises(Invalid, match=r"shop\.example does not"):
            await post.check("https://shop.example/")
        answer = await post("https://shop.example/", {}, b"{}", timeout_s=2)
    assert answer == NotPosted("the host's name can't be resolved", answer.ms)


@pytest.mark.parametrize(
    "failure", [socket.gaierror(socket.EAI_AGAIN, "again"), TimeoutError(), OSError("no")]
)
async def test_a_name_server_that_fails_refuses_nothing_for_good(failure: OSError) -> None:
    async with GuardedPost(SystemClock(), lookup=Names([failure])) as post:
        await post.check("https://shop.example/")
        answer = await post("https://shop.example/", {}, b"{}", timeout_s=2)
    assert isinstance(answer, NotPosted)
    assert not answer.refused


@pytest.mark.parametrize(
    ("entries", "allowed"),
    [
        ("", set()),
        ("127.0.0.1:9000", {("127.0.0.1", 9000)}),
        (" Hooks.Corp.Example , [::1]:9000", {*places("hooks.corp.example"), ("::1", 9000)}),
        ("hooks", {("hooks", 80), ("hooks", 443)}),
    ],
)
def test_the_operators_list_names_places(entries: str, allowed: set[tuple[str, int]]) -> None:
    assert places(entries) == allowed


@pytest.mark.parametrize("entry", ["a b", "https://x", "x:0", "x:70000", "u@x", "x/y", "*.x"])
def test_a_wrong_entry_of_the_operators_list_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match=r"is not a host|port"):
        places(f"127.0.0.1:9000,{entry}")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_another_port_of_an_allowed_host_is_not_allowed(
    scheme: str, inside: Merchant
) -> None:
    async with GuardedPost(SystemClock(), places("127.0.0.1:9")) as post:
        answer = await post(f"{scheme}://127.0.0.1:{inside.port}/", {}, b"{}", timeout_s=2)
    assert isinstance(answer, NotPosted)
    assert answer.refused
    assert inside.connections == 0

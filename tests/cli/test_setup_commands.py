"""tenant, account, key, providers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.cli.providers import names, prices
from domain.errors import Invalid
from domain.fees.schedule import FeeSchedule
from domain.ids import AccountId, TenantId
from domain.providers.profile import Kind, Profile
from domain.tenants.api_key import EVERY_SCOPE
from domain.tenants.tenant import Strategy
from tests.builders import ACME, PHP
from tests.cli.shell import Shell


def test_a_tenant_is_opened_with_its_policy(shell: Shell) -> None:
    words = ("tenant", "create", "Beta", "--order", "gcash,maya", "--split", "maya=70,gcash=30")
    told = shell.json(*words)
    assert told["name"] == "Beta"
    assert told["strategy"] == "split"
    stored = shell.world.database.tenants[TenantId(told["id"])]
    assert stored.policy.order == ("gcash", "maya")
    assert stored.policy.split == {"maya": 70, "gcash": 30}


def test_a_tenants_policy_has_defaults(shell: Shell) -> None:
    result = shell("tenant", "create", "Beta", "--strategy", "priority")
    assert result.exit_code == 0
    tenant_id, _, rest = result.stdout.partition(" ")
    assert "Beta" in rest
    assert f"cauri account connect --tenant {tenant_id}" in result.stdout
    policy = shell.world.database.tenants[TenantId(tenant_id)].policy
    assert policy.strategy is Strategy.PRIORITY
    assert policy.order == ("maya", "gcash")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["--split", "maya=70,gcash=20"], "split"),
        (["--split", "maya"], "split"),
        (["--split", "maya=x"], "split"),
        (["--strategy", "split"], "split"),
        (["--order", "maya,,gcash"], "order"),
        (["--order", "maya,maya"], "order"),
        (["--order", "maya,gcsah"], "order"),
        (["--split", "maya=70,gcsah=30"], "split"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(shell: Shell, words: list[str], field: str) -> None:
    status, told = shell.refused("tenant", "create", "Beta", *words)
    assert status == 2
    assert told.startswith(f"cauri: {field}: ")


def test_tenants_are_listed(shell: Shell) -> None:
    assert [one["id"] for one in shell.json("tenant", "list")["data"]] == [ACME]
    told = shell("tenant", "list").stdout
    assert ACME in told
    assert "least_cost" in told


def test_an_account_is_connected_from_a_file(shell: Shell, tmp_path: Path) -> None:
    seen: list[Mapping[str, Any]] = []

    def seal(account_id: str, provider: str, config: Mapping[str, Any]) -> bytes:
        seen.append(config)
        return b"sealed"

    shell.world.companies.seal = seal  # type: ignore[method-assign]
    shell.open_tenant(2, "Beta")
    file = tmp_path / "maya.json"
    file.write_text(json.dumps({"secret": "s3cret", "limit": 5}))
    told = shell.json(
        *("account", "connect", "--tenant", "Beta", "--provider", "maya"),
        *("--config", str(file), "--set", "mode=test", "--set", "limit:=6"),
        *("--fee", "2.5%+15 PHP", "--fee", "3% USD min 0.50 max 9"),
    )
    assert seen == [{"secret": "s3cret", "limit": 6, "mode": "test"}]
    assert told["callbackUrl"] == f"https://pay.example/api/payments/webhook/{told['id']}"
    assert told["fees"] == [
        {"currency": "PHP", "percentage": "2.5", "fixed": "15.00", "floor": "0.00", "cap": None},
        {"currency": "USD", "percentage": "3", "fixed": "0.00", "floor": "0.50", "cap": "9.00"},
    ]
    assert shell.world.database.accounts[AccountId(told["id"])].tenant_id == "ten_2"


def test_an_account_is_connected_from_standard_input(shell: Shell) -> None:
    shell.open_tenant(2, "Beta")
    words = ["account", "connect", "--tenant", "ten_2", "--provider", "maya", "--config", "-"]
    result = shell(*words, "--callbacks-at", "https://other.example/", stdin='{"secret": "x"}')
    assert result.exit_code == 0
    assert "connected to Maya" in result.stdout
    assert "Not tried" in result.stdout  # the company of these tests has no way to
    assert "https://other.example/api/payments/webhook/acc_" in result.stdout
    assert "Register this address" in result.stdout


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["--set", "secret"], "set"),
        (["--set", "=s3cret"], "set"),
        (["--set", "secret:=s3cret"], "set"),
        (["--fee", "cheap"], "fee"),
        (["--fee", "PHP"], "fee"),
        (["--fee", "1.234% PHP"], "fee"),
        (["--fee", "1% ABC"], "currency"),
        (["--fee", "1.005 PHP"], "fee"),
        (["--fee", "1% PHP min 5 max 4"], "fee"),
        (["--fee", "1% PHP", "--fee", "2% PHP"], "fee"),
    ],
)
def test_what_an_account_cannot_be_connected_with(
    shell: Shell, words: list[str], field: str
) -> None:
    shell.open_tenant(2, "Beta")
    status, told = shell.refused(
        "account", "connect", "--tenant", "ten_2", "--provider", "maya", *words
    )
    assert status == 2
    assert told.startswith(f"cauri: {field}: ")
    assert "s3cret" not in told


@pytest.mark.parametrize("text", ["[1]", "{", "\xff", '{"a": 1}' + " " * 70_000])
def test_a_config_file_that_cannot_be_read_is_not_repeated(shell: Shell, text: str) -> None:
    words = ["account", "connect", "--provider", "maya", "--config", "-"]
    result = shell(*words, stdin=text)
    assert result.exit_code == 2
    assert "cauri: config: must be" in result.stderr


def test_a_second_account_at_a_provider_is_refused(shell: Shell) -> None:
    status, told = shell.refused("account", "connect", "--provider", "maya")
    assert status == 2
    assert told == "cauri: provider: this tenant has an account at maya already"


def test_credentials_the_provider_refuses_name_their_field(shell: Shell) -> None:
    shell.open_tenant(2, "Beta")

    def refuse(provider: str, config: Mapping[str, Any]) -> Any:
        raise Invalid("is missing", "secret_key")

    shell.world.companies.configure = refuse  # type: ignore[method-assign]
    words = ("account", "connect", "--tenant", "ten_2", "--provider", "maya")
    assert shell.refused(*words) == (2, "cauri: secret_key: is missing")


def test_an_account_is_changed_and_keeps_the_rest(shell: Shell) -> None:
    seen: list[Mapping[str, Any]] = []

    def seal(account_id: str, provider: str, config: Mapping[str, Any]) -> bytes:
        seen.append(config)
        return b"anew"

    companies = shell.world.companies
    companies.seal = seal  # type: ignore[method-assign]
    companies.unseal = lambda account: {"secret": "s3cret", "limit": 5}  # type: ignore[method-assign]
    told = shell("account", "change", "acc_maya", "--set", "limit:=6").stdout
    assert seen == [{"secret": "s3cret", "limit": 6}]
    assert told == "acc_maya  at Maya has them from now on: limit\n"
    assert shell.world.database.accounts[AccountId("acc_maya")].sealed == b"anew"
    assert shell.json("account", "change", "acc_maya", "--set", "limit:=7")["id"] == "acc_maya"


def test_what_changes_nothing_or_is_anothers_is_not_changed(shell: Shell) -> None:
    status, told = shell.refused("account", "change", "acc_maya")
    assert (status, told.startswith("cauri: config: say what changes")) == (2, True)
    shell.open_tenant(2, "Beta")
    words = ("account", "change", "acc_maya", "--set", "a=b")
    assert "acc_maya" in shell.refused(*words, "--tenant", "ten_2")[1]
    assert (
        "acc_no"
        in shell.refused("account", "change", "acc_no", "--set", "a=b", "--tenant", ACME)[1]
    )


def test_accounts_are_listed_without_credentials(shell: Shell) -> None:
    told = shell.json("account", "list")["data"]
    assert [one["provider"] for one in told] == ["maya", "gcash", "cash"]
    assert told[0]["callbackUrl"] == "https://pay.example/api/payments/webhook/acc_maya"
    assert "sealed" not in json.dumps(told)
    table = shell("account", "list").stdout
    assert "acc_gcash" in table
    assert "active" in table


def test_an_account_has_deadlines_of_its_own_until_it_has_none(shell: Shell) -> None:
    usual = shell.json("account", "timeout", "acc_maya")["timeouts"]
    told = shell.json("account", "timeout", "acc_maya", "charge=15", "query=5")["timeouts"]
    assert told == {**usual, "charge": 15, "query": 5}
    stored = shell.world.database.accounts[AccountId("acc_maya")]
    assert stored.deadlines == {"charge": 15, "query": 5}
    table = shell("account", "timeout", "acc_maya").stdout
    assert "the account's" in table
    assert shell.json("account", "timeout", "acc_maya", "--none")["timeouts"] == usual
    assert shell.world.database.accounts[AccountId("acc_maya")].deadlines == {}


@pytest.mark.parametrize("words", [["charge"], ["charge=0"], ["charge=99"], ["fly=3"]])
def test_a_deadline_that_cannot_be_is_refused(shell: Shell, words: list[str]) -> None:
    status, told = shell.refused("account", "timeout", "acc_maya", *words)
    assert status == 2
    assert told.startswith("cauri: timeout: ")
    assert shell.world.database.accounts[AccountId("acc_maya")].deadlines == {}


def test_a_key_is_shown_once(shell: Shell) -> None:
    told = shell.json(
        *("key", "create", "--name", "till", "--scope", "payments:read", "--rate", "7", "--live")
    )
    assert told["key"].startswith("cauri_live_")
    assert told["scopes"] == ["payments:read"]
    assert told["ratePerMinute"] == 7
    listed = shell.json("key", "list")["data"]
    assert listed[0]["name"] == "till"
    assert "key" not in listed[0]


def test_a_key_may_do_everything_unless_told(shell: Shell) -> None:
    result = shell("key", "create")
    text, rest, *_ = result.stdout.splitlines()
    assert text.startswith("cauri_test_")
    assert "not shown again" in rest
    (key,) = shell.world.database.keys.values()
    assert key.scopes == EVERY_SCOPE
    assert "everything" in shell("key", "list").stdout


def test_a_key_is_revoked(shell: Shell) -> None:
    made = shell.json("key", "create")
    assert shell.json("key", "revoke", made["id"])["revokedAt"] == "2026-02-07T09:58:00Z"
    assert "revoked" in shell("key", "list").stdout
    assert shell("key", "revoke", made["id"]).exit_code == 0


def test_another_tenants_key_is_not_found(shell: Shell) -> None:
    made = shell.json("key", "create")
    shell.open_tenant(2, "Beta")
    status, told = shell.refused("key", "revoke", made["id"], "--tenant", "Beta")
    assert status == 3
    assert made["id"] in told


def test_a_rate_out_of_bounds_is_refused(shell: Shell) -> None:
    assert shell.refused("key", "create", "--rate", "0")[0] == 2


def test_providers_are_listed_with_what_they_can_do(shell: Shell) -> None:
    told = {one["code"]: one for one in shell.json("providers")["data"]}
    assert told["maya"]["capabilities"]["partialRefund"]
    assert told["cash"]["capabilities"]["offline"]
    assert told["maya"]["isActive"]
    table = shell("providers").stdout
    assert "2.5%+15.00 PHP" in table
    assert "refund in part, cancel, call back" in table


def test_providers_are_listed_without_a_tenant(shell: Shell) -> None:
    shell.world.database.tenants.clear()
    assert not shell.json("providers")["data"][0]["isConnected"]
    assert shell("providers", "--tenant", "Nobody").exit_code == 3


def test_an_account_that_is_switched_off_says_so(shell: Shell) -> None:
    accounts = shell.world.database.accounts
    accounts[AccountId("acc_maya")] = replace(accounts[AccountId("acc_maya")], active=False)
    assert "switched off" in shell("account", "list").stdout
    assert "switched off" in shell("providers").stdout


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["account", "list"], "cauri account connect"),
        (["key", "list"], "cauri key create"),
        (["payments", "list"], "cauri pay"),
        (["verify"], "Nothing waits"),
    ],
)
def test_an_empty_list_says_what_to_do(shell: Shell, words: list[str], hint: str) -> None:
    shell.open_tenant(2, "Beta")
    assert hint in shell(*words, "--tenant", "Beta").stdout


def test_no_tenant_at_all_says_what_to_do(shell: Shell) -> None:
    shell.world.database.tenants.clear()
    assert "cauri tenant create NAME" in shell("tenant", "list").stdout
    status, told = shell.refused("key", "list")
    assert status == 3
    assert "cauri tenant create NAME" in told


def test_a_tenant_has_to_be_named_when_there_are_several(shell: Shell) -> None:
    shell.open_tenant(2, "Beta")
    status, told = shell.refused("key", "list")
    assert status == 2
    assert f"{ACME} (Acme)" in told
    assert "ten_2 (Beta)" in told
    assert shell("key", "list", CAURI_TENANT="Beta").exit_code == 0


def test_two_tenants_of_one_name_are_told_apart_by_id(shell: Shell) -> None:
    shell.open_tenant(2, "Beta")
    shell.open_tenant(3, "Beta")
    status, told = shell.refused("key", "list", "--tenant", "Beta")
    assert status == 2
    assert "ten_2 (Beta)" in told
    assert "Acme" not in told


def test_an_unknown_tenant_is_not_found(shell: Shell) -> None:
    assert shell.refused("key", "list", "--tenant", "ten_9")[0] == 3
    assert shell.refused("key", "list", "--tenant", "Nobody")[0] == 3


def a_profile(
    *schedules: FeeSchedule, currencies: Sequence[str] = (), offline: bool = False
) -> Profile:
    return Profile(
        code="acme",
        title="Acme",
        kind=Kind.WALLET,
        currencies=frozenset(currencies),
        countries=frozenset(),
        fees=schedules,
        offline=offline,
    )


def test_a_price_that_nobody_published_is_not_called_free() -> None:
    nothing = FeeSchedule(currency=PHP)
    assert prices(a_profile(nothing)) == "not published"
    assert prices(a_profile(nothing, offline=True)) == "free"
    assert prices(a_profile(FeeSchedule(currency=PHP, rate_bps=250))) == "2.5% PHP"
    assert prices(a_profile()) == "-"


def test_a_table_counts_what_it_has_no_room_to_name() -> None:
    assert names(frozenset()) == "all"
    assert names(frozenset({"PHP", "KES"})) == "KES, PHP"
    assert names(frozenset(f"X{number}" for number in range(13))) == "13"

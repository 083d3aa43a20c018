"""Every account that is posted to is in the chart, and grows on its side."""

import pytest

from domain.ledger import journal
from domain.ledger.chart import CHART, EVERY_WALLET, AccountType, held, type_of


def test_every_account_of_the_domain_is_in_the_chart() -> None:
    codes = [
        value for name, value in vars(journal).items() if name.isupper() and isinstance(value, str)
    ]
    assert len(codes) > 8
    assert {*codes} == {*CHART}
    families = (journal.receivable("maya"), journal.wallet("wal_1"), EVERY_WALLET)
    assert [type_of(one).value for one in families] == ["asset", "liability", "liability"]


@pytest.mark.parametrize("code", ["", "sale", "receivable", "receivable:", "Sales", "bank:x"])
def test_what_is_not_in_the_chart_is_other(code: str) -> None:
    assert type_of(code) is AccountType.OTHER


@pytest.mark.parametrize(
    ("code", "minor"),
    [("bank", 70), ("receivable:maya", 70), ("refunds", 70), ("sales", -70), ("surplus", -70)],
)
def test_a_balance_is_on_the_side_on_which_its_account_grows(code: str, minor: int) -> None:
    assert held(code, 100, 30) == minor
    assert held(code, 30, 100) == -minor

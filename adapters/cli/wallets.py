"""`cauri wallets`: what customers have. Nothing here credits one: only a verified payment does."""

from dataclasses import dataclass
from typing import Any

import msgspec

from adapters.cli import show
from adapters.cli.failures import DONE
from adapters.cli.requests import amount_of, form_of, request_key, text_of
from adapters.cli.wallet_words import history_words, spend_words, wallets_words
from adapters.cli.which_tenant import WhichTenant
from application.answers import Answer
from application.payments.well_formed import LONGEST_CUSTOMER_ID, LONGEST_REFERENCE, LONGEST_TEXT
from application.wallets.spend_wallet import NewReversal, NewSpend, ReverseSpend, SpendWallet
from application.wallets.wallet_history import CURSOR, WalletHistory, cursor_of, place_of, signed
from application.wallets.well_formed import reversal_bytes, spend_bytes
from domain.currencies import unit as unit_of
from domain.ids import SpendId
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.ledger import EntryPage
from domain.ports.unit_of_work import Units
from domain.ports.wallets import WalletViews
from domain.wallets.spend import Spend
from domain.wallets.wallet import Wallet


@dataclass(frozen=True, slots=True)
class ShowWallets:
    views: WalletViews
    which: WhichTenant
    clock: Clock

    async def __call__(self, *, customer: str, tenant: str | None, json: bool) -> int:
        customer_id = _customer(customer)
        found = await self.views.wallets(await self.which(tenant), customer_id)
        if json:
            show.line(wallets_words(customer_id, found))
            return DONE
        if not found:
            show.say(f"Nothing was ever credited to {customer_id}.")
            return DONE
        now = self.clock.now()
        show.table(
            ("Wallet", "Balance", "Unit", "Moved"),
            [
                (one.id, one.balance.major, one.unit.code, show.ago(one.updated_at, now))
                for one in found
            ],
            right=("Balance",),
        )
        return DONE


@dataclass(frozen=True, slots=True)
class ShowHistory:
    history: WalletHistory
    which: WhichTenant

    async def __call__(
        self,
        *,
        customer: str,
        unit: str | None,
        limit: int,
        after: str | None,
        tenant: str | None,
        json: bool,
    ) -> int:
        counted_in = unit_of(unit) if unit is not None else None
        before = place_of(form_of(after, CURSOR, "cursor"))
        tenant_id = await self.which(tenant)
        page = await self.history(tenant_id, _customer(customer), counted_in, before, limit)
        if json:
            show.line(history_words(page))
        elif not page.entries:
            show.say("Nothing moved.")
        else:
            self._tell(page)
        return DONE

    def _tell(self, page: EntryPage) -> None:
        show.table(
            ("Time (UTC)", "What", "Amount", "Unit", "About"),
            [
                (
                    f"{one.at:%Y-%m-%d %H:%M:%S}",
                    one.kind.removeprefix("wallet_"),
                    signed(one).major,
                    one.amount.currency.code,
                    one.payment_id or one.subject,
                )
                for one in page.entries
            ],
            right=("Amount",),
        )
        if (more := cursor_of(page.next_before)) is not None:
            show.say(f"More: --after {more}")


@dataclass(frozen=True, slots=True)
class SpendFrom:
    spend: SpendWallet
    which: WhichTenant
    ids: Ids

    async def __call__(
        self,
        *,
        customer: str,
        amount: str,
        unit: str,
        reference: str,
        reason: str,
        key: str | None,
        tenant: str | None,
        json: bool,
    ) -> int:
        customer_id, much = _customer(customer), amount_of(amount, unit_of(unit))
        text_of(reference, "reference", LONGEST_REFERENCE)
        text_of(reason, "reason", LONGEST_TEXT)
        canonical = spend_bytes(customer_id, much, reference, reason)
        known_as = request_key("wallet_spend", key, canonical, self.ids)
        new = NewSpend(
            tenant_id=await self.which(tenant),
            customer_id=customer_id,
            amount=much,
            reference=reference,
            reason=reason,
        )
        _tell(await self.spend(new, known_as, rendered), known_as.key, json=json)
        return DONE


@dataclass(frozen=True, slots=True)
class GiveBackSpend:
    reverse: ReverseSpend
    units: Units
    which: WhichTenant
    ids: Ids

    async def __call__(
        self,
        *,
        customer: str,
        spend: str,
        amount: str | None,
        reason: str,
        key: str | None,
        tenant: str | None,
        json: bool,
    ) -> int:
        customer_id, spend_id = _customer(customer), SpendId(spend)
        tenant_id = await self.which(tenant)
        text_of(reason, "reason", LONGEST_TEXT)
        async with self.units(tenant_id) as unit:
            found = await unit.spends.get(spend_id)
        much = amount_of(amount, found.amount.currency) if amount is not None else None
        canonical = reversal_bytes(customer_id, spend_id, much, reason)
        known_as = request_key("wallet_reverse", key, canonical, self.ids)
        new = NewReversal(
            tenant_id=tenant_id,
            customer_id=customer_id,
            spend_id=spend_id,
            amount=much,
            reason=reason,
        )
        _tell(await self.reverse(new, known_as, rendered), known_as.key, json=json)
        return DONE


def rendered(spend: Spend, wallet: Wallet) -> Answer:
    """What HTTP would answer: the key may be used there next."""
    return Answer(201, msgspec.json.encode(spend_words(spend, wallet)))


def _tell(answer: Answer, key: str, *, json: bool) -> None:
    words: dict[str, Any] = msgspec.json.decode(answer.body)
    if json:
        show.line({**words, "idempotencyKey": key, "idempotencyReplayed": answer.replayed})
        return
    back = f"{words['reversedAmount']} {words['unit']}" if words["reversedAt"] else None
    show.fields(
        (
            ("Spend", words["id"]),
            ("Amount", f"{words['amount']} {words['unit']}"),
            ("Given back", back),
            ("Balance", f"{words['balance']} {words['unit']}"),
            ("Key", key),
        )
    )


def _customer(text: str) -> str:
    return text_of(text, "customer", LONGEST_CUSTOMER_ID, 1)

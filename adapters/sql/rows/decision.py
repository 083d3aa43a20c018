"""A routing decision with all it rests on, as JSON arrays: it is most of a payment's row.

The order of fields is what is stored. New fields go to the end of an array, with a default.
"""

from functools import lru_cache
from typing import Final

import msgspec

from adapters.sql.rows.money import FeeArray, fee, fee_array
from adapters.sql.rows.values import json, words
from domain.ids import AccountId
from domain.payments.routing import Candidate, Decision, Health, Obstacle, Snapshot
from domain.tenants.tenant import Policy, Strategy

STRATEGIES: Final = words(Strategy)
OBSTACLES: Final = words(Obstacle)
POLICIES: Final = 256  # remembered: a tenant's payments share theirs
HEALTHY: Final = Health()


class PolicyRow(msgspec.Struct, array_like=True, frozen=True):
    strategy: str
    order: tuple[str, ...]
    split: dict[str, int]
    minimum_sample: int


class CandidateRow(msgspec.Struct, array_like=True):
    provider: str
    account_id: str
    fee: FeeArray | None
    obstacle: str | None
    detail: str
    offline: bool
    circuit: str
    successes: int
    finished: int
    priced: bool = True
    local: bool = True


class DecisionRow(msgspec.Struct, array_like=True):
    strategy: str
    reason: str
    order: tuple[str, ...]
    method: str | None
    default_method: str | None
    sticky: str
    policy: msgspec.Raw
    candidates: list[CandidateRow]


_decoder: Final = msgspec.json.Decoder(DecisionRow)
_policy_decoder: Final = msgspec.json.Decoder(PolicyRow)


def policy_text(policy: Policy) -> str:
    return json((policy.strategy, policy.order, dict(policy.split), policy.minimum_sample))


@lru_cache(POLICIES)
def policy_of(text: str | bytes) -> Policy:
    row = _policy_decoder.decode(text)
    return Policy(STRATEGIES[row.strategy], row.order, row.split, row.minimum_sample)


def decision_text(decision: Decision) -> str:
    snapshot = decision.snapshot
    policy = snapshot.policy
    return json(
        (
            decision.strategy,
            decision.reason,
            decision.order,
            snapshot.method,
            snapshot.default_method,
            snapshot.sticky,
            (policy.strategy, policy.order, policy.split, policy.minimum_sample),
            [
                (
                    one.provider,
                    one.account_id,
                    fee_array(one.fee) if one.fee is not None else None,
                    one.obstacle,
                    one.detail,
                    one.offline,
                    one.health.circuit,
                    one.health.successes,
                    one.health.finished,
                    *(() if one.priced and one.local else (one.priced, one.local)),
                )
                for one in snapshot.candidates
            ],
        )
    )


def decision_of(text: str) -> Decision:
    row = _decoder.decode(text)
    snapshot = Snapshot(
        candidates=tuple([candidate(one) for one in row.candidates]),
        policy=policy_of(bytes(row.policy)),
        method=row.method,
        default_method=row.default_method,
        sticky=row.sticky,
    )
    return Decision(snapshot, row.strategy, row.order, row.reason)


def candidate(row: CandidateRow) -> Candidate:
    health = HEALTHY
    if row.finished or row.circuit != "closed":
        health = Health(row.circuit, row.successes, row.finished)
    return Candidate(
        provider=row.provider,
        account_id=AccountId(row.account_id),
        fee=fee(row.fee) if row.fee is not None else None,
        priced=row.priced,
        local=row.local,
        obstacle=OBSTACLES[row.obstacle] if row.obstacle is not None else None,
        detail=row.detail,
        offline=row.offline,
        health=health,
    )

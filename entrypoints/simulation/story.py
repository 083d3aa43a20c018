"""A broken run, told for people: what broke, how to have it again, who did what."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from entrypoints.simulation.cast import cast_of
from entrypoints.simulation.plan import FAULTS, ORDERS, Plan, Result
from entrypoints.simulation.shrink import about
from entrypoints.simulation.world import BEGIN

MOST_LINES: Final = 80
LINE: Final = re.compile(r"([0-9.]+) (.*)")
FAULT: Final = re.compile(r"fault (\w+)@(.*)#(\d+)")
MEANING: Final = {
    "refused": "the connection is refused",
    "lost_request": "the request is lost on its way",
    "lost_answer": "the company acts, and its answer is lost",
    "late_act": "the request is stuck, and acted on after our deadline",
    "error_before": "the company fails before it acts",
    "error_after": "the company acts, and answers HTTP 500",
    "garbage": "the company acts, and answers nonsense",
    "lying_no": "the company acts, and says that it did not",
    "slow_answer": "the answer comes late",
    "outage": "the company is down for a while",
    "payout_low": "the company has too little to give back",
    "notice_lost": "the callback is lost",
    "notice_twice": "the callback comes three times",
    "notice_slow": "the callback comes late",
    "wrong_amount": "the callback tells another amount",
    "forged": "an attacker forges callbacks",
    "stranger": "an attacker sends it to another tenant's door",
    "replayed": "an attacker repeats an old callback",
    "impostor": "an attacker pays a checkout of their own under our reference",
    "taken_back": "the company will take its no back",
    "post_lost": "the event to the merchant is lost",
    "post_answer_lost": "the merchant hears the event, and the answer is lost",
    "post_error": "the merchant hears the event, and answers HTTP 500",
    "merchant_away": "the merchant's endpoint is away for hours",
    "double_click": "the merchant asks twice at once",
    "client_gone": "the merchant never asks again",
    "commit_fails": "the commit fails",
    "commit_answer_lost": "the commit succeeds, and its answer is lost",
    "commit_slow": "the commit takes long",
    "stale_read": "the read is old when it comes",
    "slow_read": "the read takes long",
    "claim_lost": "jobs are claimed, and the answer is lost",
    "crash": "the process will be killed",
    "freeze": "the process will be stopped for a while",
}


def told(plan: Plan, result: Result) -> str:
    """What a person needs: the law, the command, the faults, the timeline."""
    strikes = [one for one in result.fired if one not in plan.muted]
    head = [f"BROKEN  {result.broken[0]}", f"again   {command(plan)}"]
    cast = ", ".join(cast_of(plan.providers, plan.seed))
    few = f"{len(strikes)} faults matter" if strikes else "no fault is needed"
    head.append(f"with    {cast}")
    return "\n".join([*head, f"        {few}:", *_faults(strikes), "", *_timeline(plan, result)])


def command(plan: Plan) -> str:
    """The run as a line to paste."""
    cast = ",".join(cast_of(plan.providers, plan.seed))
    word = next((name for name, rates in FAULTS.items() if rates == plan.rates), "heavy")
    line = f"cauri simulate --seed {plan.seed} --payments {ORDERS} --faults {word}"
    line += f" --providers {cast}"
    return line + (" --sqlite" if plan.sqlite else "") + " --shrink"


def _faults(strikes: Sequence[str]) -> Iterator[str]:
    for one in strikes:
        kind, _, place = one.partition("@")
        where, _, visit = place.rpartition("#")
        yield f"        - {MEANING.get(kind, kind)} ({where}, visit {visit})"


def _timeline(plan: Plan, result: Result) -> Iterator[str]:
    """What concerns the orders of the run; of several, those that the broken laws name."""
    orders = list(plan.payments)
    if len(orders) > 1:
        orders = [one for one in orders if any(about(one, law) for law in result.broken)] or orders
    lines = [
        found
        for line in result.trace
        if (found := LINE.match(line)) is not None
        and (_of_all(found[2]) or any(about(one, found[2]) for one in orders))
    ]
    if len(lines) > MOST_LINES:
        yield f"(the last {MOST_LINES} of {len(lines)} lines)"
    for found in lines[-MOST_LINES:]:
        at = BEGIN + timedelta(seconds=float(found[1]))
        yield f"{at:%d %H:%M:%S}.{at.microsecond // 1000:03d}  {_line(found[2])}"


def _of_all(what: str) -> bool:
    return what.startswith(("killed", "calm", "BROKEN", "fault crash", "fault freeze"))


def _line(what: str) -> str:
    if (fault := FAULT.fullmatch(what)) is not None:
        return f"  ! {MEANING.get(fault[1], fault[1])} ({fault[2]})"
    return what.replace("killed ", "process killed: ").replace("calm", "no more faults from here")

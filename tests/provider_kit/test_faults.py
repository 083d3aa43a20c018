"""A script strikes where it says, always the same for a seed, and wrong scripts are refused."""

import msgspec
import pytest

from adapters.provider_kit.faults import (
    OF_A_CALL,
    OF_A_CALLBACK,
    Do,
    Faults,
    On,
    Rule,
    Script,
    script,
)
from domain.errors import Invalid


def strikes(seed: int, rules: tuple[Rule, ...], times: int = 400, **more: object) -> list[str]:
    faults = Faults()
    faults.put(Script(seed=seed, rules=rules, **more))  # type: ignore[arg-type]
    return [rule.do if (rule := faults.strike("charge")) else "" for _ in range(times)]


SOME = (Rule(On.CHARGE, Do.TIMEOUT_AFTER, 0.2), Rule(On.CHARGE, Do.ERROR_BEFORE, 0.3))


def test_a_seed_always_strikes_the_same_and_another_seed_others() -> None:
    assert strikes(7, SOME) == strikes(7, SOME)
    assert strikes(7, SOME) != strikes(8, SOME)


def test_it_strikes_about_as_often_as_it_says() -> None:
    seen = strikes(7, SOME, 4000)
    assert abs(seen.count("timeout_after") - 800) < 100
    assert abs(seen.count("error_5xx_before") - 1200) < 120


@pytest.mark.parametrize(("on", "do"), [(o, d) for o in On for d in Do])
def test_every_kind_strikes_where_it_can_and_nowhere_else(on: On, do: Do) -> None:
    able = OF_A_CALLBACK if on is On.CALLBACK else OF_A_CALL
    body = msgspec.json.encode({"rules": [{"on": on, "do": do}]})
    if do not in able:
        with pytest.raises(Invalid, match="can:"):
            script(body)
        return
    faults = Faults()
    faults.put(script(body))
    assert [rule.do if (rule := faults.strike(one)) else None for one in On] == [
        do if one is on else None for one in On
    ]


def test_muting_one_strike_moves_no_other() -> None:
    faults = Faults()
    faults.put(Script(seed=7, rules=SOME))
    first = [bool(faults.strike("charge")) for _ in range(50)]
    muted = frozenset({faults.struck[3]})
    faults.put(Script(seed=7, rules=SOME, muted=muted))
    second = [bool(faults.strike("charge")) for _ in range(50)]
    assert sum(one != two for one, two in zip(first, second, strict=True)) == 1


def test_places_are_counted_apart() -> None:
    faults = Faults()
    faults.put(Script(seed=7, rules=(Rule(On.CALLBACK, Do.DROP, 0.5),)))
    alone = [bool(faults.strike("callback", "a")) for _ in range(50)]
    faults.put(faults.script)
    mixed = []
    for number in range(50):
        faults.strike("callback", f"b{number % 3}")
        mixed.append(bool(faults.strike("callback", "a")))
    assert alone == mixed


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "script"),
        (b"nonsense", "script"),
        (b"[]", "script"),
        (b"[" * 5000, "script"),
        (b'{"outage":1}', "outage"),
        (b'{"colour":1}', "script"),
        (b'{"rules":[{"on":"charge"}]}', "rules[0]"),
        (b'{"rules":[{"on":"lunch","do":"drop"}]}', "rules[0].on"),
        (b'{"rules":[{"on":"charge","do":"explode"}]}', "rules[0].do"),
        (b'{"rules":[{"on":"charge","do":"drop"}]}', "rules[0].do"),
        (b'{"rules":[{"on":"charge","do":"delay","rate":1.1}]}', "rules[0].rate"),
        (b'{"rules":[{"on":"charge","do":"delay","rate":-1}]}', "rules[0].rate"),
        (b'{"rules":[{"on":"charge","do":"delay","seconds":-1}]}', "rules[0].seconds"),
        (
            b'{"rules":[{"on":"query","do":"delay","rate":0.6},'
            b'{"on":"query","do":"timeout_after","rate":0.5}]}',
            "rules[1].rate",
        ),
    ],
)
def test_a_wrong_script_is_refused_by_the_name_of_its_field(body: bytes, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        script(body)
    assert caught.value.field == field


def test_the_scripts_of_the_documentation_are_read() -> None:
    assert script(b'{"outage": true}').outage
    body = b"""{"seed": 7, "rules": [{"on": "charge", "do": "timeout_after", "rate": 0.2,
        "seconds": 5}]}"""
    assert script(body) == Script(seed=7, rules=(Rule(On.CHARGE, Do.TIMEOUT_AFTER, 0.2, 5),))

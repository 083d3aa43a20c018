"""A history that keeps only news tells the same as one that keeps every answer."""

from hypothesis import given
from hypothesis import strategies as st

from domain.payments.evidence import Evidence, Judgement, Rank, is_news, judge
from domain.payments.outcome import Answer, NotFound
from tests.builders import declined, later, not_found, pending, php, succeeded

DUE = php("1500.00")
ANSWERS: tuple[Answer, ...] = (
    not_found(),
    pending(),
    declined(),
    succeeded(DUE),
    succeeded(php("1.00")),
)
before = st.sampled_from((Rank.TIMEOUT, Rank.REPLY, Rank.CALLBACK, Rank.PERSON))


def told(answers: list[Answer], shown_from: int) -> list[Evidence]:
    """Answers to queries, one a second; from `shown_from` on, "not found" proves something."""
    return [
        Evidence(
            id=str(number),
            rank=Rank.QUERY,
            answer=answer,
            at=later(number),
            conclusive=isinstance(answer, NotFound) and number >= shown_from,
        )
        for number, answer in enumerate(answers)
    ]


def sense(judged: Judgement) -> tuple[object, ...]:
    return (judged.verdict, judged.failure, judged.mismatch, judged.contradiction)


@given(
    answers=st.lists(st.sampled_from(ANSWERS), max_size=12),
    shown_from=st.integers(0, 12),
    first=st.none() | st.tuples(before, st.sampled_from(ANSWERS[1:])),
)
def test_what_is_no_news_changes_nothing(
    answers: list[Answer], shown_from: int, first: tuple[Rank, Answer] | None
) -> None:
    heard: list[Evidence] = []
    if first is not None:
        heard = [Evidence(id="first", rank=first[0], answer=first[1], at=later(-1))]
    kept = list(heard)
    for one in told(answers, shown_from):
        heard.append(one)
        asked = [each for each in kept if each.rank is Rank.QUERY]
        if is_news(one.answer, asked, conclusive=one.conclusive):
            kept.append(one)
        assert sense(judge(kept, DUE)) == sense(judge(heard, DUE))


@given(times=st.integers(1, 200), answer=st.sampled_from(ANSWERS))
def test_the_same_answer_is_kept_three_times_at_most(times: int, answer: Answer) -> None:
    """Once, or for "not found" once before it can prove something and twice after."""
    kept: list[Evidence] = []
    for one in told([answer] * times, times // 2):
        if is_news(one.answer, kept, conclusive=one.conclusive):
            kept.append(one)
    assert len(kept) <= (3 if isinstance(answer, NotFound) else 1)

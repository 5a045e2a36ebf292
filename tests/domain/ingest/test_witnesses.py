"""Several witnesses tell of the same happening once."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ingest.witnesses import UNNAMED, Account, Happening, Witness, happenings
from domain.timeline import Kind
from tests.make import START, event_id

HOOK, TRANSCRIPT, TELEMETRY = Witness.HOOK, Witness.TRANSCRIPT, Witness.TELEMETRY


def told(
    id: str, witness: Witness, name: str | None = None, text: str | None = None, at: int = 0, kind: Kind = Kind.PROMPT
) -> Account:
    return Account(event_id(id), kind, witness, (START, at), name, text)


def same(*accounts: Account) -> set[frozenset[Account]]:
    """Which of the accounts tell the same."""
    by_id = {account.id: account for account in accounts}
    return {frozenset(by_id[member.id] for member in (one.kept, *one.others)) for one in happenings(accounts)}


def test_the_agents_id_joins_whatever_was_said() -> None:
    hook, transcript = told("h", HOOK, "p1", "fix"), told("t", TRANSCRIPT, "p1", "fix it")
    assert same(hook, transcript) == {frozenset((hook, transcript))}


def test_another_id_is_another_happening_though_the_same_was_said() -> None:
    assert same(told("h", HOOK, "p2", "yes"), told("t", TRANSCRIPT, "p1", "yes")) == set()


def test_without_an_id_the_nth_stands_for_the_nth() -> None:
    hooks = [told(f"h{n}", HOOK, None, "yes", n) for n in range(3)]
    lines = [told(f"t{n}", TRANSCRIPT, f"p{n}", "yes", n) for n in range(2)]
    assert same(*hooks, *lines) == {frozenset((hooks[0], lines[0])), frozenset((hooks[1], lines[1]))}


def test_an_id_is_worth_more_than_a_text() -> None:
    """The second of two equal prompts came by hook; the transcript that lags behind has only the first."""
    first, second = told("h1", HOOK, "p1", "yes", 1), told("h2", HOOK, "p2", "yes", 2)
    line = told("t1", TRANSCRIPT, "p1", "yes", 1)
    assert same(second, first, line) == {frozenset((first, line))}


def test_one_witness_tells_nothing_twice() -> None:
    assert same(told("a", HOOK, "p", "x"), told("b", HOOK, "p", "x")) == set()


def test_whoever_was_heard_before_tells_of_another_happening_now() -> None:
    line = replace(told("t", TRANSCRIPT, None, "yes"), heard=frozenset({HOOK}))
    assert same(line, told("h", HOOK, None, "yes")) == set()


def test_kinds_are_not_mixed() -> None:
    assert same(told("a", HOOK, "c1"), told("b", TRANSCRIPT, "c1", kind=Kind.COMMAND)) == set()


def test_all_three_come_together_and_the_transcript_is_believed() -> None:
    hook, line, measured = told("h", HOOK, "c"), told("t", TRANSCRIPT, "c"), told("o", TELEMETRY, "c")
    (found,) = happenings((measured, hook, line))
    assert found == Happening(line, line, (hook, measured))


@pytest.mark.parametrize(("fresh", "kept"), [("t", "h"), ("h", "t"), ("ht", "t")])
def test_what_was_there_first_stays(fresh: str, kept: str) -> None:
    accounts = {
        id: Account(event_id(id), Kind.PROMPT, witness, (START, 0), "p", fresh=id in fresh)
        for id, witness in (("h", HOOK), ("t", TRANSCRIPT))
    }
    (found,) = happenings(accounts.values())
    assert (found.kept, found.best) == (accounts[kept], accounts["t"])


def test_what_came_of_a_call_without_an_id_is_found_by_its_input() -> None:
    """Hooks of old versions name no call: what came of it belongs to the n-th call with that input."""
    uses = [told(f"hu{n}", HOOK, f"{UNNAMED}1", "ls", n, Kind.TOOL_USE) for n in range(2)]
    results = [told(f"hr{n}", HOOK, f"{UNNAMED}1", "ls", n, Kind.TOOL_RESULT) for n in range(2)]
    calls = [told(f"tu{n}", TRANSCRIPT, f"toolu_{n}", "ls", n, Kind.TOOL_USE) for n in range(2)]
    answers = [told(f"tr{n}", TRANSCRIPT, f"toolu_{n}", None, n, Kind.TOOL_RESULT) for n in range(2)]
    expected = {frozenset(pair) for pair in [*zip(uses, calls, strict=True), *zip(results, answers, strict=True)]}
    assert same(*answers, *calls, *uses, *results) == expected


ACCOUNTS = st.lists(
    st.builds(
        lambda n, witness, name, text, kind, fresh: Account(event_id(n), kind, witness, (START, n), name, text, fresh),
        st.integers(0, 30),
        st.sampled_from(Witness),
        st.sampled_from([None, "a", "b", f"{UNNAMED}a"]),
        st.sampled_from([None, "x", "y"]),
        st.sampled_from([Kind.PROMPT, Kind.TOOL_USE, Kind.TOOL_RESULT]),
        st.booleans(),
    ),
    unique_by=lambda account: account.id,
)


@given(ACCOUNTS, st.randoms(use_true_random=False))
def test_each_account_is_in_one_happening_of_one_kind(accounts: list[Account], random: random.Random) -> None:
    found = happenings(accounts)
    ids = [member.id for one in found for member in (one.kept, *one.others)]
    assert len(ids) == len(set(ids))
    for one in found:
        members = (one.kept, *one.others)
        assert one.best.witness is max(member.witness for member in members)
        assert len({member.witness for member in members}) == len(members)
        assert len({member.kind for member in members}) == 1
    random.shuffle(accounts)
    assert happenings(accounts) == found

"""Several witnesses tell of the same happening once."""

import random
from dataclasses import replace
from time import process_time

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


@pytest.mark.parametrize(
    ("kind", "witness", "text"),
    [(Kind.PROMPT, TELEMETRY, "go on"), (Kind.TOOL_USE, TELEMETRY, "ls"), (Kind.GIT_ACTION, Witness.METRIC, "push")],
)
def test_thousands_of_equal_accounts_that_find_no_place_take_no_minutes(
    kind: Kind, witness: Witness, text: str
) -> None:
    """Each looked at all of the others: 35 s of 4,000 prompts that say the same."""
    heard = frozenset({witness}) if kind is Kind.PROMPT else frozenset[Witness]()
    kept = [
        replace(told(f"t{n}", TRANSCRIPT, f"t{n}", "commit" if kind is Kind.GIT_ACTION else text, n, kind), heard=heard)
        for n in range(3_000)
    ]
    more = [told(f"m{n}", witness, f"m{n}", text, n, kind) for n in range(3_000)]
    began = process_time()
    assert same(*kept, *more) == set()
    assert process_time() - began < 4


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


def test_what_says_nothing_stands_for_the_nth_that_is_left() -> None:
    """The person has not switched text on, and the version of the agent writes no ids."""
    lines = [told(f"t{n}", TRANSCRIPT, f"p{n}", f"text {n}", n) for n in range(3)]
    silent = [told(f"o{n}", TELEMETRY, None, None, n) for n in range(2)]
    named = told("named", TELEMETRY, "p0", None, 5)
    expected = {frozenset(pair) for pair in ((named, lines[0]), (silent[0], lines[1]), (silent[1], lines[2]))}
    assert same(*lines, *silent, named) == expected
    assert same(told("t", TRANSCRIPT, "p1", "x"), told("o", TELEMETRY, "p2")) == set()
    hook, other = told("h", HOOK, None, "x"), told("o", TELEMETRY, "p2")
    assert same(hook, other) == {frozenset((hook, other))}


def test_requests_are_joined_by_what_they_read_where_no_id_is_told() -> None:
    def request(id: str, witness: Witness, text: str | None) -> Account:
        return told(id, witness, None, text, kind=Kind.API_REQUEST)

    line, measured = request("t", TRANSCRIPT, "10 900 0"), request("o", TELEMETRY, "10 900 0")
    others = request("t2", TRANSCRIPT, "5 0 0"), request("o2", TELEMETRY, None)
    assert same(line, measured, *others) == {frozenset((line, measured))}


def test_an_edit_is_the_same_whatever_became_of_the_file() -> None:
    create = told("t1", TRANSCRIPT, "c", "a.py", 1, Kind.FILE_CREATE)
    change = told("t2", TRANSCRIPT, "c", "b.py", 2, Kind.FILE_DIFF)
    of_b, of_a = (told(id, TELEMETRY, "c", id, 3, Kind.FILE_DIFF) for id in ("b.py", "a.py"))
    assert same(create, change, of_b, of_a) == {frozenset((create, of_a)), frozenset((change, of_b))}


SPAN, METRIC = Witness.SPAN, Witness.METRIC


def test_what_only_adds_up_counts_where_nobody_tells_of_that_kind() -> None:
    sums = [told(f"m{n}", METRIC, None, f"{n}", n, Kind.API_REQUEST) for n in range(3)]
    prompt = told("p", HOOK, "p", "x", 1)
    assert same(*sums, prompt) == set()
    line = told("t", TRANSCRIPT, "r", "9", 2, Kind.API_REQUEST)
    assert same(*sums, prompt, line) == {frozenset((line, *sums))}
    span = told("s", SPAN, None, "8", 2, Kind.API_REQUEST)
    assert same(*sums, span) == {frozenset((span, *sums))}


def test_actions_that_were_counted_are_told_apart() -> None:
    def action(id: str, witness: Witness, text: str) -> Account:
        return told(id, witness, None, text, kind=Kind.GIT_ACTION)

    commits, request = [action(f"m{n}", METRIC, "commit") for n in range(2)], action("mp", METRIC, "pull_request")
    told_by_hook = action("h", HOOK, "commit")
    assert same(*commits, request, told_by_hook) == {frozenset((*commits, told_by_hook))}


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
        fillers = [member for member in members if member.witness in (Witness.SPAN, Witness.METRIC)]
        assert len({member.witness for member in members}) >= len(members) - max(len(fillers) - 1, 0)
        assert len({member.kind for member in members}) == 1
    random.shuffle(accounts)
    assert happenings(accounts) == found

"""The bench on a tiny world: everything but the figures."""

import re
from collections.abc import AsyncGenerator
from itertools import repeat
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from persistence.embedded import Cluster
from persistence.postgres_server import ADMIN, APP
from tests.bench import kept
from tests.bench.checks import Checked, difference
from tests.bench.invented import POSTED, World
from tests.bench.kept import connect, kept_cluster
from tests.bench.plans import explain, literal
from tests.bench.recorded import Answer, Statement
from tests.bench.report import beside_table, held_table, import_line, table
from tests.bench.run import check_all, dsn, measure_all, measure_storm, tidy
from tests.bench.served import served
from tests.bench.stores import measure_import, measure_stores
from tests.bench.targets import targets
from tests.bench.workloads import Call, Pair, Workload, choose, workloads

WORLD = World(8_000)


def silent(text: str) -> None:
    pass


@pytest.fixture(scope="module")
async def small(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Cluster]:
    async with kept_cluster(tmp_path_factory.mktemp("bench"), WORLD, silent) as cluster:
        yield cluster


@pytest.fixture(scope="module")
async def admin(small: Cluster) -> AsyncGenerator[asyncpg.Connection]:
    connection = await connect(small, ADMIN)
    yield connection
    await connection.close()


@pytest.fixture
async def app(small: Cluster) -> AsyncGenerator[asyncpg.Connection]:
    connection = await connect(small, APP)
    yield connection
    await connection.close()


async def test_every_workload_answers_as_its_floor_by_index(
    small: Cluster, admin: asyncpg.Connection, app: asyncpg.Connection
) -> None:
    await tidy(admin, WORLD)
    made = workloads(await choose(admin, WORLD))
    checked = await check_all(small, made, app, seqscan=False)
    assert [one.faults for one in checked] == [[] for _ in made]
    assert {one.answer.status for one in checked} == {200, 201}
    assert all(one.plans for one in checked)
    assert {(one.workload.name, one.workload.face) for one in checked} >= {
        ("one session with its arcs", "GraphQL"),
        ("50 sessions with arcs and scores", "GraphQL"),
        ("headline score of the week", "GraphQL"),
        ("headline score of the week", "REST"),
        ("headline score after 5 years", "REST"),
        ("tokens of 30 days", "REST"),
        ("dashboard of the week", "GraphQL"),
        ("100 timeline events", "GraphQL"),
        ("500 timeline events", "REST"),
        ("ingest, one event", "REST"),
    }


@pytest.mark.usefixtures("forked")
async def test_figures_come_from_two_servers(
    small: Cluster, admin: asyncpg.Connection, app: asyncpg.Connection
) -> None:
    made = workloads(await choose(admin, WORLD))
    checked = await check_all(small, made[:1], app)
    [history, *others] = targets(made)
    windows = [one for one in others if one.most is not None]
    assert (history.most, history.itself, {one.most for one in windows}, len(windows)) == (1.2, True, {2.0}, 8)
    [result], kept = await measure_all(small, admin, checked, [history, windows[0]], 2, 0.02, silent)
    both = (result.measured, *(one.measured for one in kept))
    turns = [turn for measured in both for turn in (*measured.subject, *measured.floor)]
    assert len(turns) == 12
    assert all(turn.server_ms > 0 and turn.postgres_ms > 0 and turn.walls for turn in turns)
    assert f"| {made[0].name} | GraphQL |" in table([result])
    assert re.search(r"\| headline score after 5 years +\| headline score after 5 days +\|", held_table(kept))


def test_a_server_that_is_measured_has_a_python_of_its_own(small: Cluster, tmp_path: Path) -> None:
    with served("tests.bench.floor", {"FLOOR_DSN": dsn(small)}, tmp_path / "log") as server:
        assert Path(f"/proc/{server.pid}/cmdline").read_bytes().split(b"\0")[2] == b"tests.bench.serve"


@pytest.mark.usefixtures("forked")
async def test_what_is_taken_in_is_measured_beside_bare_inserts(
    small: Cluster, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    await tidy(admin, WORLD)
    named = {one.name: one for one in workloads(await choose(admin, WORLD)) if one.writes and one.face == "REST"}
    hooks = await measure_storm(small, admin, named["ingest, one event"], 1, 100)
    stores = await measure_stores(small, admin, WORLD, named["ingest, 1,000 events"], 1)
    imported = await measure_import(small, admin, WORLD, tmp_path, 1)
    turns = [turn for one in (hooks, *stores) for turn in (*one.ours, *one.floor)]
    assert len(turns) == 6
    assert all(turn.per_second > 0 and turn.server_us > 0 and turn.postgres_us > 0 for turn in (*turns, imported))
    posted = await admin.fetchval("SELECT count(*) FROM events WHERE org_id = $1", WORLD.orgs[POSTED].id)
    assert posted > 2 * 100 + 3_000 + 1_500, "with the warm-ups, and the history"
    assert hooks.name in beside_table([hooks], "REST")
    assert import_line(imported).startswith("imported 2 MB: ")
    await tidy(admin, WORLD)


async def test_tidying_takes_away_what_was_posted(
    small: Cluster, admin: asyncpg.Connection, app: asyncpg.Connection
) -> None:
    await tidy(admin, WORLD)
    before = await counts(admin)
    posting = [one for one in workloads(await choose(admin, WORLD)) if one.writes]
    await check_all(small, posting, app)
    org = WORLD.orgs[POSTED].id
    assert await admin.fetchval("SELECT count(*) FROM events WHERE org_id = $1", org) > 1_000
    await tidy(admin, WORLD)
    assert await counts(admin) == before


async def counts(admin: asyncpg.Connection) -> list[int]:
    tables = ("events", "sessions", "session_ids", "raw_payloads", "jobs", "sub_sessions")
    return [await admin.fetchval(f"SELECT count(*) FROM {table}") for table in tables]


async def test_what_an_interrupted_run_left_is_made_anew_and_alike(
    small: Cluster, admin: asyncpg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut(owner: asyncpg.Connection, world: World) -> None:
        await owner.execute("INSERT INTO orgs (id, slug) VALUES (gen_random_uuid(), 'bench-0')")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(kept, "seed", cut)
        with pytest.raises(KeyboardInterrupt):
            async with kept_cluster(tmp_path, WORLD, silent):
                pass
    await tidy(admin, WORLD)
    async with kept_cluster(tmp_path, WORLD, silent) as other:
        again = await connect(other, ADMIN)
        try:
            assert await digest(again) == await digest(admin)
        finally:
            await again.close()


async def digest(admin: asyncpg.Connection) -> list[str]:
    queries = (
        "SELECT md5(string_agg(concat_ws(' ', id, ts, kind, data), ',' ORDER BY session_id, ts, id)) FROM events",
        "SELECT md5(string_agg(concat_ws(' ', id, state, crushed, evidence, prompt_ids), ',' ORDER BY id))"
        " FROM sub_sessions",
        "SELECT md5(string_agg(concat_ws(' ', id, user_id, event_count, cost_usd), ',' ORDER BY id)) FROM sessions",
        "SELECT md5(string_agg(day::text, ',' ORDER BY user_id, starts_at)) FROM score_days day",
    )
    return [await admin.fetchval(query) for query in queries]


async def test_a_world_is_made_once(small: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(owner: asyncpg.Connection, world: World) -> None:
        raise AssertionError("made twice")

    monkeypatch.setattr(kept, "seed", never)
    async with kept_cluster(small.data_dir.parent, WORLD, silent) as same:
        assert same.data_dir == small.data_dir


async def test_arcs_add_up_to_their_sessions(small: Cluster, admin: asyncpg.Connection) -> None:
    wrong = await admin.fetchval(
        "SELECT count(*) FROM sessions s WHERE event_count <> (SELECT count(*) FROM events e"
        " WHERE e.org_id = s.org_id AND e.session_id = s.id)"
    )
    strays = await admin.fetchval(
        "SELECT count(*) FROM sub_sessions a CROSS JOIN LATERAL unnest(prompt_ids) AS p (id) WHERE NOT EXISTS"
        " (SELECT FROM events e WHERE e.org_id = a.org_id AND e.session_id = a.session_id AND e.id = p.id"
        " AND e.kind = 'prompt' AND e.ts BETWEEN a.started_at AND a.last_event_at)"
    )
    assert (wrong, strays) == (0, 0)
    assert await admin.fetchval("SELECT count(*) FROM sub_sessions WHERE crushed AND NOT qualifying") == 0


async def test_reading_a_table_from_end_to_end_is_a_fault(admin: asyncpg.Connection) -> None:
    reading = Statement("SELECT id FROM events WHERE model = $1", ("none",))
    plans = await explain(admin, [[reading]], seqscan=False)
    assert [plan.faults[0] for plan in plans] == ["sequential scan of events"] * 2
    assert "Seq Scan events" in plans[0].text


async def test_reading_mostly_in_vain_is_a_fault(small: Cluster, app: asyncpg.Connection) -> None:
    bound = Statement("SELECT set_config('app.org_id', $1, true), set_config('app.user_id', '*', true)", (org_id(),))
    reading = Statement("SELECT id FROM events WHERE org_id = $1::uuid AND model = $2", (org_id(), "none"))
    [plan, _] = await explain(app, [[bound, reading]], seqscan=False)
    assert "rows read in vain for 0 wanted (events)" in plan.faults[0]


async def test_a_new_organisation_is_read_by_session(
    small: Cluster, admin: asyncpg.Connection, app: asyncpg.Connection
) -> None:
    """Nothing was analysed since its events came, so the planner has never heard of it."""
    await tidy(admin, WORLD)
    posting = [one for one in workloads(await choose(admin, WORLD)) if one.name == "ingest, 1,000 events"]
    await check_all(small, posting, app)
    org = str(WORLD.orgs[POSTED].id)
    bound = Statement("SELECT set_config('app.org_id', $1, true), set_config('app.user_id', '*', true)", (org,))
    session = str(UUID(int=1))
    reading = Statement("SELECT data FROM events WHERE org_id = $1::uuid AND session_id = $2", (org, session))
    plans = await explain(app, [[bound, reading]])
    assert all(re.search("Index Cond: [^;]*session_id = ", plan.text) for plan in plans), plans[0].text


def org_id() -> str:
    return str(WORLD.orgs[0].id)


def checked(*transactions: tuple[Statement, ...]) -> Checked:
    call = Call("GET", "/")
    workload = Workload("some", "REST", repeat(Pair(call, call)))
    return Checked(workload, Answer(200, b"", transactions), (), ())


def test_a_statement_for_each_item_is_a_fault() -> None:
    each = tuple(Statement("SELECT 1 WHERE id IN ($1, $2)", (n, n)) for n in range(4))
    assert checked(each[:3]).faults == []
    [fault] = checked(each[:2], each[2:]).faults
    assert fault == "some, REST: 4 times\n  SELECT 1 WHERE id IN ($...)"


def test_answers_that_differ_show_where() -> None:
    assert difference(Answer(200, b'{"a":1}', ()), Answer(200, b'{"a":1}', ())) is None
    told = difference(Answer(200, b'{"a":1}', ()), Answer(201, b'{"a":2}', ()))
    assert told is not None
    assert "200 and 201, from byte 5 on" in told
    assert difference(Answer(200, b"ab", ()), Answer(200, b"abc", ())) is not None


def test_only_the_cost_of_a_question_may_be_added() -> None:
    bare = Answer(200, b'{"data":{}}', ())
    for left in (b"9", b"null"):
        mine = b'{"data":{},"extensions":{"cost":{"requested":2,"actual":1,"remaining":' + left + b"}}}"
        assert difference(Answer(200, mine, ()), bare) is None
    assert difference(Answer(200, b'{"data":{},"extensions":{"cost":{"requested":2}}}', ()), bare) is not None
    assert difference(Answer(200, b'{"data":{},"extensions":{"more":1}}', ()), bare) is not None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        (True, "'True'"),
        (b"\x00\xff", "'\\x00ff'"),
        ("it's", "'it''s'"),
        (['a"b', None, "c\\d"], '\'{"a\\"b",NULL,"c\\\\d"}\''),
    ],
)
def test_values_are_written_as_literals(value: object, text: str) -> None:
    assert literal(value) == text


def test_an_unknown_value_has_no_literal() -> None:
    with pytest.raises(TypeError, match="no literal for dict"):
        literal({})

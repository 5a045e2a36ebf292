"""What must hold before anything is timed: the same bytes from both sides, no end-to-end reads, no N+1."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from starlette.types import ASGIApp

from tests.bench.plans import Plan, explain, shape_of
from tests.bench.recorded import Answer, asked
from tests.bench.workloads import Workload

_ASKED = 3
"""So many questions of each workload are compared."""
_REPEATED = 3
_BIND = "set_config"
_COST = re.compile(rb',"extensions":\{"cost":\{"requested":\d+,"actual":\d+,"remaining":(?:\d+|null)\}\}\}$')
"""What a question cost of its caller's budget, after the answer to it: the floor has no callers."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The last answer of a workload, with what was found wrong: the first also notes that its key was used."""

    workload: Workload
    answer: Answer
    differences: tuple[str, ...]
    plans: tuple[Plan, ...]

    @property
    def faults(self) -> list[str]:
        slow = [f"{fault}\n  {plan.sql}\n{plan.text}" for plan in self.plans for fault in plan.faults]
        found = (*self.differences, *self._repeated(), *slow)
        return [f"{self.workload.name}, {self.workload.face}: {what}" for what in found]

    def _repeated(self) -> list[str]:
        """Statements that one request makes again and again, for each item of a list."""
        made = Counter(shape_of(statement) for each in self.answer.transactions for statement in each)
        return [
            f"{times} times\n  {shape}" for shape, times in made.items() if times > _REPEATED and _BIND not in shape
        ]


async def check(
    workloads: Sequence[Workload], subject: ASGIApp, floor: ASGIApp, app: asyncpg.Connection, seqscan: bool = True
) -> list[Checked]:
    """Asks both sides in this process; `app` is a connection of the application role, see `plans.explain`."""
    answers = await asyncio.to_thread(_ask, workloads, subject, floor)
    return [
        Checked(workload, answer, differences, tuple(await explain(app, answer.transactions, seqscan)))
        for workload, (answer, differences) in zip(workloads, answers, strict=True)
    ]


def _ask(workloads: Sequence[Workload], subject: ASGIApp, floor: ASGIApp) -> list[tuple[Answer, tuple[str, ...]]]:
    with asked(subject) as ours, asked(floor) as bare:
        found: list[tuple[Answer, tuple[str, ...]]] = []
        for workload in workloads:
            if workload.alone:
                found.append((ours.ask(workload.take(1)[0].subject), ()))
                continue
            both = [(ours.ask(pair.subject), bare.ask(pair.floor)) for pair in workload.take(_ASKED)]
            different = tuple(text for mine, theirs in both if (text := difference(mine, theirs)) is not None)
            found.append((both[-1][0], different))
        return found


def difference(mine: Answer, theirs: Answer) -> str | None:
    """Where two answers part; None where they are the same but for what mine cost."""
    body = _COST.sub(b"}", mine.body)
    if (mine.status, body) == (theirs.status, theirs.body):
        return None
    pairs = zip(body, theirs.body, strict=False)
    same = next((n for n, (one, other) in enumerate(pairs) if one != other), min(len(body), len(theirs.body)))
    around = slice(max(0, same - 60), same + 60)
    return (
        f"answers differ: {mine.status} and {theirs.status}, from byte {same} on:\n"
        f"  {body[around]!r}\n  {theirs.body[around]!r}"
    )

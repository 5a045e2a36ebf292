"""How well the deterministic judge does against labels that others made: `make judge-eval`.

Reads the runs with a known outcome and the human intent labels beside the project, and prints the tables that stand in
docs/judging.md. Everything is deterministic: the bootstrap has a fixed seed.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from domain.ingest.claude_code import ClaudeCodeReader
from domain.ingest.reading import Origin
from domain.judging.arcs import Rules, SessionLog
from domain.judging.derive import derive
from domain.judging.intent import read_intent
from domain.judging.records import Measures, SubSession
from domain.judging.rule_judge import RuleJudge
from domain.judging.turns import turns
from domain.judging.work import read_work
from domain.timeline import Event, Kind
from domain.values import SessionId, UserId
from tests import make

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
RESAMPLES = 2_000
SEED = 20_261_122
BINS = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01))

INTENT_OF_CATEGORY = {
    "1.1": {"feature"},
    "1.2": {"small_change", "feature", "refactor"},
    "1.3": {"small_change", "bug_fix"},
    "2.1": {"bug_fix"},
    "2.2": {"bug_fix"},
    "2.3": {"bug_fix"},
    "3.1": {"plan", "question"},
    "3.2": {"question", "investigation"},
    "3.3": {"question"},
    "5.1": {"review"},
    "5.2": {"investigation", "question"},
    "6.1": {"small_change", "feature"},
    "6.2": {"small_change", "feature"},
}
"""Which of our intents fit a category of the code book; the others name no kind of work (context, workflow)."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: what is known, what the judge said, and what the assistant said of itself at the end."""

    completed: bool
    goal_complete: bool
    confidence: float
    claims_success: bool


Metric = Callable[[Sequence[Run]], float]


def main() -> int:
    """Prints all tables; 0 also where the data is absent."""
    labels = DATA / "labelled" / "labels.json"
    if not labels.exists():
        print(f"skipped: no labelled runs at {labels}")
        return 0
    runs = [judged(entry["file"], entry["label"] == "completed") for entry in json.loads(labels.read_text())["labels"]]
    known = [run for run in runs if run is not None]
    print(
        f"goal_complete on {len(known)} of {len(runs)} labelled runs ({sum(run.completed for run in known)} completed)"
    )
    print_outcomes(known)
    print_calibration(known)
    print_intents(DATA / "labels" / "intent" / "joined-with-text.json")
    return 0


def judged(file: str, completed: bool) -> Run | None:
    """The verdict on one transcript: that of its last scored arc, since a run has one goal; None if none was scored."""
    events = events_of(DATA / file)
    session_id = events[0].session_id
    log = SessionLog(session_id, UserId(UUID(int=1)), None, max(event.ts for event in events), tuple(events))
    scored = [row for row in derive([log], Rules(), RuleJudge()) if row.outcome.goal_complete is not None]
    return as_run(scored[-1], completed, events) if scored else None


def as_run(row: SubSession, completed: bool, events: Sequence[Event]) -> Run:
    confidence = row.outcome.completion_confidence or 0.0
    return Run(completed, row.outcome.goal_complete is True, confidence, claims_success(events))


def events_of(path: Path) -> list[Event]:
    reader = ClaudeCodeReader(Origin(SessionId(path.stem)))
    events: list[Event] = []
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            events += reader.read(line, number).events
    return [*events, *reader.flush()]


def claims_success(events: Sequence[Event]) -> bool:
    """The second baseline: the last message counts as success unless it admits failure in so many words."""
    said = [str(event.data.get("text", "")) for event in events if event.kind is Kind.AI_RESPONSE]
    admissions = ("could not", "couldn't", "unable to", "failed to", "still fails", "does not work", "not able to")
    return bool(said) and not any(words in said[-1].lower() for words in admissions)


def accuracy(runs: Sequence[Run]) -> float:
    return sum(run.goal_complete == run.completed for run in runs) / len(runs)


def balanced_accuracy(runs: Sequence[Run]) -> float:
    """Mean of the shares of right answers among completed and not completed runs; an absent class is left out."""
    shares = [accuracy(part) for label in (True, False) if (part := [run for run in runs if run.completed is label])]
    return sum(shares) / len(shares)


def kappa(runs: Sequence[Run]) -> float:
    """Cohen's kappa; 0.0 where chance alone agrees always."""
    said, true = (
        sum(values) / len(runs) for values in zip(*((r.goal_complete, r.completed) for r in runs), strict=True)
    )
    chance = said * true + (1 - said) * (1 - true)
    return 0.0 if chance == 1 else (accuracy(runs) - chance) / (1 - chance)


def auc(runs: Sequence[Run]) -> float:
    """How often a completed run has the higher confidence of a pair, ties counting half; 0.5 without pairs."""
    good = [run.confidence for run in runs if run.completed]
    bad = [run.confidence for run in runs if not run.completed]
    wins = sum((g > b) + (g == b) / 2 for g in good for b in bad)
    return wins / (len(good) * len(bad)) if good and bad else 0.5


def brier(runs: Sequence[Run]) -> float:
    return sum((run.confidence - run.completed) ** 2 for run in runs) / len(runs)


METRICS: dict[str, Metric] = {
    "accuracy": accuracy,
    "balanced accuracy": balanced_accuracy,
    "Cohen's kappa": kappa,
    "AUC of confidence": auc,
    "Brier score (lower is better)": brier,
}


def interval(runs: Sequence[Run], metric: Metric) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval over runs."""
    chance = random.Random(SEED)
    values = sorted(metric(chance.choices(runs, k=len(runs))) for _ in range(RESAMPLES))
    return values[int(0.025 * RESAMPLES)], values[int(0.975 * RESAMPLES) - 1]


def print_outcomes(runs: Sequence[Run]) -> None:
    judges = {
        "rule judge": runs,
        "always completed": [Run(run.completed, True, 0.5, True) for run in runs],
        "believes the last message": [
            Run(run.completed, run.claims_success, 1.0 if run.claims_success else 0.0, True) for run in runs
        ],
    }
    print("\n| measure | " + " | ".join(judges) + " |\n|---|" + "---|" * len(judges))
    for name, metric in METRICS.items():
        cells = [
            f"{metric(answers):.2f} ({low:.2f} to {high:.2f})"
            for answers in judges.values()
            for low, high in [interval(answers, metric)]
        ]
        print(f"| {name} | " + " | ".join(cells) + " |")
    counts = Counter((run.completed, run.goal_complete) for run in runs)
    print("\n| label | judged complete | judged not complete |\n|---|---|---|")
    for label, name in ((True, "completed"), (False, "not completed")):
        print(f"| {name} | {counts[label, True]} | {counts[label, False]} |")


def print_calibration(runs: Sequence[Run]) -> None:
    print("\n| confidence | runs | mean confidence | completed |\n|---|---|---|---|")
    for low, high in BINS:
        part = [run for run in runs if low <= run.confidence < high]
        if part:
            mean, share = (
                sum(run.confidence for run in part) / len(part),
                sum(run.completed for run in part) / len(part),
            )
            print(f"| {low:.1f} to {min(high, 1.0):.1f} | {len(part)} | {mean:.2f} | {share:.2f} |")


def print_intents(path: Path) -> None:
    if not path.exists():
        print(f"\nskipped: no intent labels with text at {path}")
        return
    messages = json.loads(path.read_text())["messages"]
    print(f"\nintent of {len(messages)} labelled messages whose text is known\n")
    print("| message | people said | judge said | fits |\n|---|---|---|---|")
    for message in messages:
        labels = message["labels_consensus"]
        fitting = set[str]().union(*(INTENT_OF_CATEGORY.get(label.split(" ")[0], set[str]()) for label in labels))
        intent = intent_of(message["text"])
        print(f"| {message['id']} | {'; '.join(labels)} | {intent} | {'yes' if intent in fitting else 'no'} |")


def intent_of(text: str) -> str:
    """The intent of one message by its words alone: what was done then is not known."""
    arc = make.arc(make.prompt(text), measures=Measures(turn_count=1))
    return str(read_intent(arc, turns(arc.events), read_work(arc.events)).intent)


if __name__ == "__main__":
    sys.exit(main())

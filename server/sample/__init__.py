"""The project's own demo: three weeks of an invented developer's sessions, told anew for the week they are shown in."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from domain.values import JsonObject
from server.sample import ferrybook, tidetable
from server.sample.transcript import Story, Transcript, duration, transcripts

_REST = timedelta(minutes=15)
"""Between two sessions of a day; more than the ten minutes within which arcs are merged."""
_JUST_NOW = timedelta(minutes=5)


def write_sample(folder: Path, today: datetime) -> Path:
    """Writes the sample of the week of `today` (aware) below `folder`, laid out as `~/.claude/projects`; returns it.

    A sample that stands there is left as it is, so all runs of a week show the same sessions, byte for byte, and the
    current week, month and day stay filled. The next week gets sessions of its own beside it: every id follows from
    the story and the moment it starts, so a line never comes back under its old id with another time.
    """
    year, week, _ = today.isocalendar()
    final = folder / f"{year}-W{week:02}"
    if not final.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(mkdtemp(prefix=".sample-", dir=folder))
        try:
            for transcript in sample(today):
                _write(unfinished / "claude-projects", transcript)
            unfinished.rename(final)
        except OSError:
            shutil.rmtree(unfinished, ignore_errors=True)
            if not final.is_dir():  # else another process was quicker
                raise
    return final / "claude-projects"


def sample(today: datetime) -> Iterator[Transcript]:
    """The sessions of the three weeks up to `today`, newest story first; the last one is over by then.

    A story starts at its own hour of its working day, or earlier where that hour is still to come.
    """
    latest_end = today.astimezone(UTC).replace(microsecond=0) - _JUST_NOW
    for story in sorted(stories(today.date()), key=lambda story: (story.days_ago, -_minutes(story))):
        day = working_day(today.date(), story.days_ago)
        preferred = datetime.combine(day, story.at, today.tzinfo).astimezone(UTC)
        start = min(preferred, latest_end - duration(story))
        yield from transcripts(story, start)
        latest_end = start - _REST


def stories(day: date) -> tuple[Story, ...]:
    """All stories; the commits in them are named after `day`, so that those of two samples differ."""

    def commit(name: str) -> str:
        return sha256(f"{day}/{name}".encode()).hexdigest()[:7]

    return (
        ferrybook.child_fare(commit("child-fare")),
        ferrybook.price_table(commit("price-table")),
        ferrybook.price_revert(commit("price-table"), commit("price-revert"), commit("price-test")),
        tidetable.bundle_size(),
        tidetable.low_water(commit("low-water")),
        tidetable.hello(),
        ferrybook.last_seat(),
        tidetable.summer_time(),
        ferrybook.nightly_export(commit("nightly-export")),
    )


def working_day(day: date, back: int) -> date:
    """The Monday to Friday that lies `back` working days before `day`, or before the Friday before it."""
    while day.weekday() > 4:
        day -= timedelta(days=1)
    weeks, rest = divmod(back, 5)
    day -= timedelta(weeks=weeks)
    return day - timedelta(days=rest if rest <= day.weekday() else rest + 2)


def _minutes(story: Story) -> int:
    return story.at.hour * 60 + story.at.minute


def _write(projects: Path, transcript: Transcript) -> None:
    folder = projects / "".join(char if char.isalnum() else "-" for char in transcript.cwd)
    _write_lines(folder / f"{transcript.session_id}.jsonl", transcript.lines)
    for agent in transcript.subagents:
        path = folder / transcript.session_id / "subagents" / f"agent-{agent.id}.jsonl"
        _write_lines(path, agent.lines)
        meta = {"agentType": "Explore", "description": agent.description}
        path.with_suffix(".meta.json").write_text(json.dumps(meta), encoding="utf-8")


def _write_lines(path: Path, lines: tuple[JsonObject, ...]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8", newline="\n")

"""The project's own demo: three weeks of an invented developer's sessions, told anew for the week they are shown in."""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from domain.values import JsonObject
from server.sample.features import LOW_WATER, NIGHTLY_EXPORT
from server.sample.fixes import CHILD_FARE, PRICE_REVERT, PRICE_TABLE, SUMMER_TIME
from server.sample.questions import BUNDLE_SIZE, HELLO, LAST_SEAT
from server.sample.transcript import Transcript, duration, transcripts

STORIES = (
    CHILD_FARE,
    PRICE_TABLE,
    PRICE_REVERT,
    BUNDLE_SIZE,
    LOW_WATER,
    HELLO,
    LAST_SEAT,
    SUMMER_TIME,
    NIGHTLY_EXPORT,
)
"""In the order in which they happen."""
_REST = timedelta(minutes=15)
"""Between two sessions of a day; more than the ten minutes within which arcs are merged."""
_JUST_NOW = timedelta(minutes=5)
_COMMIT = re.compile(r"<commit:([a-z-]+)>")


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
            for transcript in _sample(today):
                _write(unfinished / "claude-projects", transcript, final.name)
            unfinished.rename(final)
        except OSError:
            shutil.rmtree(unfinished, ignore_errors=True)
            if not final.is_dir():  # else another process was quicker
                raise
    return final / "claude-projects"


def _sample(today: datetime) -> Iterator[Transcript]:
    """The sessions of the three weeks up to `today`, newest story first; the last one is over by then.

    A story starts at its own hour of its working day, or earlier where that hour is still to come.
    """
    latest_end = today.astimezone(UTC).replace(microsecond=0) - _JUST_NOW
    for story in reversed(STORIES):
        day = working_day(today.date(), story.days_ago)
        preferred = datetime.combine(day, story.at, today.tzinfo).astimezone(UTC)
        start = min(preferred, latest_end - duration(story))
        yield from transcripts(story, start)
        latest_end = start - _REST


def working_day(day: date, back: int) -> date:
    """The Monday to Friday that lies `back` working days before `day`, or before the Friday before it."""
    while day.weekday() > 4:
        day -= timedelta(days=1)
    weeks, rest = divmod(back, 5)
    day -= timedelta(weeks=weeks)
    return day - timedelta(days=rest if rest <= day.weekday() else rest + 2)


def _write(projects: Path, transcript: Transcript, week: str) -> None:
    folder = projects / "".join(char if char.isalnum() else "-" for char in transcript.cwd)
    _write_lines(folder / f"{transcript.session_id}.jsonl", transcript.lines, week)
    for agent in transcript.subagents:
        path = folder / transcript.session_id / "subagents" / f"agent-{agent.id}.jsonl"
        _write_lines(path, agent.lines, week)
        meta = {"agentType": "Explore", "description": agent.description}
        path.with_suffix(".meta.json").write_text(json.dumps(meta), encoding="utf-8")


def _write_lines(path: Path, lines: Sequence[JsonObject], week: str) -> None:
    """Commits get a hash of their own for each week, so that a revert means that week's commit."""

    def short_hash(commit: re.Match[str]) -> str:
        return sha256(f"{week}/{commit[1]}".encode()).hexdigest()[:7]

    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_COMMIT.sub(short_hash, text), encoding="utf-8", newline="\n")

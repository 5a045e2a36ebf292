"""The development set, beside the repository: what was billed there, and what its sessions cost by list price."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from domain.ingest.claude_code import ClaudeCodeReader
from domain.ingest.reading import Origin
from domain.judging.usage import Usage, usage
from domain.prices.catalogue import cost, price_of
from domain.timeline import Tokens
from domain.values import SessionId

DATA = Path(__file__).parents[3].parent / "shared" / "data"
TRANSCRIPTS = DATA / "claude-code"

pytestmark = pytest.mark.skipif(
    not TRANSCRIPTS.exists(), reason="the development set does not lie beside the repository"
)


def responses(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document that has a model and a usage with its cost."""
    if isinstance(value, dict):
        if "model" in value and "cost" in (value.get("usage") or {}):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from responses(one)


def test_what_was_billed_is_what_the_list_says() -> None:
    compared = Counter[str]()
    for file in sorted((DATA / "labelled" / "raw").glob("*.traj.json")):
        for response in responses(json.loads(file.read_text("utf-8"))):
            used = response["usage"]
            read = (used["prompt_tokens_details"] or {}).get("cached_tokens") or 0
            tokens = Tokens(used["prompt_tokens"] - read, used["completion_tokens"], read, 0)
            price = price_of(response["model"], datetime.fromtimestamp(response["created"], UTC))
            assert price is not None
            assert abs(cost(tokens, price) - Decimal(str(used["cost"]))) < Decimal("1e-9"), file
            compared[response["model"], read > 0] += 1
    assert compared == {("google/gemini-3-pro-preview", False): 10, ("google/gemini-3-pro-preview", True): 69}


@cache
def used_by(file: Path) -> Usage:
    reader = ClaudeCodeReader(Origin(SessionId(file.stem)))
    with file.open("rb") as lines:
        events = [event for number, line in enumerate(lines) for event in reader.read(line, number).events]
    return usage([*events, *reader.flush()])


def transcripts() -> list[Path]:
    return sorted(TRANSCRIPTS.glob("**/*.jsonl"))


def test_every_session_of_claude_code_is_priced() -> None:
    unpriced = [file.name for file in transcripts() if used_by(file).cost_usd is None]
    assert (len(transcripts()), unpriced) == (52, [])


def test_old_sessions_and_no_others_are_lower_bounds() -> None:
    """Which versions wrote a file, by its text: before 2.1.60 counts of output are too low."""
    for file in transcripts():
        found = re.findall(r'"version":\s?"(\d+)\.(\d+)\.(\d+)"', file.read_text("utf-8"))
        versions = {tuple(map(int, version)) for version in found}
        assert used_by(file).is_lower_bound == any(version < (2, 1, 60) for version in versions), file.name


@pytest.mark.parametrize(
    ("name", "usd"),
    [
        # 2 x $5, 735 x $25, 33,510 x $0.50, 21,706 x $10 kept for an hour
        ("021119e5-0c91-4195-aa2d-b4109a88bc90", "0.2522"),
        # 206 x $15, 6,064 x $75, 1,167,066 x $1.50, 29,126 x $18.75 kept for five minutes
        ("12a546d1-83a7-49a6-abba-5400db340b43", "2.7546015"),
        # 10 x $5, 3,122 x $25, 101,254 x $0.50, 17,715 x $6.25
        ("agent-a6aa8ad077d9ea083", "0.23944575"),
        # 30 of the 82 responses of Opus 4.7 kept what they wrote for an hour, the others for five minutes
        ("35ea950f-b370-4441-934d-e6a994c53fd3", "5.646549"),
    ],
)
def test_worked_sessions(name: str, usd: str) -> None:
    [file] = [file for file in transcripts() if file.stem == name]
    assert used_by(file).cost_usd == Decimal(usd)


def test_the_models_of_other_agents_have_prices_on_their_days() -> None:
    for model, day in (
        ("gpt-5.4", "2026-04-07"),
        ("gemini-3.1-pro-preview", "2026-05-04"),
        ("gemini-3-flash-preview", "2026-04-14"),
        ("claude-sonnet-4.5", "2026-04-13"),
    ):
        assert price_of(model, datetime.fromisoformat(f"{day}T12:00:00Z")) is not None

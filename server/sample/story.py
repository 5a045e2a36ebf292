"""What a story of the demo sample is made of: what a person asks and what the agent does."""

from dataclasses import dataclass
from datetime import time
from typing import TypeAlias

FERRYBOOK = "/home/mara/code/ferrybook"
"""An invented booking service for ferries, in Python."""
TIDETABLE = "/home/mara/code/tidetable"
"""An invented page that shows the tides of a harbour, in TypeScript."""


@dataclass(frozen=True, slots=True)
class Read:
    path: str


@dataclass(frozen=True, slots=True)
class Edit:
    """`old` stands exactly once in the file."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Write:
    path: str
    content: str


@dataclass(frozen=True, slots=True)
class Bash:
    command: str
    what: str
    output: str
    exit_code: int = 0
    seconds: int = 2


@dataclass(frozen=True, slots=True)
class Agent:
    """A sub-agent: its own replies go to a file of their own, the last one is its answer."""

    what: str
    prompt: str
    replies: "tuple[Reply, ...]"


Call: TypeAlias = Read | Edit | Write | Bash | Agent


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the person types, `after_s` seconds after the agent stopped."""

    text: str
    after_s: int = 40


@dataclass(frozen=True, slots=True)
class Reply:
    """One API response: a text, then the calls it makes."""

    text: str
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class Clear:
    """`/clear`: the tool goes on in a new session."""

    after_s: int = 60


Step: TypeAlias = Prompt | Reply | Clear


@dataclass(frozen=True, slots=True)
class Story:
    """`days_ago` are working days before the day of the sample, `at` the local time of the start.

    `files` are the files of the repository `cwd` that the story touches, as they are before it. In all texts
    `<commit:name>` stands for the short hash of a commit.
    """

    key: str
    title: str
    cwd: str
    days_ago: int
    at: time
    files: dict[str, str]
    steps: tuple[Step, ...]
    branch: str = "main"


def reply(*parts: str | Call) -> Reply:
    """A response of texts and calls; the texts come first."""
    text = "".join(part for part in parts if isinstance(part, str))
    return Reply(text, tuple(part for part in parts if not isinstance(part, str)))

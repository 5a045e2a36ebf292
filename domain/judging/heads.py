"""Which commits are taken back by events that name them from HEAD (domain reference, section 9).

`git revert HEAD` and `git reset --hard HEAD~2` tell no hash. They are resolved where the hashes of the commits before
them are known: made in the same session and place, and nothing in between can have moved HEAD.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from domain.calls import calls
from domain.git_calls import git_call, restored_paths, unstages
from domain.judging.commands import line_of
from domain.judging.commit_refs import KEEPING_RESETS
from domain.judging.git_calls import git_class
from domain.judging.programs import CommandClass
from domain.judging.segmentation import in_order
from domain.judging.text import lexicon
from domain.shell import Command
from domain.timeline import Event, Kind
from domain.values import EventId

_FROM_HEAD = re.compile(r"(?:HEAD|@)((?:\^|~\d{0,4})*)")
_MENTION = re.compile(r"\bgit\b|\bgh\b")
_STEP = re.compile(r"\^|~(\d*)")
_TOLD_AS = {"commit": "commit", "revert": "revert", "reset": "reset", "checkout": "checkout", "switch": "checkout"}
"""Calls of git that move HEAD, and the git action that tells of them."""
_MOVING = frozenset(_TOLD_AS.values())
_STAYS = lexicon(
    """add push fetch stash tag branch rm mv restore clean init clone config remote worktree submodule notes apply lfs
    gc archive format-patch update-index"""
)
_STAYING_ACTIONS = ("push", "pull_request", "restore")
_SWITCHES = (("gh", "pr", "checkout"), ("gh", "pr", "merge"))


class _Head:
    """The newest commits of one place, oldest first, as far as their hashes are certain."""

    def __init__(self) -> None:
        self.known: list[str] = []
        self.place: str | None = None

    def be_at(self, place: str | None) -> None:
        if place is None or place != self.place:
            self.known = []
        self.place = place

    def take(self, event: Event) -> tuple[str, ...]:
        """Follows a git action; the commits that it takes back, named from HEAD."""
        ref = event.text("ref")
        match event.git_action:
            case "commit":
                if event.text("mode") == "amend":
                    del self.known[-1:]
                self._add(event.text("commit"))
            case "revert":
                lost = self._before(_steps(ref or ""))
                self._add(event.text("commit"))
                return lost
            case "reset":
                lost = self._reset(_steps(ref or "HEAD"))
                return () if event.text("mode") in KEEPING_RESETS else lost
            case action if action not in _STAYING_ACTIONS and not _restores(event):
                self.known = []
            case _:
                pass
        return ()

    def _add(self, commit: str | None) -> None:
        if commit:
            self.known.append(commit)
        else:
            self.known = []

    def _before(self, back: int | None) -> tuple[str, ...]:
        return () if back is None or back >= len(self.known) else (self.known[-1 - back],)

    def _reset(self, back: int | None) -> tuple[str, ...]:
        kept = 0 if back is None else max(0, len(self.known) - back)
        lost = tuple(self.known[kept:])
        del self.known[kept:]
        return () if back is None else lost


def taken_back_from_head(events: Iterable[Event]) -> dict[EventId, tuple[str, ...]]:
    """The hashes of the commits that git actions of one session take back, by event, where they are certain."""
    ordered = in_order(events)
    told = _told(ordered)
    head, unclear = _Head(), set[str | None]()
    found: dict[EventId, tuple[str, ...]] = {}
    for event in ordered:
        if event.kind is Kind.COMMAND and (moves := _moves(event)):
            place = _place(moves, told.get(event.call_id, ()))
            head.be_at(place)
            if place is None and event.call_id is not None:
                unclear.add(event.call_id)
        elif event.kind is Kind.GIT_ACTION and not event.failed and event.call_id not in unclear:
            found[event.id] = head.take(event)
    return {id: lost for id, lost in found.items() if lost}


def _told(events: Iterable[Event]) -> dict[str | None, list[str | None]]:
    """The git actions of each call that move HEAD, in order; those that belong to no call left out."""
    told: defaultdict[str | None, list[str | None]] = defaultdict(list)
    for event in events:
        if event.git_action in _MOVING and event.call_id is not None and not _restores(event):
            told[event.call_id].append(event.git_action)
    return told


def _moves(event: Event) -> list[tuple[str, str | None]]:
    """What in a command line may move HEAD: the git action that would tell of it, and where it runs."""
    line = line_of(event)
    if not _MENTION.search(line):
        return []
    return [move for command in calls(line, event.text("cwd")) if (move := _move(command)) is not None]


def _move(command: Command) -> tuple[str, str | None] | None:
    call = git_call(command)
    if call is None:
        return ("other", command.cwd) if command.words[:3] in _SWITCHES else None
    if call.name in _STAYS or git_class(call) is CommandClass.READ_ONLY or restored_paths(call) or unstages(call):
        return None
    return _TOLD_AS.get(call.name, "other"), call.cwd


def _place(moves: Sequence[tuple[str, str | None]], told: Sequence[str | None]) -> str | None:
    """Where all of a command's moves were made; None unless git actions tell of each of them and all in one place."""
    places = {place for _, place in moves}
    return places.pop() if len(places) == 1 and [move for move, _ in moves] == told else None


def _steps(ref: str) -> int | None:
    """How many commits before HEAD `ref` names: 0 for `HEAD`, 3 for `@~2^`; None for what is not named from HEAD."""
    named = _FROM_HEAD.fullmatch(ref)
    return sum(int(step[1] or 1) for step in _STEP.finditer(named[1])) if named else None


def _restores(event: Event) -> bool:
    return bool(event.data.get("paths"))

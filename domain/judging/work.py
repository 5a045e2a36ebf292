"""What was done to the code and how it fared: edits, runs, commits, and work taken back, in the order of events."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.calls import calls, program
from domain.judging.commands import CHECKS, Step, has_side_effects, line_of, refused_calls, restored_paths, steps
from domain.judging.edits import FILE_KINDS, of_edit_tool
from domain.judging.programs import CommandClass
from domain.judging.text import lexicon
from domain.timeline import Event, Kind

PROSE_SUFFIXES = (".md", ".mdx", ".rst", ".txt", ".adoc")
"""Editing these after a test run does not make the run stale."""

_WRITING_PROGRAMS = lexicon("sed perl awk mv cp patch ed ex truncate tee install rsync unzip tar")
_HOUSEKEEPING = lexicon("rm rmdir mkdir touch chmod cd kill pkill killall sleep wait true false trap set export")
_WRITING_GIT = lexicon("apply am cherry-pick")
_SCRATCH = re.compile(
    r"^/dev/|^\$\w*(?:TMP|TEMP|SCRATCH)|(?:^|/)(?:tmp|temp|scratch|scratchpad)/|^/(?:private/)?var/folders/|/\.claude/\w+/"
    r"|/\.copilot/session-state/",
    re.IGNORECASE,
)
"""Places for notes and trials of the assistant: what is written there is no part of the work."""
_SCRATCH_SUFFIXES = (".log", ".out")
_INTERPRETERS = re.compile(r"(?:python[\d.]*|node|ruby|php|perl|bash|sh|deno|bun|tsx|ts-node|go|cargo|dotnet|java)$")
_TRIAL = re.compile(
    r"(?:^|[/_\-.])(?:tests?|repro|reproduce|reproduction|verify|verification|validate|check)(?:$|[/_\-.\d])"
)
_NEVER_RAN = re.compile(r"No module named|command not found|not recognized as|No such file or directory: '\w+'|ENOENT")
_NEVER_RAN_CODES = (126, 127)
_HIDES_EXIT_CODE = re.compile(r"[|;]|&\s*$")
_FAILURES = re.compile(
    r"(?m)^FAIL(?:ED)?\b|^--- FAIL|\b[1-9]\d{0,5} (?:tests? |specs? )?(?:failed|failing|failures?|errors?|problems?)\b"
)
TESTS, BUILD = "tests", "build"
_NAMES = {
    CommandClass.TEST: TESTS,
    CommandClass.LINT: "lint",
    CommandClass.TYPE_CHECK: "type check",
    CommandClass.BUILD: BUILD,
}
COMMAND = "command"
TRIAL = "trial run"


@dataclass(frozen=True, slots=True)
class Run:
    """A command or run with its result. `check`: it tells whether the code is well, as tests, lint or a build do."""

    index: int
    event: Event
    name: str
    check: bool
    passed: bool


@dataclass(frozen=True, slots=True)
class Work:
    """Indexes into the events of an arc, each list in order.

    `deliveries` are commits, pushes, pull requests and merges. `taken_back` is where the arc undid most of its own
    edits and made none afterwards.
    """

    edits: tuple[int, ...]
    last_edit: int | None
    runs: tuple[Run, ...]
    commits: tuple[int, ...]
    deliveries: tuple[int, ...]
    taken_back: int | None


@dataclass(frozen=True, slots=True)
class _Shell:
    """A command line, read once."""

    line: str
    steps: tuple[Step, ...]
    targets: tuple[str, ...]
    """The files that its redirections write."""

    def has(self, kind: CommandClass) -> bool:
        return any(step.kind is kind for step in self.steps)


def read_work(events: Sequence[Event]) -> Work:
    """The work among `events`, which are in canonical order."""
    shells = [_shell(event) for event in events]
    edits = _edits(events, shells)
    commits = [i for i, event in enumerate(events) if _did(event, shells[i], "commit", CommandClass.COMMIT)]
    pushes = [i for i, event in enumerate(events) if _did(event, shells[i], "push", CommandClass.PUSH)]
    handed = [i for i, event in enumerate(events) if event.git_action in ("pull_request", "merge")]
    return Work(
        edits=tuple(edits),
        last_edit=_last_of_code(events, edits),
        runs=tuple(_runs(events, shells)),
        commits=tuple(commits),
        deliveries=tuple(sorted({*commits, *pushes, *handed})),
        taken_back=_taken_back(events, shells, edits, commits),
    )


def command_line(event: Event) -> str:
    """The shell command of a `command` event; "" for others, as a call and its command are one run."""
    return line_of(event) if event.kind is Kind.COMMAND else ""


def _shell(event: Event) -> _Shell:
    line = command_line(event)
    if not line:
        return _Shell("", (), ())
    return _Shell(line, steps(line), tuple(target for call in calls(line) for target in call.writes))


def _edits(events: Sequence[Event], shells: Sequence[_Shell]) -> list[int]:
    """Where files were changed; removing a file that was made here is tidying up and no edit, nor is any `rm`."""
    made: set[str | None] = set()
    told = {event.call_id for event in events if event.kind in FILE_KINDS and event.call_id is not None}
    found: list[int] = []
    for index, event in enumerate(events):
        tidied = event.kind is Kind.FILE_DELETE and event.path in made
        if event.kind is Kind.FILE_CREATE:
            made.add(event.path)
        if tidied or _is_scratch(event.path or ""):
            continue
        edited = event.kind in FILE_KINDS or (_is_tool_edit(event) and event.call_id not in told)
        if edited or (_ran_well(event) and _writes(shells[index])):
            found.append(index)
    return found


def _last_of_code(events: Sequence[Event], edits: Sequence[int]) -> int | None:
    """The last edit of code, or of anything where no code was edited."""
    code = [index for index in edits if not (events[index].path or "").lower().endswith(PROSE_SUFFIXES)]
    return (code or [*edits] or [None])[-1]


def told_run(event: Event) -> Run | None:
    """The run that an event tells of by itself, whatever stands around it; its index is 0."""
    return _run(0, event, _shell(event))


def _run(index: int, event: Event, shell: _Shell) -> Run | None:
    return _command_run(index, event, shell) if shell.line else _reported_run(index, event)


def _runs(events: Sequence[Event], shells: Sequence[_Shell]) -> list[Run]:
    """Commands and test or build runs with a known result; those that only read or were refused left out.

    A trial of a script that was written in this arc proves little: it is a check only once it failed before and passes
    now. So is any other command that failed before: that it passes was the point.
    """
    failed: set[str] = set()
    made: set[str] = set()
    found: list[Run] = []
    refused = refused_calls(events)
    for index, event in enumerate(events):
        line = shells[index].line
        run = _run(index, event, shells[index])
        made |= _files_made(event, shells[index])
        if run is None or (event.call_id or str(event.id)) in refused:
            continue
        if run.name in (TRIAL, COMMAND) and run.passed and line in failed:
            run = replace(run, check=True, name=TRIAL)
        elif run.name == TRIAL and any(_base(word) in made for step in shells[index].steps for word in step.words):
            run = replace(run, check=False)
        found.append(run)
        if line and not run.passed:
            failed.add(line)
    return found


def _files_made(event: Event, shell: _Shell) -> set[str]:
    """The plain names of files that an event created, as far as it shows."""
    created = {_base(event.path)} if event.kind is Kind.FILE_CREATE and event.path else set[str]()
    return created | {_base(target) for target in shell.targets}


def _base(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _reported_run(index: int, event: Event) -> Run | None:
    """A run that the client reported as such."""
    if event.kind is Kind.TEST_RUN:
        failed, passed = _number(event, "failed"), _number(event, "passed")
        known = bool(failed or passed or _told_end(event))
        return Run(index, event, TESTS, True, not failed and not event.failed) if known else None
    if event.kind is Kind.BUILD_RUN and _told_end(event):
        return Run(index, event, BUILD, True, not event.failed)
    return None


def _told_end(event: Event) -> bool:
    return event.exit_code is not None or event.succeeded is not None


def _command_run(index: int, event: Event, shell: _Shell) -> Run | None:
    """None for what only reads or tidies up, and for what could not even start: that tells nothing of the code."""
    if event.exit_code is None and event.succeeded is not False:
        return None
    checks = [step.kind for step in shell.steps if step.kind in CHECKS]
    trial = _is_trial(shell)
    if not checks and not trial and (not has_side_effects(shell.line) or _only_tidies(shell)):
        return None
    failed_to_start = event.exit_code in _NEVER_RAN_CODES or _NEVER_RAN.search(_output(event)) is not None
    if failed_to_start and not _ran_well(event):
        return None
    passed = _ran_well(event) and not (checks and _hidden_failure(event, shell.line))
    name = _NAMES[checks[-1]] if checks else TRIAL if trial else COMMAND
    return Run(index, event, name, name != COMMAND, passed)


def _only_tidies(shell: _Shell) -> bool:
    return all(not step.words or program(step.words[0]) in _HOUSEKEEPING for step in shell.steps)


def _is_trial(shell: _Shell) -> bool:
    """Whether a script is run whose name says that it tries the code out: `python repro.py`, `bin/test`."""
    return any(_tries(step.words) for step in shell.steps if step.words)


def _tries(words: Sequence[str]) -> bool:
    if "/" in words[0] and _TRIAL.search(words[0]):
        return True
    return _INTERPRETERS.match(program(words[0])) is not None and any(_TRIAL.search(word) for word in words[1:3])


def _output(event: Event) -> str:
    return "\n".join(text for name in ("stdout", "stderr") if isinstance(text := event.data.get(name), str))


def _hidden_failure(event: Event, line: str) -> bool:
    """Whether the output tells of failures that a pipe or a chain keeps out of the exit code."""
    return _HIDES_EXIT_CODE.search(line) is not None and _FAILURES.search(_output(event)) is not None


def _is_tool_edit(event: Event) -> bool:
    return event.kind is Kind.TOOL_RESULT and of_edit_tool(event) and event.succeeded is True


def _writes(shell: _Shell) -> bool:
    """Whether a command line writes files of the project, as far as its words show."""
    if any(not _is_scratch(target) and not target.endswith(_SCRATCH_SUFFIXES) for target in shell.targets):
        return True
    return any(_edits_files(step) for step in shell.steps if step.kind is CommandClass.SIDE_EFFECT and step.words)


def _is_scratch(path: str) -> bool:
    return _SCRATCH.search(path.replace("\\", "/")) is not None


def _edits_files(step: Step) -> bool:
    name = program(step.words[0])
    return name in _WRITING_PROGRAMS or (name == "git" and any(word in _WRITING_GIT for word in step.words[1:3]))


def _ran_well(event: Event) -> bool:
    return not event.failed


def _did(event: Event, shell: _Shell, action: str, kind: CommandClass) -> bool:
    if event.git_action == action:
        return event.succeeded is not False
    return event.exit_code == 0 and shell.has(kind)


def _taken_back(
    events: Sequence[Event], shells: Sequence[_Shell], edits: Sequence[int], commits: Sequence[int]
) -> int | None:
    if not edits:
        return None
    ours = {path for index in edits if (path := events[index].path)}
    for index in range(len(events) - 1, edits[-1], -1):
        if _undoes(events[index], shells[index], ours, committed=any(at < index for at in commits)):
            return index
    return None


def _undoes(event: Event, shell: _Shell, ours: set[str], *, committed: bool) -> bool:
    """Whether an event brings back most of the files in `ours`, or undoes a commit made in this arc."""
    match event.git_action:
        case "revert":
            return committed
        case "reset":
            return event.data.get("mode") == "hard"
        case "restore" | "checkout":
            paths = event.data.get("paths")
            return isinstance(paths, list) and _most([path for path in paths if isinstance(path, str)], ours)
        case _:
            pass
    if not shell.line or not _ran_well(event):
        return False
    hard = any(step.kind is CommandClass.RESET and "--hard" in step.words for step in shell.steps)
    return hard or (committed and shell.has(CommandClass.REVERT)) or _most(restored_paths(shell.line), ours)


def _most(restored: Sequence[str], ours: set[str]) -> bool:
    """Whether the restored paths, as written, cover at least half of the edited files."""
    ends = [path.removeprefix("./").rstrip("/") for path in restored]
    covered = [path for path in ours if any(_covers(end, path) for end in ends)]
    return bool(restored) and 2 * len(covered) >= max(len(ours), 1)


def _covers(end: str, path: str) -> bool:
    return end in ("", ".", "*") or path == end or path.endswith(f"/{end}") or f"/{end}/" in f"/{path}"


def _number(event: Event, name: str) -> int:
    value = event.data.get(name)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0

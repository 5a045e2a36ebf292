"""What the scripts ask for with which newer models call all their tools at once, read without running them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.ingest.patches import BEGIN

SCRIPT_CHARS = 256 * 2**10
TOOL = "exec"
"""The tool that runs such a script, in JavaScript."""

_STRING = re.compile(
    r"""(?P<raw>String\.raw)?(?:"(?P<double>(?:[^"\\\n]|\\.)*)"|'(?P<single>(?:[^'\\\n]|\\.)*)'|`(?P<template>(?:[^`\\]|\\.)*)`)""",
    re.DOTALL,
)
_IS_COMMAND = re.compile(r"""\b(?:cmd|command)["']?\s*:\s*\Z""")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\n)|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": ""}


@dataclass(frozen=True, slots=True)
class Asked:
    """The shell commands and the patches that stand in a script as plain text; what it computes is not known."""

    commands: tuple[str, ...]
    patches: tuple[str, ...]


def asked(script: str) -> Asked:
    commands: list[str] = []
    patches: list[str] = []
    for before, text in _texts(script[:SCRIPT_CHARS]):
        if text.lstrip().startswith(BEGIN):
            patches.append(text)
        elif _IS_COMMAND.search(before):
            commands.append(text)
    return Asked(tuple(commands), tuple(patches))


def _texts(script: str) -> Iterator[tuple[str, str]]:
    """The string literals of a script, each with what stands before it."""
    for found in _STRING.finditer(script):
        text = next(group for group in found.group("double", "single", "template") if group is not None)
        before = script[max(found.start() - 40, 0) : found.start()]
        yield before, text if found["raw"] else _ESCAPED.sub(_character, text)


def _character(escaped: re.Match[str]) -> str:
    code = escaped[1] or escaped[2]
    if code:
        letter = chr(int(code, 16))
        return "\ufffd" if "\ud800" <= letter <= "\udfff" or letter == "\0" else letter
    return "" if escaped[3] else _LETTERS.get(escaped[4], escaped[4])

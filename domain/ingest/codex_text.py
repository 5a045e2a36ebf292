"""Which words of a Codex rollout a person said."""

import re

_REQUEST = re.compile(r"^## My request for Codex:[ \t]*\n?", re.MULTILINE)
_INJECTED = (
    "<environment_context>",
    "<user_instructions>",
    "<permissions instructions>",
    "<collaboration_mode>",
    "<subagent_notification>",
    "<turn_aborted>",
    "<skill>",
    "<skills_instructions>",
    "<INSTRUCTIONS>",
    "# AGENTS.md instructions",
)
_BY_HAND = re.compile(r"<command>\s*(.*?)\s*</command>(?:.*?Exit code: (-?\d{1,9}))?", re.DOTALL)
_DIRECTORY = re.compile(r"<cwd>(.{1,4096}?)</cwd>|^Current working directory: (.{1,4096})$", re.MULTILINE)


def prompt_in(text: str) -> str:
    """What a person asked; "" for what Codex or an editor put into the person's mouth.

    Editors say before the request which files are open.
    """
    request = _REQUEST.search(text)
    bare = text[request.end() :].strip() if request else text.strip()
    return "" if bare.startswith(_INJECTED) else bare


def shell_line(text: str) -> tuple[str, int | None] | None:
    """A command that a person ran by hand, and its exit code."""
    found = _BY_HAND.search(text)
    if found is None or not found[1]:
        return None
    return found[1], int(found[2]) if found[2] else None


def directory_in(text: str) -> str | None:
    """Where the session works, in versions that told only the model."""
    found = _DIRECTORY.search(text) if "<environment_context>" in text else None
    return found and (found[1] or found[2]).strip()

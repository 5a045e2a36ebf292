"""The agents whose hooks are known, by the names that routes and commands give them."""

from domain.ingest.claude_hooks import CLAUDE_CODE
from domain.ingest.codex_hooks import CODEX
from domain.ingest.cursor_hooks import CURSOR
from domain.ingest.hooks import Hooks
from domain.values import JsonValue

AGENTS = {"claude-code": CLAUDE_CODE, "codex": CODEX, "cursor": CURSOR}


def speaker(hooks: Hooks, body: JsonValue) -> Hooks:
    """Whose hook it is: Cursor also runs those that stand in Claude Code's settings, in its own words."""
    return CURSOR if hooks is CLAUDE_CODE and isinstance(body, dict) and "cursor_version" in body else hooks

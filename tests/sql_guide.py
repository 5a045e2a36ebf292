"""The tables of docs/insights-sql.md, as the catalogue in the code has them."""

from domain.insights.sql_functions import CATALOGUE, Group
from domain.insights.sql_views import VIEWS


def views() -> str:
    """One table a view."""
    parts = list[str]()
    for view in VIEWS.values():
        rows = [f"| `{column.name}` | {column.type} | {column.says} |" for column in view.columns]
        parts.append("\n".join([f"### `{view.name}`", view.says, "", "| column | type | |", "|---|---|---|", *rows]))
    return "\n\n".join(parts)


def functions() -> str:
    """One table a group of functions."""
    parts = list[str]()
    for group in Group:
        rows = [f"| `{one.shown}` | {one.says} |" for one in CATALOGUE if one.group is group]
        parts.append("\n".join([f"### {group}", "| | |", "|---|---|", *rows]))
    return "\n\n".join(parts)

"""Words as PostgreSQL stores and looks for them. Each begins with a mark of its organisation, so that what others
wrote lies elsewhere in the index."""

from collections.abc import Mapping, Sequence
from uuid import UUID as UUID_

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY, UUID

from domain.search import Phrase, Place, Search, Weight
from domain.values import OrgId

Words = Mapping[str, Sequence[Place]]


def vector(org_id: OrgId, words: Words) -> str:
    """As PostgreSQL reads a tsvector. The mark alone is in every one: what a search of only `-words` rests on."""
    written = (
        f"{_quoted(org_id, word)}:{','.join(f'{place.at}{place.weight}' for place in places)}"
        for word, places in words.items()
    )
    return " ".join((_quoted(org_id, ""), *written))


def query(org_id: OrgId, search: Search, among: Sequence[Weight] = ()) -> sa.ColumnElement[str]:
    """A tsquery. Only words of the weights `among` count, unless it is empty."""
    weights = "".join(among)
    written = " | ".join(f"({_all(org_id, phrases, weights)})" for phrases in search.alternatives)
    return sa.cast(sa.literal(written), TSQUERY)


def arcs_found(org_id: OrgId, search: Search) -> sa.Select[tuple[UUID_]]:
    """Ids of the goal arcs that meet a search; see `persistence.arc_texts` for their words."""
    met = sa.func.find_arc_texts(query(org_id, search)).table_valued(
        sa.column("sub_session_id", UUID(as_uuid=True)), name="met"
    )
    return sa.select(met.c.sub_session_id)


def _all(org_id: OrgId, phrases: Sequence[Phrase], weights: str) -> str:
    written = [_phrase(org_id, phrase, weights) for phrase in phrases]
    return " & ".join(written if any(not phrase.negated for phrase in phrases) else [_quoted(org_id, ""), *written])


def _phrase(org_id: OrgId, phrase: Phrase, weights: str) -> str:
    ends = [f":{weights}" if weights else ""] * len(phrase.words)
    if phrase.prefix:
        ends[-1] = f":*{weights}"
    either = " <-> ".join(_quoted(org_id, word) + end for word, end in zip(phrase.words, ends, strict=True))
    if phrase.whole:
        either = f"({either}) | {_quoted(org_id, phrase.whole)}{ends[-1]}"
    return f"!({either})" if phrase.negated else f"({either})"


def _quoted(org_id: OrgId, word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{org_id.hex[-6:]}{escaped}'"

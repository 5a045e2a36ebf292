"""Which version of the score somebody likes to be shown."""

import strawberry

from domain.score_versions import ScoreVersion, ScoreVersionErrorCode
from schema.user_errors import UserError
from schema.values import describe

describe(
    ScoreVersion,
    "A way of scoring.",
    {
        "v2": "The older composite of skill, efficiency and speed.",
        "v3": "The share of goal arcs that reached their goal.",
    },
)
describe(
    ScoreVersionErrorCode,
    "Why a preference is not set.",
    {"nothing_to_change": "No version is given; null is the organisation's default."},
)


@strawberry.type(description="Which score to show somebody first; it changes no number.")
class ScoreVersionChoice:
    preferred: ScoreVersion | None = strawberry.field(description="One's own preference; null: none.")
    default: ScoreVersion = strawberry.field(description="What the organisation shows to those who prefer none.")
    effective: ScoreVersion = strawberry.field(description="The preference, or else the default.")


@strawberry.input(description="Which version of the score to be shown.")
class SetScoreVersionInput:
    version: strawberry.Maybe[ScoreVersion | None] = strawberry.field(
        default=None, description="Null: the organisation's default. Must not be left out."
    )


@strawberry.type(description="Why a preference is not set.")
class ScoreVersionError(UserError):
    code: ScoreVersionErrorCode = strawberry.field(description="What is wrong, for programs.")

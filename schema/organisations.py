"""The organisation that a key belongs to, and its settings."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import strawberry

import domain.access
import resolvers.organisations
from domain.errors import DomainError, Fault
from domain.organisations import SettingsChange, SettingsErrorCode
from domain.values import UNSET
from schema.report_documents import Language
from schema.score_versions import ScoreVersion
from schema.user_errors import UserError, expected
from schema.values import Info, describe

describe(
    SettingsErrorCode,
    "Why settings are not changed.",
    {
        "nothing_to_change": "No setting is given.",
        "invalid_retention": "Sessions are kept for 1-36500 days, or for good with null.",
    },
    name="OrganisationSettingsErrorCode",
)

_REDACTION = "Whether secrets are taken out of what agents send before it is stored."
_SPLIT = "Whether a commit ends a goal arc. Changed, all sessions are judged again."
_DEFAULT = "Which version of the score is shown to who prefers none."
_RETENTION = "Sessions whose last activity is older are erased for good"
_AI = "Whether a language model may be asked to write about sessions, where the server has one."
_LANGUAGE = "What is written in where nobody asked for another language."


@strawberry.type(description="How an organisation has things done. No secret is among it.")
class OrganisationSettings:
    redaction: bool = strawberry.field(description=_REDACTION)
    split_on_commit: bool = strawberry.field(description=_SPLIT)
    score_default: ScoreVersion = strawberry.field(description=_DEFAULT)
    retention_days: int | None = strawberry.field(description=f"{_RETENTION}; null: they are kept.")
    ai_processing: bool = strawberry.field(description=_AI)
    language: Language = strawberry.field(description=_LANGUAGE)


@strawberry.type(description="The organisation that a key belongs to; nothing of another one can be seen.")
class Organisation:
    slug: str = strawberry.field(description="Short name, unique on this server.")
    environment_id: int = strawberry.field(description="The small number that stands for it in the PostHog routes.")
    settings: OrganisationSettings = strawberry.field(description="How it has things done.")


@strawberry.input(description="Settings to change; what is left out stays.")
class UpdateOrganisationSettingsInput:
    redaction: bool | None = strawberry.field(default=None, description=_REDACTION)
    split_on_commit: bool | None = strawberry.field(default=None, description=_SPLIT)
    score_default: ScoreVersion | None = strawberry.field(default=None, description=_DEFAULT)
    retention_days: int | None = strawberry.field(
        default=strawberry.UNSET, description=f"{_RETENTION}, at once and from then on; null: they are kept."
    )
    ai_processing: bool | None = strawberry.field(default=None, description=_AI)
    language: Language | None = strawberry.field(default=None, description=_LANGUAGE)

    def change(self) -> SettingsChange:
        return SettingsChange(
            redaction=UNSET if self.redaction is None else self.redaction,
            split_on_commit=UNSET if self.split_on_commit is None else self.split_on_commit,
            score_default=UNSET if self.score_default is None else self.score_default,
            retention_days=UNSET if self.retention_days is strawberry.UNSET else self.retention_days,
            ai_processing=UNSET if self.ai_processing is None else self.ai_processing,
            language=UNSET if self.language is None else self.language,
        )


@strawberry.type(description="Why settings are not changed.")
class OrganisationSettingsError(UserError):
    code: SettingsErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(description="What became of the settings.")
class UpdateOrganisationSettingsPayload:
    organisation: Organisation | None = strawberry.field(description="As it is now; null: nothing is changed.")
    user_errors: list[OrganisationSettingsError] = strawberry.field(
        description="All that stands against it; empty if it is done."
    )


class Changed(NamedTuple):
    """What the payload shows."""

    organisation: domain.access.Org | None = None
    user_errors: Sequence[Fault] = ()


@strawberry.type
class OrganisationMutations:
    @strawberry.mutation(
        description="Changes how the organisation has things done, for everybody in it. For keys that may administer.",
        graphql_type=UpdateOrganisationSettingsPayload | None,
    )
    @staticmethod
    async def update_organisation_settings(
        info: Info,
        input: Annotated[UpdateOrganisationSettingsInput, strawberry.argument(description="What to change.")],
    ) -> Changed:
        try:
            return Changed(await resolvers.organisations.update_settings(info.context, input.change()))
        except DomainError as error:
            return Changed(user_errors=expected(error))

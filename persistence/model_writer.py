"""A language model that writes reports, at any address that speaks OpenAI's protocol; an optional extra.

The library is imported when the first report is written: that takes more than a second, and most servers have no model.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from domain.languages import Phrases
from domain.reports.brief import MOST_CHARS, brief, fault, instructions
from domain.reports.facts import Facts
from domain.reports.prose import Prose, WriterFailed

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from pydantic_ai import Agent
    from pydantic_ai.models import Model
    from pydantic_ai.models.openai import OpenAIChatModel

_TRIES = 1
"""So often it is asked again, after an answer that cannot be shown."""
_HTTP_TRIES = 1
"""So often a request is sent again that was refused for the moment."""
_OPENAI = "https://api.openai.com/v1"
_ANSWER_TOKENS = 2_000
_CHARS_OF_A_TOKEN = 3
"""So few at least: what was sent counts also where nobody told how much it was."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which model, where, and what it may take: seconds and tokens for a report, tokens for all reports of a UTC day
    that this process has it write. `base_url` None: the address of OpenAI."""

    model: str
    base_url: str | None = None
    api_key: str | None = None
    timeout_s: float = 30.0
    tokens_per_report: int = 20_000
    tokens_per_day: int = 2_000_000


class _Answer(BaseModel):
    """The text of the report, in whole sentences and without markup."""

    model_config = ConfigDict(extra="forbid")

    summary: Annotated[str, Field(min_length=10, max_length=500, description="one or two sentences")]
    paragraphs: Annotated[
        list[Annotated[str, Field(min_length=10, max_length=1_200)]],
        Field(min_length=1, max_length=4, description="what lies behind it"),
    ]
    tip: Annotated[str, Field(max_length=600, description="one habit to try, or empty")]


class ModelWriter:
    """Of one process; `made` stands in for the model of the configuration."""

    def __init__(self, config: ModelConfig, now: Callable[[], datetime], made: "Model | None" = None) -> None:
        self._config = config
        self._now = now
        self._made = made
        self._client: AsyncOpenAI | None = None
        self._spent: tuple[date | None, int] = (None, 0)

    @property
    def name(self) -> str:
        return self._config.model

    async def write(self, facts: Facts, say: Phrases) -> Prose:
        """Raises WriterFailed, whatever goes wrong."""
        if self._spent_today() >= self._config.tokens_per_day:
            raise WriterFailed("budget_spent")
        told = brief(facts, say)
        if len(told) > MOST_CHARS:
            raise WriterFailed("too_long")
        try:
            async with asyncio.timeout(self._config.timeout_s):
                return await self._ask(facts, told, say)
        except TimeoutError:
            raise WriterFailed("timed_out") from None
        except ImportError:
            raise WriterFailed("not_installed") from None
        except Exception as error:  # of dozens of kinds, which all mean that the built-in writer is to take over
            raise WriterFailed(_reason(error)) from None

    async def _ask(self, facts: Facts, told: str, say: Phrases) -> Prose:
        from pydantic_ai import RunUsage, UsageLimits

        if self._made is None:
            made = await asyncio.to_thread(_model, self._config)
            self._made, self._client = made, made.client
        agent, usage = _agent(self._made, instructions(facts, say.language), told, say), RunUsage()
        limits = UsageLimits(request_limit=1 + _TRIES, total_tokens_limit=self._config.tokens_per_report)
        try:
            answer = (await agent.run(told, usage=usage, usage_limits=limits)).output
        finally:
            self._spend(max(usage.total_tokens, len(told) // _CHARS_OF_A_TOKEN))
        return _prose(answer)

    async def close(self) -> None:
        """Hangs up."""
        if self._client is not None:
            await self._client.close()

    def _spent_today(self) -> int:
        day, spent = self._spent
        return spent if day == self._now().date() else 0

    def _spend(self, tokens: int) -> None:
        self._spent = (self._now().date(), self._spent_today() + tokens)


def _prose(answer: _Answer) -> Prose:
    return Prose(
        summary=answer.summary.strip(),
        paragraphs=tuple(one.strip() for one in answer.paragraphs),
        tip=answer.tip.strip(),
    )


def _model(config: ModelConfig) -> "OpenAIChatModel":
    """Of our own settings alone: the library would take address, organisation and project of its own variables."""
    import httpx2
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    client = AsyncOpenAI(
        base_url=config.base_url or _OPENAI,
        api_key=config.api_key or "none",  # a server of one's own mostly wants none
        max_retries=_HTTP_TRIES,
        timeout=config.timeout_s,
        http_client=httpx2.AsyncClient(follow_redirects=False, trust_env=False, timeout=config.timeout_s),
    )
    client.organization = client.project = None
    return OpenAIChatModel(config.model, provider=OpenAIProvider(openai_client=client))


def _agent(model: "Model", instructions: str, told: str, say: Phrases) -> "Agent[object, _Answer]":
    """Asks for JSON in plain words, which every server understands, and takes no answer that cannot be shown."""
    from pydantic_ai import Agent, ModelRetry, ModelSettings, PromptedOutput

    agent = Agent(
        model,
        output_type=PromptedOutput(_Answer),
        instructions=instructions,
        model_settings=ModelSettings(max_tokens=_ANSWER_TOKENS),
        retries=_TRIES,
    )

    @agent.output_validator
    def check(answer: _Answer) -> _Answer:  # pyright: ignore[reportUnusedFunction] - the agent calls it
        if problem := fault(_prose(answer), told, say.language):
            raise ModelRetry(problem)
        return answer

    return agent


def _reason(error: Exception) -> str:
    """A short code; messages may quote what was sent."""
    from pydantic_ai.exceptions import ModelAPIError, UnexpectedModelBehavior, UsageLimitExceeded

    match error:
        case UsageLimitExceeded():
            return "limit_reached"
        case UnexpectedModelBehavior():
            return "bad_answer"
        case ModelAPIError():
            return "unreachable"
        case _:
            return "failed"

"""A developer's window with all its pillars: each is worked out from the same totals, so that they agree."""

from dataclasses import dataclass
from datetime import datetime

from domain.scores import integrity, skill, speed, summary, tokens, trivia
from domain.scores.headline import Headline, headline, tally
from domain.scores.integrity import Integrity
from domain.scores.skill import Skill
from domain.scores.speed import Speed
from domain.scores.summary import Summary
from domain.scores.tokens import TokensPillar
from domain.scores.totals import Totals
from domain.scores.trivia import Trivia
from domain.scores.windows import Window
from domain.values import UserId


@dataclass(frozen=True, slots=True)
class Board:
    """`windows` are the current one and those before it, oldest first, each with its totals in `parts`.

    Deltas compare with the one before, or with `before` where that is given.
    """

    user_id: UserId
    as_of: datetime
    windows: tuple[Window, ...]
    parts: tuple[Totals, ...]
    before: tuple[Window, Totals] | None = None

    @property
    def window(self) -> Window:
        return self.windows[-1]

    @property
    def now(self) -> Totals:
        return self.parts[-1]

    @property
    def headline(self) -> Headline:
        return headline(self.window, [tally(part) for part in self.parts])

    @property
    def speed(self) -> Speed:
        return speed.speed(self.windows, self.parts, self.as_of, self.before)

    @property
    def tokens(self) -> TokensPillar:
        return tokens.tokens(self.parts, None if self.before is None else self.before[1])

    @property
    def skill(self) -> Skill:
        return skill.skill(self.now, self._earlier)

    @property
    def summary(self) -> Summary:
        return summary.summary(self.now)

    @property
    def integrity(self) -> Integrity:
        return integrity.integrity(self.now)

    @property
    def trivia(self) -> Trivia:
        return trivia.trivia(self.now)

    @property
    def _earlier(self) -> Totals | None:
        if self.before is not None:
            return self.before[1]
        return self.parts[-2] if len(self.parts) > 1 else None

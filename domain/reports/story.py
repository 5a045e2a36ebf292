"""The prose of a report as the built-in writer has it: what matters, chosen from the facts and said in whole sentences.

It says how many goals were reached and how sure that is, the change that stands out most, the best and the worst piece
of work, and one habit to try. It speaks of the work and not of "you", so that it fits a person as well as a team.
"""

from collections.abc import Iterator, Mapping

from domain.languages import Message, Phrases, msgid
from domain.reports.changes import Change, Subject, changes
from domain.reports.facts import Facts
from domain.reports.prose import Prose
from domain.reports.wording import HABITS, TIPS, titled, why_missed
from domain.scores.board import Board
from domain.scores.headline import FEW_ARCS, Headline
from domain.scores.skill import HabitShare

STRONG, HARD = 78, 45
"""The scores from which on, and below which, a word is lost on them; where few goals leave it open, none is."""
COMPARABLE = 3
"""Fewer goals are compared with nothing."""
_ROOM = 0.9
"""A habit that shows more often has no room worth talking about."""
_OFTEN = 3
"""A habit that was asked for so often can be told of."""


_MOVED: Mapping[tuple[Subject, bool], Message] = {
    (Subject.SCORE, True): msgid("The best news is the score: {now}, up from {before}."),
    (Subject.SCORE, False): msgid("What stands out is the score: {now}, down from {before}."),
    (Subject.TIME, True): msgid("Goals came sooner: from {before} down to {now} at the median."),
    (Subject.TIME, False): msgid("Goals took longer: from {before} up to {now} at the median."),
    (Subject.TOKENS, True): msgid("A goal took fewer tokens: from {before} down to {now} at the median."),
    (Subject.TOKENS, False): msgid("A goal took more tokens: from {before} up to {now} at the median."),
    (Subject.GRADE, True): msgid("The prompts got better: {now} of 100 points on average, up from {before}."),
    (Subject.GRADE, False): msgid("The prompts said less: {now} of 100 points on average, down from {before}."),
    (Subject.HABIT, True): msgid(
        "A habit is growing: “{habit}” went from {before} to {now} of the goals that call for it."
    ),
    (Subject.HABIT, False): msgid(
        "A habit is slipping: “{habit}” fell from {before} to {now} of the goals that call for it."
    ),
}


def prose(facts: Facts, say: Phrases) -> Prose:
    """Finished texts in the language of `say`."""
    return Prose(
        summary=say.paragraph(_summary(facts, say)), paragraphs=tuple(_paragraphs(facts, say)), tip=tip(facts, say)
    )


def _summary(facts: Facts, say: Phrases) -> Iterator[str]:
    headline = facts.board.headline
    if facts.activity.arcs == 0:
        yield say.say("Nothing was recorded in this time.")
        yield say.say("If that surprises you, check that sessions are still being captured.")
    elif headline.total_count == 0:
        yield say.count(
            "There was one session, but nothing in it can be scored yet.",
            "There were {n} sessions, but nothing in them can be scored yet.",
            facts.activity.sessions,
        )
    else:
        yield _reached(headline, say)
        yield _scored(headline, say)
        if facts.running:
            yield say.say("The period is not over yet, so the figures can still change.")


def _reached(headline: Headline, say: Phrases) -> str:
    crushed, total = headline.crushed_count, headline.total_count
    if crushed == total:
        return say.count("There was one goal to score, and it was reached.", "All {n} goals were reached.", total)
    if crushed == 0:
        return say.count(
            "There was one goal to score, and it was not reached.", "None of the {n} goals was reached.", total
        )
    whole = say.number(total)
    return say.count("Of {total} goals, one was reached.", "Of {total} goals, {n} were reached.", crushed, total=whole)


def _scored(headline: Headline, say: Phrases) -> str:
    score, interval = headline.prism_score, headline.interval
    assert score is not None
    assert interval is not None
    if headline.total_count < FEW_ARCS:
        low, high = (say.percent(end / 100) for end in (interval.low, interval.high))
        return say.say(
            "That is too little for a score to mean much: any rate from {low} to {high} would fit.", low=low, high=high
        )
    values = {"score": say.number(score, 1), "letter": headline.letter_grade or ""}
    strong = is_strong(headline)
    if strong:
        return say.say("That makes a score of {score} ({letter}), and a strong one.", **values)
    if strong is False:
        return say.say("That makes a score of {score} ({letter}): this was hard going.", **values)
    return say.say("That makes a score of {score} ({letter}).", **values)


def is_strong(headline: Headline) -> bool | None:
    """True of a strong score, False of a hard-won one; None of those between, and where few goals leave it open."""
    score, interval = headline.prism_score, headline.interval
    if score is None or interval is None or headline.too_few:
        return None
    if score >= STRONG and interval.low >= HARD:
        return True
    return False if score < HARD and interval.high < STRONG else None


def _paragraphs(facts: Facts, say: Phrases) -> Iterator[str]:
    if facts.now.qualifying:
        told = (say.paragraph(_compared(facts, say)), say.paragraph(_examples(facts, say)))
        yield from (paragraph for paragraph in told if paragraph)


def _compared(facts: Facts, say: Phrases) -> Iterator[str]:
    """The change that stands out, a second one where it is as sure, or that there is none."""
    earlier = comparable(facts)
    if earlier is None:
        yield say.say("The period before holds too few goals for a comparison.")
        return
    if best := _best_of(facts):
        yield say.say("It is the best score of the last {n} periods.", n=say.number(best))
    found = changes(facts)
    if found:
        yield change(found[0], say)
        if found[0].unsure:
            yield say.say("It may well be chance: there are few goals to go by.")
        yield from (change(other, say) for other in found[1:2] if not other.unsure)
    elif facts.now.qualifying >= COMPARABLE:
        score = earlier.headline.prism_score
        assert score is not None
        score = say.number(score, 1)
        yield say.say("Little has changed since the period before, which scored {score}.", score=score)


def comparable(facts: Facts) -> Board | None:
    """The period before, where it holds enough goals to compare this one with."""
    before = facts.before
    return before if before is not None and before.headline.total_count >= COMPARABLE else None


def _best_of(facts: Facts) -> int | None:
    """How many scored periods this one is the best of, itself included; None where it is not, or that says little."""
    *earlier, now = facts.scores
    known = [score for score in earlier if score is not None]
    if now is None or facts.board.headline.too_few or len(known) < COMPARABLE or now <= max(known):
        return None
    return len(known) + 1


def change(one: Change, say: Phrases) -> str:
    """A sentence on one change."""
    match one.subject:
        case Subject.SCORE:
            return _moved(one, say, say.number(one.before, 1), say.number(one.now, 1))
        case Subject.TIME:
            return _moved(one, say, say.duration(one.before), say.duration(one.now))
        case Subject.TOKENS:
            return _moved(one, say, say.tokens(round(one.before)), say.tokens(round(one.now)))
        case Subject.GRADE:
            return _moved(one, say, say.number(100 * one.before), say.number(100 * one.now))
        case Subject.HABIT:
            return _moved(one, say, say.percent(one.before), say.percent(one.now))


def _moved(one: Change, say: Phrases, before: str, now: str) -> str:
    habit = "" if one.habit is None else say.say(HABITS[one.habit])
    message = _MOVED[one.subject, one.better]
    return say.say(message, before=before, now=now, habit=habit)


def _examples(facts: Facts, say: Phrases) -> Iterator[str]:
    """The best and the worst piece of work."""
    if facts.wins:
        yield _best(facts, say)
    if facts.misses:
        worst = facts.misses[0]
        yield say.say("Worth a second look: “{title}”.", title=titled(worst, say))
        yield why_missed(worst, say)


def _best(facts: Facts, say: Phrases) -> str:
    """The largest, where there are several and it is known how large it is."""
    arc = facts.wins[0]
    seconds, title = arc.time_to_crush_seconds, titled(arc, say)
    if seconds:
        time = say.duration(seconds)
        if len(facts.wins) == 1 or not arc.measures.lines_added + arc.measures.lines_removed:
            return say.say("A win that took {time}: “{title}”.", title=title, time=time)
        return say.say("The biggest win took {time}: “{title}”.", title=title, time=time)
    return say.say("The biggest win is “{title}”.", title=title)


def habit_to_try(facts: Facts) -> HabitShare | None:
    """The rarest of those that were asked for often; None where all of them show nearly always."""
    often = [one for one in facts.habits if one.applicable >= _OFTEN] or list(facts.habits)
    return next((one for one in often if one.shown < _ROOM * one.applicable), None)


def tip(facts: Facts, say: Phrases) -> str:
    """One habit to try, with how often it shows; "" where nothing was graded."""
    habit = habit_to_try(facts)
    if habit is not None:
        return say.paragraph((shown_in(habit, say), say.say(TIPS[habit.habit])))
    if facts.habits:
        return say.say("Every habit of a good prompt shows in nearly all goals that call for it: keep it up.")
    return ""


def shown_in(habit: HabitShare, say: Phrases) -> str:
    name, shown = say.say(HABITS[habit.habit]), say.number(habit.shown)
    return say.count(
        "The habit with the most room is “{habit}”: the one goal that calls for it does without.",
        "The habit with the most room is “{habit}”: it shows in {shown} of {n} goals that call for it.",
        habit.applicable,
        habit=name,
        shown=shown,
    )

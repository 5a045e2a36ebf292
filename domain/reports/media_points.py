"""Saying what a session shows of the points of a text: for roles and for profiles."""

from collections.abc import Sequence
from typing import assert_never

from domain.judging.records import Habit, Intent
from domain.languages import Phrases
from domain.reports.document import Block, Card, Grid, Text, Tone
from domain.reports.media_parts import quoted
from domain.reports.media_signals import Deed, Fact, Finding, Seen
from domain.reports.media_words import HABITS, INTENTS

_MOST_FILES = 3


def point(finding: Finding, words: Phrases) -> list[Block]:
    """One point with everything that speaks to it."""
    facts = [fact_of(fact, words) for fact in finding.facts]
    if not facts and not finding.quotes:
        facts = [words.say("Nothing in this session speaks to this point.")]
    said = Text(title=finding.point, content="\n\n".join(facts))
    return [said, *(quoted(one, words) for one in finding.quotes)]


def fact_of(fact: Fact, words: Phrases) -> str:
    """What was counted, in a sentence."""
    n, shown = fact.count.of, words.number(fact.count.shown)
    sign = fact.sign
    if isinstance(sign, Habit):
        name = words.say(HABITS[sign])
        return words.count(
            "“{habit}” showed in {shown} of {n} goal.", "“{habit}” showed in {shown} of {n} goals.", n,
            habit=name, shown=shown,
        )  # fmt: skip
    if isinstance(sign, Intent):
        name = words.say(INTENTS[sign])
        of = words.number(n)
        return words.say("Goals of this kind ({kind}): {shown} of {n}.", kind=name, shown=shown, n=of)
    if isinstance(sign, frozenset):
        return _files(fact, words)
    return _deed(sign, fact, words)


def _files(fact: Fact, words: Phrases) -> str:
    return words.count(
        "{n} file of this kind was changed, such as {files}.",
        "{n} files of this kind were changed, such as {files}.",
        len(fact.names),
        files=words.listed([words.say("“{text}”", text=name) for name in fact.names[:_MOST_FILES]]),
    )


def _deed(deed: Deed, fact: Fact, words: Phrases) -> str:
    n, shown = fact.count.of, words.number(fact.count.shown)
    match deed:
        case Deed.CHECKED:
            return words.count(
                "A check passed after the last change in {shown} of {n} goal.",
                "A check passed after the last change in {shown} of {n} goals.",
                n,
                shown=shown,
            )
        case Deed.COMMITTED:
            return words.count(
                "The work was committed in {shown} of {n} goal.",
                "The work was committed in {shown} of {n} goals.",
                n,
                shown=shown,
            )
        case Deed.DELEGATED:
            return words.count("Work was given to {n} sub-agent.", "Work was given to {n} sub-agents.", n)
        case _:
            assert_never(deed)


def tally(found: Sequence[Finding], words: Phrases) -> Grid:
    """How many of the points show, show in part, or do not show."""
    names = {Seen.SHOWN: words.say("Shown"), Seen.PARTLY: words.say("In part"), Seen.NOT_SEEN: words.say("Not seen")}
    icons = {Seen.SHOWN: "check", Seen.PARTLY: "dot", Seen.NOT_SEEN: "search"}
    tones = {Seen.SHOWN: Tone.GOOD, Seen.PARTLY: Tone.NEUTRAL, Seen.NOT_SEEN: Tone.NEUTRAL}
    return Grid(
        columns=3,
        items=[
            Card(
                icon=icons[seen],
                title=names[seen],
                content=words.number(sum(one.seen is seen for one in found)),
                tone=tones[seen],
            )
            for seen in Seen
        ],
    )


def seen_in_short(found: Sequence[Finding], words: Phrases) -> str:
    shown = sum(one.seen is not Seen.NOT_SEEN for one in found)
    return words.count(
        "This session holds evidence for {shown} of {n} point.",
        "This session holds evidence for {shown} of {n} points.",
        len(found),
        shown=words.number(shown),
    )

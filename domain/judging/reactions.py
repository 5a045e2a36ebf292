"""What a developer thinks of the work so far: acceptance, objection, a doubt, read clause by clause.

"works, thanks" accepts, "it still fails" objects, "thanks, but it still fails" objects, "does it work?" does neither
(domain reference, section 8).
"""

import re
from collections.abc import Iterator

from domain.judging.cues import request_verb
from domain.judging.text import Clause, clauses, has_error_text, prose, quote, sentences

QUESTION_TAIL = 300
"""How far from its end a message of the assistant may end in a question that a bare "no" then answers."""

QUOTED_WHOLE_CHARS = 60
REACTION_CHARS = 2_000
"""A reaction stands at the beginning of a prompt; what follows is pasted or the next request."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_THANKS = _any(r"\b(?:thanks|thank you|thx|ty|cheers)\b")
_PRAISE = _any(
    r"\b(?:lgtm|ship it|perfect|excellent|awesome|amazing|fantastic|brilliant|wonderful|well done|good work)\b",
    r"\b(?:good|great|nice) (?:job|work|stuff|one)\b",
    r"\blove (?:it|this|that)\b",
    r"\b(?:looks|sounds|seems|all|very|so) (?:very |really |so )?(?:good|great|right|perfect|correct)\b",
    r"\b(?:makes sense|exactly (?:what|right)|that did it|problem solved|approved?)\b",
    r"\b(?:it|that|this|everything|all|now|and) (?:now )?works\b|^works\b",
    r"\bworks (?:now|great|fine|well|perfectly|like a charm|as expected|for me)\b",
    r"\b(?:is|are) (?:now )?(?:working|fixed|solved)\b",
    r"\b(?:tests|checks|everything|all) (?:now )?pass(?:es|ed)?\b",
    r"\b(?:that's|that is|it's) (?:good|great|fine|right|correct|perfect|better|it)\b",
    r"👍|🎉|✅|❤",
)
_ONE_WORD_PRAISE = _any(r"\W*(?:great|nice|cool|good|super|yay|wow|correct|exactly|works)\W*")
_NOT_MEANT = _any(
    r"\b(?:not|never|no longer|isn't|aren't|wasn't|doesn't|don't|didn't|won't|can't|cannot|hardly|almost|nearly)\b",
    r"\b(?:until|unless|if|whether|when|once|make sure|ensure|check|verify|confirm|should|would|could|will)\b",
    r"\b(?:might|how|why|so that|to be|sure|only|supposed)\b",
)
"""Words before praise that take it back or make it a wish."""

_FAULT = _any(
    r"\b(?:wrong|incorrect|broken|broke|buggy|bugged|regress(?:ed|ion)|fails|failed|failing|hangs|errors? out)\b",
    r"\bcrash(?:es|ed|ing)?\b",
)
_OBJECTION = _any(
    r"\bstill (?!good|fine|ok|okay|great|works?\b)",
    r"\b(?:doesn't|does not|didn't|did not|isn't|is not|wasn't|aren't|won't|can't|cannot|not) (?:really |actually "
    r"|even |yet |quite )?(?:work|working|works|right|correct|fixed|true|what|it|enough|help|seem|show|appear|load|run"
    r"|start|build|compile|pass|see|do (?:that|it|what)|make sense|good|there|happening)\b",
    r"\b(?:don't|do not) think (?:so|it|this|that)\b",
    r"\b(?:nope|undo|revert|never mind|not what|no longer|we lost)\b",
    r"\b(?:happen(?:s|ed|ing)|fail\w*|broke\w*|crash\w*|wrong|back|gone|it is|it's) again\b",
    r"\bsame (?:\w+ ){1,2}again\b",
    r"\b(?:same|another) (?:error|problem|issue|bug|failure)\b",
    r"\byou (?:forgot|missed|broke|removed|deleted|lost|ignored|skipped|misunderstood|didn't|did not|haven't)\b",
    r"\byou (?:were supposed|should have|shouldn't have|changed the wrong)\b",
    r"\bi (?:didn't|did not|never) (?:ask|want|mean|say|tell)\b|\bi (?:meant|said|asked|told you)\b",
    r"\bwhy (?:did|didn't|are|aren't|do|don't) you\b",
    r"\b(?:is|are|was|seems? to be) (?:gone|missing|messed up|lost)\b",
    r"\b(?:that's|that is|this is|it's|it is) (?:not|wrong|bad|worse|useless|incorrect)\b",
    r"^(?:stop|wait|hold on|ugh|wtf|ffs|oh no)\b|\b(?:annoying|ridiculous|terrible|awful|useless)\b",
    r"\b(?:get|getting|got|see|seeing|plenty of|have) (?:\w+ ){0,3}(?:errors?|warnings?|exceptions?)\b",
)
_BARE_NO = _any(r"\W*(?:no|nope|nah)(?:[,.!:;]|$)(?!\s*(?:problem|worries|need|rush|thanks|that's fine))")
_NOT_BROKEN = _any(
    r"\b(?:no|without|any|zero|if|when|in case|should|nothing)\b[^,.]{0,40}$",
    r"\b(?:not|isn't|aren't|never) $",
)
"""Words before a fault that deny it or make it a case to think of."""

_DOUBT = _any(
    r"\bwhat (?:do|did) you mean\b|\bclarif(?:y|ication)\b|\b(?:unclear|confus(?:ed|ing)|elaborate|huh)\b",
    r"\bi (?:don't|do not|didn't) (?:understand|get it|follow)\b",
    r"\bare you sure\b|^really\?|\bmore detail(?:s|ed)?\b|\bbe more specific\b",
    r"\bexplain (?:that|this|it|more|again|further|in)\b",
    r"^(?:but|so)\b.*\?$|\bright\?$|^why(?: not)?\?$",
    r"\bthat doesn't answer\b|\bmy question\b",
)


def acceptance(text: str) -> str | None:
    """The clause by which a prompt accepts the work; None where it does not, or also objects."""
    if objection(text, answers_question=True) is not None:
        return None
    asked = False
    for clause in _said(text):
        if _accepts(clause, after_request=asked):
            return _quoted(text, clause)
        asked = asked or clause.asked or request_verb(clause.text) is not None
    return None


def objection(text: str, *, answers_question: bool = False) -> str | None:
    """The clause by which a prompt finds fault with the work, or the error text it pastes; None where it does neither.

    `answers_question`: the assistant had just asked something, so that a bare "no" is an answer.
    """
    found = next((_quoted(text, clause) for clause in _said(text) if _objects(clause)), None)
    if found is None and not answers_question and _BARE_NO.match(text[:REACTION_CHARS]):
        found = quote(text)
    return quote(text) if found is None and has_error_text(text) else found


def doubt(text: str) -> str | None:
    """The sentence by which a prompt asks to make clear or to confirm what was said; None where none does."""
    return next((quote(sentence) for sentence in sentences(_plain(text)) if _DOUBT.search(sentence)), None)


def ends_in_question(message: str) -> bool:
    """Whether a message of the assistant ends by asking the developer something."""
    return "?" in message[-QUESTION_TAIL:].rstrip().rpartition("\n\n")[2]


def _quoted(text: str, clause: Clause) -> str:
    """A short prompt whole, of a longer one the clause that decides."""
    return quote(text) if len(text) <= QUOTED_WHOLE_CHARS else quote(clause.text.strip(" ,:;"))


def _said(text: str) -> Iterator[Clause]:
    return iter(clauses(_plain(text)))


def _plain(text: str) -> str:
    return prose(text[:REACTION_CHARS]).replace("’", "'")


def _accepts(clause: Clause, *, after_request: bool) -> bool:
    """Thanks behind a request are only polite."""
    if clause.text.endswith("?"):
        return False
    if _ONE_WORD_PRAISE.fullmatch(clause.text) or (not after_request and _THANKS.search(clause.text)):
        return True
    found = _PRAISE.search(clause.text)
    return found is not None and not _NOT_MEANT.search(clause.text[: found.end()])


def _objects(clause: Clause) -> bool:
    found = _OBJECTION.search(clause.text)
    if found is None and request_verb(clause.text) is None:
        found = _FAULT.search(clause.text)
    if found is None or _NOT_BROKEN.search(clause.text[: found.start()]):
        return False
    return not clause.asked or clause.text.lower().startswith(("why", "but", "oh no", "wait"))

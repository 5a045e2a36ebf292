"""The names of habits, kinds of goals and outcomes, as reports of media say them."""

from collections.abc import Mapping

from domain.judging.records import Habit, Intent
from domain.languages import Message, msgid
from domain.reports.media_facts import Course

HABITS: Mapping[Habit, Message] = {
    Habit.GOAL_EXPLICIT: msgid("Says what is wanted"),
    Habit.SCOPE_BOUNDED: msgid("Keeps to one thing"),
    Habit.REFERENCES_CONCRETE: msgid("Names files and symbols"),
    Habit.CONTEXT_SUFFICIENT: msgid("Gives the context"),
    Habit.VERIFICATION_REQUESTED: msgid("Asks for a check"),
    Habit.ROOT_CAUSE_ORIENTED: msgid("Looks for the cause"),
    Habit.PLAN_FIRST: msgid("Plans first"),
}

ADVICE: Mapping[Habit, Message] = {
    Habit.GOAL_EXPLICIT: msgid("Open with one sentence that says what should be true when the work is done."),
    Habit.SCOPE_BOUNDED: msgid("Ask for one thing at a time, and say what should stay as it is."),
    Habit.REFERENCES_CONCRETE: msgid("Name the file, the function or the line that is meant."),
    Habit.CONTEXT_SUFFICIENT: msgid("Paste the error or the code in question into the prompt itself."),
    Habit.VERIFICATION_REQUESTED: msgid("Say which test or command should pass, and have it run before the work ends."),
    Habit.ROOT_CAUSE_ORIENTED: msgid("Ask why something fails before asking for a fix."),
    Habit.PLAN_FIRST: msgid("Have a short plan written before the first change of anything large."),
}

INTENTS: Mapping[Intent, Message] = {
    Intent.QUESTION: msgid("Question"),
    Intent.INVESTIGATION: msgid("Investigation"),
    Intent.REVIEW: msgid("Review"),
    Intent.PLAN: msgid("Plan"),
    Intent.SMALL_CHANGE: msgid("Small change"),
    Intent.BUG_FIX: msgid("Bug fix"),
    Intent.FEATURE: msgid("Feature"),
    Intent.REFACTOR: msgid("Refactoring"),
}

COURSES: Mapping[Course, Message] = {
    Course.REACHED: msgid("Reached"),
    Course.REDONE: msgid("Reached, then redone"),
    Course.MISSED: msgid("Not reached"),
    Course.LEFT_OUT: msgid("Too small to judge"),
    Course.OPEN: msgid("Not judged"),
}

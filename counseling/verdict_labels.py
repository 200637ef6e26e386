"""Labels of a carry-over verdict for each kind of item."""

from __future__ import annotations

from counseling.codes import CarryOverKind, Verdict

# What each verdict means for each kind of thing, where the general word does not say it.
_WORDS = {
    Verdict.HELD: {
        CarryOverKind.TRIGGER: "Still a trigger",
        CarryOverKind.WARNING_SIGN: "Still a warning sign",
        CarryOverKind.GOAL: "Still a goal",
        CarryOverKind.STRATEGY: "Helped",
        CarryOverKind.HOMEWORK: "Assign again",
    },
    Verdict.DID_NOT_HOLD: {
        CarryOverKind.TRIGGER: "Caught off guard",
        CarryOverKind.WARNING_SIGN: "Went unnoticed",
        CarryOverKind.STRATEGY: "Did not help",
        CarryOverKind.GOAL: "Needs a new goal",
        CarryOverKind.HOMEWORK: "Did not help",
    },
    Verdict.NEVER_USED: {
        CarryOverKind.TRIGGER: "Did not come up",
        CarryOverKind.WARNING_SIGN: "Did not come up",
        CarryOverKind.GOAL: "Not worked on",
        CarryOverKind.HOMEWORK: "Not done",
    },
    Verdict.NO_LONGER_TRUE: {
        CarryOverKind.HOMEWORK: "No longer needed",
    },
}
_SIGNS = {CarryOverKind.TRIGGER, CarryOverKind.WARNING_SIGN}

_ONE = {
    CarryOverKind.TRIGGER: "Trigger",
    CarryOverKind.WARNING_SIGN: "Warning sign",
    CarryOverKind.STRATEGY: "Strategy",
    CarryOverKind.GOAL: "Goal",
    CarryOverKind.HOMEWORK: "Homework",
    CarryOverKind.MUTUAL_HELP: "Mutual help",
}


def one_of(kind: CarryOverKind) -> str:
    """“Trigger”: an item's kind; empty for a plan, whose name already says it."""
    return _ONE.get(kind, "")


def words_of(verdict: str, kind: str) -> str:
    """“Still a trigger”, “Helped”: what a verdict says about a trigger, a strategy and so on."""
    found = Verdict(verdict)
    return str(_WORDS[found].get(CarryOverKind(kind), found.label))


def in_sentence(verdict: str, kind: str) -> str:
    """The same within a sentence: “did not come up”."""
    found = words_of(verdict, kind)
    return f"{found[:1].lower()}{found[1:]}"


def counted_as(verdict: str, kind: str) -> str:
    """The same where items of several kinds are counted: what helps holds up, and a trigger is still one."""
    if kind in _SIGNS and verdict == Verdict.HELD:
        return "Still a trigger or warning sign"
    return words_of(verdict, kind) if kind in _SIGNS and verdict == Verdict.NEVER_USED else str(Verdict(verdict).label)

"""Safety: every recorded danger, who evaluated it, and what it holds until then."""

from .concerns import (
    CheckNotPossible,
    DangerRows,
    EvaluateFirst,
    Listener,
    NextCheckOrWhyNone,
    NotYetEvaluated,
    Row,
    RowSource,
    SafetyFact,
    SayWhatWasFound,
    checks_due,
    closing_holds,
    evaluate,
    facts,
    open_by_client,
    open_concerns,
)

__all__ = [
    "CheckNotPossible",
    "DangerRows",
    "EvaluateFirst",
    "Listener",
    "NextCheckOrWhyNone",
    "NotYetEvaluated",
    "Row",
    "RowSource",
    "SafetyFact",
    "SayWhatWasFound",
    "checks_due",
    "closing_holds",
    "evaluate",
    "facts",
    "open_by_client",
    "open_concerns",
]

"""Safety: every recorded danger, who answered it, and what it holds until somebody has."""

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

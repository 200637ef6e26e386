"""Measures: scoring, recording, when each is due, and how scores change over time."""

from .recording import (
    SOME_TIME,
    AlreadyTakenBack,
    AnswerNotAllowed,
    NotTheirEpisode,
    NotYetFilledIn,
    WhyTakenBack,
    contradictions,
    filled_in,
    keep,
    latest,
    record,
    score,
    unanswered_alarms,
    withdraw,
)

__all__ = [
    "SOME_TIME",
    "AlreadyTakenBack",
    "AnswerNotAllowed",
    "NotTheirEpisode",
    "NotYetFilledIn",
    "WhyTakenBack",
    "contradictions",
    "filled_in",
    "keep",
    "latest",
    "record",
    "score",
    "unanswered_alarms",
    "withdraw",
]

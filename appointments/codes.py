"""Code lists of appointments."""

from __future__ import annotations

from django.db import models


class Purpose(models.TextChoices):
    """The kind of visit or call."""

    ASSESSMENT = "assessment", "Assessment"
    INDIVIDUAL = "individual", "Individual session"
    FAMILY = "family", "Family session"
    MEDICAL = "medical", "Medical visit"
    CALL = "call", "Phone call"
    AFTER_DISCHARGE = "after_discharge", "Follow-up after discharge"
    CHECKUP = "checkup", "Recovery checkup"
    SPECIMEN = "specimen", "Specimen collection"


class Mode(models.TextChoices):
    """How people meet."""

    IN_PERSON = "in_person", "In person"
    PHONE = "phone", "Phone"
    VIDEO = "video", "Video"


class Step(models.TextChoices):
    """What became of an appointment. The latest step counts."""

    BOOKED = "booked", "Booked"
    CONFIRMED = "confirmed", "Confirmed"
    ARRIVED = "arrived", "Arrived"
    KEPT = "kept", "Kept"
    LATE_CANCEL = "late_cancel", "Late cancellation"
    CANCELLED_BY_CLIENT = "by_client", "Canceled by client"
    CANCELLED_BY_CLINIC = "by_clinic", "Canceled by clinic"
    NO_SHOW = "no_show", "No-show"
    MOVED = "moved", "Moved"
    REOPENED = "reopened", "Booked again"


# It is still to come, or going on.
AHEAD = (Step.BOOKED, Step.CONFIRMED, Step.REOPENED)
OPEN = (*AHEAD, Step.ARRIVED)
CANCELLED = (Step.LATE_CANCEL, Step.CANCELLED_BY_CLIENT, Step.CANCELLED_BY_CLINIC)
# Neither the clinician nor the room is taken any more.
FREES = (*CANCELLED, Step.MOVED)

# What may follow what. A no-show who comes half an hour later has arrived; a mistaken end is reopened.
NEXT: dict[str, tuple[Step, ...]] = {
    Step.BOOKED: (Step.CONFIRMED, Step.ARRIVED, Step.KEPT, Step.NO_SHOW, *FREES),
    Step.CONFIRMED: (Step.ARRIVED, Step.KEPT, Step.NO_SHOW, *FREES),
    Step.REOPENED: (Step.CONFIRMED, Step.ARRIVED, Step.KEPT, Step.NO_SHOW, *FREES),
    Step.ARRIVED: (Step.KEPT, Step.CANCELLED_BY_CLIENT, Step.CANCELLED_BY_CLINIC, Step.REOPENED),
    Step.KEPT: (Step.REOPENED,),
    Step.NO_SHOW: (Step.ARRIVED, Step.KEPT, Step.REOPENED),
    Step.LATE_CANCEL: (Step.REOPENED,),
    Step.CANCELLED_BY_CLIENT: (Step.REOPENED,),
    Step.CANCELLED_BY_CLINIC: (Step.REOPENED,),
    Step.MOVED: (),
}


class Outcome(models.TextChoices):
    """What came of a try to reach somebody."""

    REACHED = "reached", "Reached"
    MESSAGE_LEFT = "message", "Message left"
    NOT_REACHED = "not_reached", "Not reached"


class NoShowStep(models.TextChoices):
    """What is done after a missed appointment, in order. No step ends treatment: only a clinician does that."""

    CALL = "call", "Call the same day"
    SECOND_CHANNEL = "second", "Try another way"
    REVIEW = "review", "Review with the counselor"
    LETTER = "letter", "Send a letter"


# The same for a caller who is not a client yet. A call has a number and no mailing address: no letter.
CALLER_STEPS: dict[NoShowStep, str] = {
    NoShowStep.CALL: str(NoShowStep.CALL.label),
    NoShowStep.SECOND_CHANNEL: str(NoShowStep.SECOND_CHANNEL.label),
    NoShowStep.REVIEW: "Intake review",
}


class Pace(models.TextChoices):
    """How often someone wants to be called after discharge."""

    FULL = "full", "Weekly, then less often"
    MONTHLY = "monthly", "Once a month"
    CHECKUPS = "checkups", "Checkups only"
    NONE = "none", "No calls"


class SaidUse(models.TextChoices):
    """Use since the last call, in the client's own words."""

    NO = "no", "No"
    YES = "yes", "Yes"
    NOT_ASKED = "", "Not asked"

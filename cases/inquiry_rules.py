"""The stages of an inquiry: which follows which, by what act, what forbids it, and the one function that writes it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from cases.models import Inquiry
from staff.models import Program
from staff.refusals import Refusal

Stage = Inquiry.Stage

# The acts that set a stage, named as in the audit log.
MOVE, OFFER, ADMIT = "cases.move_inquiry", "cases.offer_place", "cases.admit"
WITHDRAW, LAPSE = "cases.withdraw_offer", "cases.lapse_offer"

_OPEN: Mapping[Stage, tuple[str, ...]] = {
    Stage.NEW: (MOVE,),
    Stage.CALLED_BACK: (MOVE,),
    Stage.SCREENING: (MOVE,),
    Stage.WAITLIST: (MOVE,),
    Stage.OFFERED: (OFFER,),
    Stage.ADMITTED: (ADMIT,),
    Stage.REFERRED: (MOVE,),
    Stage.CLOSED: (MOVE,),
}
# From each stage, where an inquiry may go and by which acts.
TRANSITIONS: Mapping[Stage, Mapping[Stage, tuple[str, ...]]] = {
    Stage.NEW: _OPEN,
    Stage.CALLED_BACK: _OPEN,
    Stage.SCREENING: _OPEN,
    Stage.WAITLIST: _OPEN,
    Stage.OFFERED: {**_OPEN, Stage.WAITLIST: (MOVE, WITHDRAW, LAPSE)},
    Stage.REFERRED: _OPEN,  # taken up again, with a reason
    Stage.CLOSED: _OPEN,
    Stage.ADMITTED: {Stage.ADMITTED: (ADMIT,)},  # one call may lead into two programs
}


class StageReasonNeeded(Refusal):
    """An inquiry does not end, nor come back, without a reason."""

    sentence = "Say why. An inquiry never ends without a reason, so that nobody is forgotten."


class NotSaidYet(Refusal):
    """Nothing to call back and nobody to look for."""

    sentence = "Write down at least one of: a name, a phone number, why they call."


class OnlyByAdmission(Refusal):
    """The stage “admitted” follows from an admission."""

    sentence = "Somebody is admitted on the admission page; the inquiry follows by itself."


class SayWhyNoDanger(Refusal):
    """A danger sign that still waits for somebody is not taken off a call without a word."""

    sentence = "This danger sign still waits for somebody. Leave it ticked, or say why it is not so."


class AnotherPerson(Refusal):
    """The inquiry is linked to somebody else already."""

    sentence = "This inquiry is linked to another person already. Unlink it first if that was a mistake."


class AlreadyAdmitted(Refusal):
    """Admitted inquiries stay as they are."""

    sentence = "This inquiry led to an admission and stays as it is."


class AboutAnOffer(Refusal):
    """Base of what the page of an offer can put right: something about it has yet to be said."""


class ProgramNeeded(AboutAnOffer):
    """A place is a place in a program."""

    sentence = "Choose the program whose place is offered."


class ProgramToWaitFor(Refusal):
    """Nobody waits for nothing in particular unless somebody meant it so."""

    sentence = "Choose the program they wait for, or say that any program that fits will do."


class LastDayNotPossible(AboutAnOffer):
    """A place cannot be kept until yesterday."""

    sentence = "The last day on which the place is kept is today or later."


class OutOfTurn(AboutAnOffer):
    """Others stand ahead on the waiting list."""

    def __init__(self, ahead: int) -> None:
        self.ahead = ahead
        stand = "1 person stands" if ahead == 1 else f"{ahead} people stand"
        super().__init__(f"{stand} ahead on the waiting list. Say why this person comes first.")


class NoPlaceFree(AboutAnOffer):
    """Every place is taken or offered."""


class OfferNeedsReason(AboutAnOffer):
    """An offer is not taken back in silence."""

    sentence = "A place is kept for this person. Say why it is taken back."


class NothingOffered(Refusal):
    """There is no offer to take back."""

    sentence = "No place is offered to this person now. Somebody may have taken the offer back, or it lapsed."


def check_may_go(inquiry: Inquiry, stage: Stage, *, act: str) -> None:
    """Refuse what TRANSITIONS does not hold. Raises AlreadyAdmitted, NothingOffered."""
    if act in TRANSITIONS[Stage(inquiry.stage)].get(stage, ()):
        return
    if act in (WITHDRAW, LAPSE):
        raise NothingOffered
    raise AlreadyAdmitted


def set_stage(
    inquiry: Inquiry,
    stage: Stage,
    *,
    act: str,
    reason: str = "",
    next_action: str = "",
    next_action_at: datetime.datetime | None = None,
    offer_lapses_on: datetime.date | None = None,
) -> None:
    """Put the inquiry into a stage and save it, with everything that goes with a stage. Nothing else writes a stage.

    The caller holds the row inside `act`, so that the row's history names the act and who did it; what else the act
    sets on the row is saved with it. A reason to end stands apart from the reason of any other move; an admission keeps
    the reason for which the inquiry had ended before. Raises AlreadyAdmitted, NothingOffered.
    """
    check_may_go(inquiry, stage, act=act)
    ends = stage in (Stage.REFERRED, Stage.CLOSED)
    inquiry.stage, inquiry.is_draft, inquiry.signs_after_end = stage, False, []
    if stage != Stage.ADMITTED:
        inquiry.closing_reason = reason if ends else ""
    inquiry.stage_reason = "" if ends else reason
    inquiry.next_action, inquiry.next_action_at = next_action, next_action_at
    inquiry.offer_lapses_on = offer_lapses_on
    inquiry.save()


def locked(inquiry: Inquiry) -> Inquiry:
    """The inquiry as it is now, held until the transaction ends."""
    return Inquiry.objects.select_for_update(of=("self",), no_key=True).select_related("clinic").get(pk=inquiry.pk)


def locked_program(program: Program) -> Program:
    """The program, held: two people cannot give its last place away at once."""
    return Program.objects.select_for_update(no_key=True).get(pk=program.pk)

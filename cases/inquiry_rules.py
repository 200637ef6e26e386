"""The stages of an inquiry: their order, the act for each, what blocks it, and the one function that writes a stage."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from django.utils.module_loading import import_string

from cases.models import Client, Inquiry
from staff.models import Program, StaffMember
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

    sentence = "Enter a reason."


class NotSaidYet(Refusal):
    """No name, no number and no reason given."""

    sentence = "Enter at least a name, a phone number or the reason for the call."


class OnlyByAdmission(Refusal):
    """The stage “admitted” follows from an admission."""

    sentence = "Admit the person on the admission page. The inquiry updates automatically."


class SayWhyNoDanger(Refusal):
    """Removing a danger sign with no response yet requires a reason."""

    sentence = "No one has responded to this danger sign yet. Leave it checked, or say why it is being removed."


class AnotherPerson(Refusal):
    """The inquiry is linked to someone else already."""

    sentence = "This inquiry is already linked to another person. If that was a mistake, unlink it first."


class AlreadyAdmitted(Refusal):
    """Admitted inquiries don't change."""

    sentence = "This inquiry led to an admission and can’t change stage."


class AboutAnOffer(Refusal):
    """Base class for refusals that the offer page can fix because it lacks an answer."""


class ProgramNeeded(AboutAnOffer):
    """A place is a place in a program."""

    sentence = "Choose a program for the offer."


class ProgramToWaitFor(Refusal):
    """The wait list needs a program, or an explicit “any suitable program”."""

    sentence = "Choose the program they are waiting for, or “Any suitable program.”"


class LastDayNotPossible(AboutAnOffer):
    """An opening can't be held until yesterday."""

    sentence = "“Hold through” must be today or later."


class OutOfTurn(AboutAnOffer):
    """Others are ahead on the wait list."""

    def __init__(self, ahead: int) -> None:
        self.ahead = ahead
        stand = "1 person is" if ahead == 1 else f"{ahead} people are"
        super().__init__(f"{stand} ahead on the wait list. Say why this person goes first.")


class NoPlaceFree(AboutAnOffer):
    """Every place is taken or offered."""


class OfferNeedsReason(AboutAnOffer):
    """An offer is not taken back in silence."""

    sentence = "An opening is being held for this person. Say why the offer is withdrawn."


class NothingOffered(Refusal):
    """There is no offer to withdraw."""

    sentence = "This person has no offer now. It may have been withdrawn or expired."


def check_may_go(inquiry: Inquiry, stage: Stage, *, act: str) -> None:
    """Refuse moves that are not in TRANSITIONS. Raises AlreadyAdmitted, NothingOffered."""
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
    """Set an inquiry's stage and save it with everything that goes with the stage. No other code writes a stage.

    The caller holds the row inside `act`, so the row's history names the act and the user; other fields the act sets
    are saved too. A reason for closing is stored separately from the reason for any other move; an admission keeps the
    reason for an earlier closing. Raises AlreadyAdmitted, NothingOffered.
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


def tell(paths: Sequence[str], *, inquiry: Inquiry, client: Client, by: StaffMember) -> None:
    """Tell the apps above that a call was linked to a client, or not any more (settings.INQUIRY_LINKED, -UNLINKED).

    In the same transaction: what was booked for the caller is the client's then.
    """
    for path in paths:
        import_string(path)(inquiry=inquiry, client=client, by=by)


def locked(inquiry: Inquiry) -> Inquiry:
    """The current inquiry, locked until the transaction ends."""
    return Inquiry.objects.select_for_update(of=("self",), no_key=True).select_related("clinic").get(pk=inquiry.pk)


def locked_program(program: Program) -> Program:
    """The program, held: two people cannot give its last place away at once."""
    return Program.objects.select_for_update(no_key=True).get(pk=program.pk)

"""Validation rules for moving an inquiry and offering an opening."""

from __future__ import annotations

from cases.models import Inquiry
from staff.models import Program
from staff.refusals import Refusal


class ReasonNeeded(Refusal):
    """An inquiry does not end, nor come back, without a reason."""

    sentence = "Enter a reason. Every inquiry needs one to close."


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
    """Admitted inquiries stay as they are."""

    sentence = "This inquiry led to an admission and can’t be changed."


class AboutAnOffer(Refusal):
    """Base of what the page of an offer can put right: something about it has yet to be said."""


class ProgramNeeded(AboutAnOffer):
    """A place is a place in a program."""

    sentence = "Choose a program for the offer."


class ProgramToWaitFor(Refusal):
    """The wait list needs a program, or an explicit “any suitable program”."""

    sentence = "Choose the program they are waiting for, or “Any suitable program.”"


class LastDayNotPossible(AboutAnOffer):
    """A place cannot be kept until yesterday."""

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


def locked(inquiry: Inquiry) -> Inquiry:
    """The inquiry as it is now, held until the transaction ends."""
    return Inquiry.objects.select_for_update(of=("self",), no_key=True).select_related("clinic").get(pk=inquiry.pk)


def locked_program(program: Program) -> Program:
    """The program, held: two people cannot give its last place away at once."""
    return Program.objects.select_for_update(no_key=True).get(pk=program.pk)

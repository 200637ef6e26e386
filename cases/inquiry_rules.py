"""What moving an inquiry, and offering a place, are checked against."""

from __future__ import annotations

from cases.models import Inquiry
from staff.models import Program
from staff.refusals import Refusal


class ReasonNeeded(Refusal):
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


def locked(inquiry: Inquiry) -> Inquiry:
    """The inquiry as it is now, held until the transaction ends."""
    return Inquiry.objects.select_for_update(of=("self",), no_key=True).select_related("clinic").get(pk=inquiry.pk)


def locked_program(program: Program) -> Program:
    """The program, held: two people cannot give its last place away at once."""
    return Program.objects.select_for_update(no_key=True).get(pk=program.pk)

"""Referring a client to a place outside and closing the loop: sent, accepted or declined, seen, result.

A list of addresses is not a referral. Each step is dated and has its author; nothing is rewritten. Before anything that
names the client leaves, an active consent has to cover it (`naming`); a referral that the client takes there
themselves names nobody and needs none. In a call with the client in the room, what was agreed and the appointment come
back at once (warm handoff: AHRQ, Guide to Patient and Family Engagement in Primary Care).
"""

from __future__ import annotations

import datetime
from typing import TypedDict, Unpack

from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from cases.possible_days import check_possible
from privacy.models import Disclosure
from referrals.models import ServiceKind, ServicePlace, ServiceReferral, ServiceReferralStep, ServiceStep
from referrals.models.service_referral import CLOSING, How, Outcome, ToldBy
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.saying import says_something
from staff.typed_days import PLANS

from . import naming

Step = ServiceStep


class StepFacts(TypedDict, total=False):
    """What a step may say besides its day, its author and its words."""

    how: str
    spoke_with: str
    disclosure: Disclosure | None
    told_by: str
    outcome: str
    appointment_on: datetime.date | None
    appointment_time: datetime.time | None
    reports_danger: bool


class WhereNeeded(Refusal):
    sentence = "Choose a place from the directory, or enter its name."


class PlaceNotUsed(Refusal):
    sentence = "The clinic no longer refers people to this place. Choose another."


class AlreadyReferred(Refusal):
    sentence = "This client is already referred there for this. Continue that referral, or close it first."


class WithWhomNeeded(Refusal):
    sentence = "Enter whom you spoke with."


class NobodyCalled(Refusal):
    """What only a call brings was entered, and that nobody was called: one of the two is wrong, and only they know."""

    def __init__(self, facts: list[str]) -> None:
        super().__init__(
            f"You filled in a call ({', '.join(facts)}). Did you call? Then choose “{How.CALL.label}”. If no one was "
            "called, clear those fields: what the client arranges there is recorded as the next step."
        )


class NobodyNamed(Refusal):
    """Words of their own on what was told, and that nobody was told who the client is."""

    sentence = (
        "You wrote what the place is told about the client. Check the box that says you name them, or clear "
        "these fields."
    )


class ReferralClosed(Refusal):
    sentence = "This referral is closed. To try again, make a new one."


class StepBehind(Refusal):
    sentence = "This step was already recorded, or a later one was. Add a note if something needs to be corrected."


class BeforeItWasSent(Refusal):
    sentence = "This is before the referral was made. Check the date."


class AppointmentOver(Refusal):
    sentence = "The appointment can’t be before the day on which it was agreed."


class AppointmentDayNeeded(Refusal):
    sentence = "Enter the day of the appointment, too."


class SayWhatCame(Refusal):
    sentence = "Enter in a few words what came of it."


class WhoTold(Refusal):
    sentence = "Choose who told you."


def refer(
    *,
    client: Client,
    kind: str,
    by: StaffMember,
    place: ServicePlace | None = None,
    elsewhere: str = "",
    need: str = "",
    how: str = How.CLIENT,
    spoke_with: str = "",
    name_client: bool = False,
    what: str = "",
    why: str = "",
    accepted: bool = False,
    appointment_on: datetime.date | None = None,
    appointment_time: datetime.time | None = None,
    note: str = "",
    happened_on: datetime.date | None = None,
    reports_danger: bool = False,
    episode: TreatmentEpisode | None = None,
    at: datetime.datetime | None = None,
) -> ServiceReferral:
    """Refer a client, as `how` says: they go themselves, we call with them in the room, or we send it with their name.

    What we send names the client; a call does if `name_client`. Then `what` is told and `why`, and the disclosure is
    recorded. A call in which the place took them at once is `accepted`, perhaps with an appointment. What only a call
    brings is refused without one, never dropped. Raises NotPermitted, WhereNeeded, PlaceNotUsed, AlreadyReferred,
    NobodyCalled, NobodyNamed, WithWhomNeeded, AppointmentOver, AppointmentDayNeeded, what
    `cases.possible_days.check_possible` and `naming.disclose` raise.
    """
    demand(by, Permission.REFERRAL_MAKE, client)
    kind, how, at = ServiceKind(kind), How(how), at or timezone.now()
    elsewhere = "" if place is not None else elsewhere.strip()
    if place is None and not says_something(elsewhere):
        raise WhereNeeded
    if place is not None and not ServicePlace.objects.visible_to(by).in_use().filter(pk=place.pk).exists():
        raise PlaceNotUsed
    if how != How.CALL:
        _check_nobody_called(
            {
                "whom you spoke with": bool(spoke_with.strip()),
                "that you say who the client is": name_client and how == How.CLIENT,
                "that the place will take them": accepted,
                "an appointment": bool(appointment_on or appointment_time),
            }
        )
    with act("referrals.refer_elsewhere", by=by, client=client) as entry:
        Client.objects.select_for_update(of=("self",), no_key=True).get(pk=client.pk)  # two at once take turns
        same = ServiceReferral.objects.filter(client=client, kind=kind, place=place, elsewhere__iexact=elsewhere)
        if same.open().exists():
            raise AlreadyReferred
        referral = ServiceReferral.objects.create(
            client=client,
            episode=episode or client.episodes.open().order_by("-admitted_on").first(),
            kind=kind,
            place=place,
            elsewhere=elsewhere,
            need=need.strip(),
            made_at=at,
            made_by=by,
        )
        named = how == How.SENT or (how == How.CALL and name_client)
        _goes_out(
            referral, Step.SENT, by=by, at=at, on=happened_on, how=how, note=note, named=named,
            accepted=accepted, what=what, why=why, spoke_with=spoke_with, appointment_on=appointment_on,
            appointment_time=appointment_time, reports_danger=reports_danger,
        )  # fmt: skip
        entry.about(referral, kind=str(kind), how=str(how), named=named)
    return referral


def call(
    *,
    referral: ServiceReferral,
    by: StaffMember,
    spoke_with: str,
    name_client: bool = False,
    what: str = "",
    why: str = "",
    accepted: bool = False,
    appointment_on: datetime.date | None = None,
    appointment_time: datetime.time | None = None,
    note: str = "",
    happened_on: datetime.date | None = None,
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> ServiceReferralStep:
    """A later call to the place, with the client in the room or about what became of it. It names them if it says so.

    Raises what `refer` raises, ReferralClosed, and StepBehind if it was accepted before.
    """
    demand(by, Permission.REFERRAL_MAKE, referral.client)
    at = at or timezone.now()
    with act("referrals.call_place", by=by, client=referral.client) as entry:
        taken = _lock_open(referral)
        if accepted and taken & {Step.ACCEPTED, Step.SEEN}:
            raise StepBehind
        row = _goes_out(
            referral, Step.CALLED, by=by, at=at, on=happened_on, how="", note=note, accepted=accepted,
            named=name_client, what=what, why=why, spoke_with=spoke_with, appointment_on=appointment_on,
            appointment_time=appointment_time, reports_danger=reports_danger,
        )  # fmt: skip
        entry.about(row, named=name_client)
    return row


def accept(
    *,
    referral: ServiceReferral,
    by: StaffMember,
    told_by: str,
    happened_on: datetime.date | None = None,
    appointment_on: datetime.date | None = None,
    appointment_time: datetime.time | None = None,
    note: str = "",
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> ServiceReferralStep:
    """The place takes them, perhaps with an appointment.

    Raises ReferralClosed, StepBehind, WhoTold, AppointmentOver, AppointmentDayNeeded.
    """
    return _answer(
        referral, Step.ACCEPTED, by=by, told_by=told_by, on=happened_on, note=note, at=at,
        not_after={Step.ACCEPTED, Step.SEEN}, reports_danger=reports_danger, appointment_on=appointment_on,
        appointment_time=appointment_time,
    )  # fmt: skip


def decline(
    *,
    referral: ServiceReferral,
    by: StaffMember,
    told_by: str,
    happened_on: datetime.date | None = None,
    note: str = "",
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> ServiceReferralStep:
    """The place doesn't take them: the referral is closed. Raises ReferralClosed, StepBehind, WhoTold."""
    return _answer(
        referral, Step.DECLINED, by=by, told_by=told_by, on=happened_on, note=note, at=at, not_after={Step.SEEN},
        reports_danger=reports_danger,
    )  # fmt: skip


def seen(
    *,
    referral: ServiceReferral,
    by: StaffMember,
    told_by: str,
    happened_on: datetime.date | None = None,
    note: str = "",
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> ServiceReferralStep:
    """They were there, whether or not the place had said yes before. Raises ReferralClosed, StepBehind, WhoTold."""
    return _answer(
        referral, Step.SEEN, by=by, told_by=told_by, on=happened_on, note=note, at=at, not_after={Step.SEEN},
        reports_danger=reports_danger,
    )  # fmt: skip


def record_result(
    *,
    referral: ServiceReferral,
    by: StaffMember,
    outcome: str,
    note: str,
    told_by: str,
    happened_on: datetime.date | None = None,
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> ServiceReferralStep:
    """What came of it, in words, on which day, by whom: the loop is closed.

    Raises SayWhatCame, ReferralClosed, WhoTold.
    """
    if not says_something(note):
        raise SayWhatCame
    return _answer(
        referral, Step.RESULT, by=by, told_by=told_by, on=happened_on, note=note, at=at, not_after=set(),
        reports_danger=reports_danger, outcome=Outcome(outcome),
    )  # fmt: skip


def end(
    *,
    referral: ServiceReferral,
    by: StaffMember,
    note: str = "",
    happened_on: datetime.date | None = None,
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> ServiceReferralStep:
    """Close it without a result: the client decided otherwise, or nobody answers. No reason is asked."""
    demand(by, Permission.REFERRAL_MAKE, referral.client)
    with act("referrals.end_elsewhere", by=by, client=referral.client) as entry:
        _lock_open(referral)
        row = _step(
            referral, Step.ENDED, by=by, at=at or timezone.now(), on=happened_on, note=note,
            reports_danger=reports_danger,
        )  # fmt: skip
        entry.about(row)
    return row


def add_note(
    *,
    referral: ServiceReferral,
    by: StaffMember,
    note: str,
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> ServiceReferralStep:
    """Write something down without moving the referral on, also after it is closed. Raises SayWhatCame."""
    demand(by, Permission.REFERRAL_MAKE, referral.client)
    if not says_something(note):
        raise SayWhatCame("Enter the note.")
    with act("referrals.note_elsewhere", by=by, client=referral.client) as entry:
        row = _step(referral, Step.NOTE, by=by, at=at or timezone.now(), on=None, note=note,
                    reports_danger=reports_danger)  # fmt: skip
        entry.about(row)
    return row


def _check_nobody_called(facts: dict[str, bool]) -> None:
    if entered := [words for words, is_entered in facts.items() if is_entered]:
        raise NobodyCalled(entered)


def _answer(
    referral: ServiceReferral,
    step: ServiceStep,
    *,
    by: StaffMember,
    on: datetime.date | None,
    note: str,
    at: datetime.datetime | None,
    not_after: set[ServiceStep],
    **facts: Unpack[StepFacts],
) -> ServiceReferralStep:
    demand(by, Permission.REFERRAL_MAKE, referral.client)
    if facts.get("told_by") not in ToldBy.values:
        raise WhoTold
    with act(f"referrals.{step}_elsewhere", by=by, client=referral.client) as entry:
        if _lock_open(referral) & not_after:
            raise StepBehind
        row = _step(referral, step, by=by, at=at or timezone.now(), on=on, note=note, **facts)
        entry.about(row)
    return row


def _goes_out(
    referral: ServiceReferral,
    step: ServiceStep,
    *,
    by: StaffMember,
    at: datetime.datetime,
    on: datetime.date | None,
    how: str,
    spoke_with: str,
    named: bool,
    what: str,
    why: str,
    accepted: bool,
    appointment_on: datetime.date | None,
    appointment_time: datetime.time | None,
    note: str,
    reports_danger: bool = False,
) -> ServiceReferralStep:
    """The step by which something goes out; a place that takes them in the same call adds its own."""
    calls = step == Step.CALLED or how == How.CALL
    if calls and not says_something(spoke_with):
        raise WithWhomNeeded
    if not named and not naming.is_proposed(what, why):
        raise NobodyNamed
    day = on or referral.client.today
    check_possible(referral.client, day, ahead=0)
    disclosure = (
        naming.disclose(referral, spoke_with=spoke_with.strip(), what=what, why=why, on=day, by=by, at=at)
        if named
        else None
    )
    row = _step(
        referral, step, by=by, at=at, on=day, how=how, spoke_with=spoke_with.strip(), disclosure=disclosure, note=note,
        reports_danger=reports_danger, appointment_on=None if accepted else appointment_on,
        appointment_time=None if accepted else appointment_time,
    )  # fmt: skip
    if accepted:
        _step(
            referral, Step.ACCEPTED, by=by, at=at, on=day, note="", told_by=ToldBy.PLACE,
            appointment_on=appointment_on, appointment_time=appointment_time,
        )  # fmt: skip
    return row


def _lock_open(referral: ServiceReferral) -> set[str]:
    """Lock it, and say which steps were taken."""
    ServiceReferral.objects.select_for_update(of=("self",), no_key=True).get(pk=referral.pk)
    taken = set(ServiceReferralStep.objects.filter(referral=referral).values_list("step", flat=True))
    if taken & set(CLOSING):
        raise ReferralClosed
    return taken


def _step(
    referral: ServiceReferral,
    step: ServiceStep,
    *,
    by: StaffMember,
    at: datetime.datetime,
    on: datetime.date | None,
    note: str,
    **facts: Unpack[StepFacts],
) -> ServiceReferralStep:
    day = on or referral.client.today
    check_possible(referral.client, day, ahead=0)
    sent = ServiceReferralStep.objects.filter(referral=referral, step=Step.SENT).first()
    if sent is not None and day < sent.happened_on:
        raise BeforeItWasSent
    met = facts.get("appointment_on")
    check_possible(referral.client, met, ahead=PLANS)
    if met is not None and met < day:
        raise AppointmentOver
    if met is None and facts.get("appointment_time") is not None:
        raise AppointmentDayNeeded
    return ServiceReferralStep.objects.create(
        referral=referral,
        step=step,
        happened_on=day,
        at=at,
        by=by,
        note=note.strip(),
        **facts,
    )

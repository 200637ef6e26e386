"""Every kind of message, as data: who gets it, when, in which words, and what must be true when it leaves.

One row for each kind, in `KINDS`. Who creates it is in the app that owns its cause: in the act itself, or in a source
of due dates (settings.REMINDER_SOURCES); whether the cause still holds is asked there, too (settings.REMINDER_CAUSES).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.db import models

from privacy.models import Channel
from reminders import wording
from reminders.wording import Said


class Kind(models.TextChoices):
    """The reason for a reminder. Kinds for clients begin with client_, kinds for staff with staff_."""

    CLIENT_APPOINTMENT = "client_appointment", "Appointment"
    CLIENT_BOOKED = "client_booked", "Appointment booked"
    CLIENT_MOVED = "client_moved", "Appointment moved"
    CLIENT_CANCELED = "client_canceled", "Appointment canceled"
    CLIENT_MISSED_APPOINTMENT = "client_missed_appointment", "After a missed appointment"
    CLIENT_GROUP = "client_group", "Group tomorrow"
    CLIENT_CONTINUING_CARE = "client_continuing_care", "Continuing care call"
    CLIENT_CHECKUP = "client_checkup", "Recovery checkup"
    CLIENT_MEETING_FOLLOWUP = "client_meeting_followup", "After a mutual-help meeting"
    CLIENT_MILESTONE = "client_milestone", "Recovery milestone"
    STAFF_NOTE_UNSIGNED = "staff_note_unsigned", "Unsigned note"
    STAFF_COSIGN = "staff_cosign", "Cosignature waiting"
    STAFF_PLAN_DUE = "staff_plan_due", "Treatment plan or review due"
    STAFF_MEASURE_DUE = "staff_measure_due", "Measure due"
    STAFF_CONSENT_EXPIRING = "staff_consent_expiring", "Consent expiring"
    STAFF_MENTOR_REVIEW = "staff_mentor_review", "Peer mentor renewal"
    STAFF_INQUIRY_CALLBACK = "staff_inquiry_callback", "Inquiry not called back"
    STAFF_INTERIM_CLOCK = "staff_interim_clock", "Interim services or admission due"
    STAFF_NO_SHOW_STEP = "staff_no_show_step", "Step after a missed appointment"
    STAFF_CONTINUING_CARE = "staff_continuing_care", "Continuing care call due"
    STAFF_FOLLOWUP_CALL = "staff_followup_call", "Follow-up call after a meeting"
    STAFF_TASK = "staff_task", "Task to do"


class Needs(Enum):
    """What must be true of a client for a kind of message to go out."""

    NOTHING = "it is about the work of a colleague, which has to be done whatever became of the client"
    LIFE = "a client who is alive"
    CARE = (
        "care that goes on: an open episode, a first visit still ahead, a call that came after the last discharge, or "
        "a visit agreed on for after it"
    )
    IN_CARE = "an open episode"
    AFTER_DISCHARGE = "a discharge from which the client is followed up, and no care since"


class Priority:
    """What goes first where a client may get one message a day and three a week. The lowest number goes first."""

    CHANGED = 10  # who does not hear of it comes at the wrong time
    AHEAD = 20  # an event at a fixed time
    ASKED = 30  # something to be done, any day
    TOLD = 40  # they know already
    KIND = 50  # a kind word


EVERY_CHANNEL = (Channel.EMAIL, Channel.SMS, Channel.VOICE)
WRITTEN = (Channel.EMAIL, Channel.SMS)


@dataclass(frozen=True)
class KindRow:
    """One kind of message.

    `is_promise`: someone relies on it, so a person does it if it can't be sent; otherwise it is a courtesy.
    `is_unasked`: nobody expects it, so it is not even planned for a client to whom no way is open.
    `times` are keys of thresholds that say when. `guarded` says why it is not to be switched off by accident.
    """

    kind: Kind
    needs: Needs
    because: str  # of `needs`
    sent: str  # when, in words, after “Sent …”
    said: Said
    is_promise: bool = True
    is_unasked: bool = False
    priority: int = Priority.ASKED
    channels: tuple[Channel, ...] = EVERY_CHANNEL
    times: tuple[str, ...] = ()
    guarded: str = ""

    @property
    def for_clients(self) -> bool:
        """Whether clients get it, and not staff."""
        return self.kind.startswith("client_")


def _staff(
    kind: Kind, needs: Needs, because: str, sent: str, *, times: tuple[str, ...] = (), guarded: str = ""
) -> KindRow:
    return KindRow(kind, needs, because, sent, wording.STAFF, channels=(Channel.EMAIL,), times=times, guarded=guarded)


_ROWS = (
    KindRow(
        Kind.CLIENT_APPOINTMENT,
        Needs.CARE,
        "a client who was discharged or transferred does not come to earlier visits, but to those agreed on since",
        "the day before an appointment and shortly before it",
        wording.APPOINTMENT,
        priority=Priority.AHEAD,
        times=("appointments.remind_days_before", "appointments.remind_hours_before"),
        guarded="Clients rely on it: without it, more of them miss appointments.",
    ),
    KindRow(
        Kind.CLIENT_BOOKED,
        Needs.CARE,
        "as for the appointment itself",
        "when an appointment is booked",
        wording.BOOKED,
        is_promise=False,
        priority=Priority.TOLD,
    ),
    KindRow(
        Kind.CLIENT_MOVED,
        Needs.CARE,
        "as for the appointment itself",
        "when an appointment is moved",
        wording.MOVED,
        priority=Priority.CHANGED,
        guarded="A client who does not hear of it comes at the wrong time.",
    ),
    KindRow(
        Kind.CLIENT_CANCELED,
        Needs.CARE,
        "as for the appointment itself",
        "when the clinic cancels an appointment",
        wording.CANCELED,
        priority=Priority.CHANGED,
        guarded="A client who does not hear of it comes for nothing.",
    ),
    KindRow(
        Kind.CLIENT_MISSED_APPOINTMENT,
        Needs.CARE,
        "it invites the client back to ongoing care",
        "some hours after a missed appointment",
        wording.PLEASE_CALL,
        times=("appointments.missed_message_hours",),
    ),
    KindRow(
        Kind.CLIENT_GROUP,
        Needs.IN_CARE,
        "a place in a group ends with the episode",
        "the day before a group session",
        wording.GROUP,
        is_promise=False,  # weekly; a task for each member without a number would bury the others
        priority=Priority.AHEAD,
        times=("groups.remind_days_before",),
    ),
    KindRow(
        Kind.CLIENT_CONTINUING_CARE,
        Needs.AFTER_DISCHARGE,
        "calls after a discharge; a client back in care is seen anyway",
        "the day before a planned call",
        wording.WE_CALL,
        is_promise=False,  # the call itself is the promise, and it is a colleague's
        times=("appointments.call_notice_days",),
    ),
    KindRow(
        Kind.CLIENT_CHECKUP,
        Needs.LIFE,
        "quarterly, in care and after; standing.NOT_FOLLOWED_UP says who went elsewhere",
        "the day before a quarterly checkup",
        wording.WE_CALL,
        is_promise=False,
        times=("appointments.call_notice_days",),
    ),
    KindRow(
        Kind.CLIENT_MEETING_FOLLOWUP,
        Needs.CARE,
        "how it went is asked by the counselor who made the plan",
        "some days after a planned mutual-help meeting",
        wording.PLEASE_CALL,
        times=("referrals.followup_days",),
    ),
    KindRow(
        Kind.CLIENT_MILESTONE,
        Needs.IN_CARE,
        "a kind word from people who know the client; no one else counts the days",
        "on a milestone, without naming it",
        wording.MILESTONE,
        is_promise=False,
        is_unasked=True,
        priority=Priority.KIND,
        channels=WRITTEN,
    ),
    _staff(
        Kind.STAFF_NOTE_UNSIGNED,
        Needs.NOTHING,
        "the record is completed after a death or discharge, too",
        "some hours after a session whose note is not signed",
        times=("counseling.unsigned_reminder",),
    ),
    _staff(
        Kind.STAFF_COSIGN,
        Needs.NOTHING,
        "the record is completed after a death or discharge, too",
        "some hours after a note was signed that needs a second signature",
        times=("counseling.cosign_reminder",),
    ),
    _staff(
        Kind.STAFF_PLAN_DUE,
        Needs.IN_CARE,
        "a plan ends with its episode",
        "some days before a treatment plan or its review is due",
        times=("counseling.plan_notice_days",),
        guarded="Licensing rules set these dates.",
    ),
    _staff(
        Kind.STAFF_MEASURE_DUE,
        Needs.IN_CARE,
        "measures are for the session",
        "on the morning of the day by which a measure is due",
    ),
    _staff(
        Kind.STAFF_CONSENT_EXPIRING,
        Needs.LIFE,
        "a consent ends with the life",
        "some days before a consent expires",
        times=("privacy.consent_notice_days",),
        guarded="After that day nothing may be disclosed on it (42 CFR 2.31).",
    ),
    _staff(
        Kind.STAFF_MENTOR_REVIEW,
        Needs.LIFE,
        "mentors may have been discharged and go on; the term ends with the life",
        "some days before a peer mentor’s approval expires",
        times=("groups.mentor_approval_notice",),
    ),
    _staff(
        Kind.STAFF_INQUIRY_CALLBACK,
        Needs.NOTHING,
        "callers are no clients yet",
        "when a call back is due",
        guarded="Someone waits for the call.",
    ),
    _staff(
        Kind.STAFF_INTERIM_CLOCK,
        Needs.NOTHING,
        "callers are no clients yet",
        "some hours before interim services or an admission are due by law",
        times=("cases.clock_notice_hours",),
        guarded="45 CFR 96.126 and 96.131: interim services within 48 hours, admission within 14 or 120 days.",
    ),
    _staff(
        Kind.STAFF_NO_SHOW_STEP,
        Needs.LIFE,
        "a clinician’s discharge ends the steps; those after a visit missed since go on, as their cause says",
        "on the morning of the day a step is due after a missed appointment",
        times=(
            "appointments.no_show_second_days",
            "appointments.no_show_review_days",
            "appointments.no_show_letter_days",
        ),
    ),
    _staff(
        Kind.STAFF_CONTINUING_CARE,
        Needs.AFTER_DISCHARGE,
        "no call is due while the client is back in care",
        "on the morning of the day a call is due",
        guarded="Every call was promised to the client at discharge.",
    ),
    _staff(
        Kind.STAFF_FOLLOWUP_CALL,
        Needs.LIFE,
        "the chart shows a colleague the situation; no one calls after a death",
        "some days after a planned mutual-help meeting",
        times=("referrals.followup_days",),
    ),
    _staff(Kind.STAFF_TASK, Needs.NOTHING, "it names its own cause", "when something waits to be done"),
)
KINDS: dict[str, KindRow] = {row.kind.value: row for row in _ROWS}


def of(kind: str) -> KindRow:
    """The row of a kind."""
    return KINDS[kind]

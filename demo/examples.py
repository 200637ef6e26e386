"""Something to open each address of ours with: a row of the demo clinic for each part of an address.

The one list of examples: for `access_table`, and for the tests that open every page, post every form, count the
queries of every page.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.core.mail import EmailMessage
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from appointments import booking, continuing_care
from appointments.models import FollowUpCall, Holiday, Room, TimeOff
from cases import assessments, merging
from cases.models import Client, Inquiry, LevelOfCareAssessment
from cases.people import covering, registration, restrictions
from cases.recovery import learning, naloxone, relapses
from counseling import measures, notes, plans, signing, sud_counseling_notes
from counseling.models import NoteFormat, NoteMention, SessionNote
from counseling.plans import homework
from counseling.tablet import handover
from demo import history
from demo.addresses import OURS, permissions_of
from groups import rosters
from groups.models import Attendance
from privacy import (
    access_reports,
    breaches,
    consents,
    emergency,
    legal_holds,
    medical_emergencies,
    minors,
    request_queue,
    suspensions,
)
from privacy.models import AskedAbout, AuditCheck, Consent, KnownRecipient, LegalHold, ServiceAgreement, UnusualAccess
from referrals import own_goals, private_links, ties
from referrals.models import ImportRun, Meeting, PrivateLink, Referral, SameMeeting, ServicePlace
from referrals.other_help import referring as other_referring
from reminders import crisis, mailbox, meaning, staff_tasks
from reminders.mailbox import MailboxBackend
from reminders.models import InboxItem, NumberFact, Reminder
from staff import account_changes
from staff.access import ROLES
from staff.models import Clinic, Role, StaffMember

BEHIND = ("client_id", "group_id", "session_id", "inquiry_id")  # what a row's own address names before it
BY_ROUTE = {
    "referrals:own_goal_away": "own_goal",
    "referrals:own_goal_change": "own_goal",
    "reminders:crisis_reply": "crisis",
    "reminders:crisis_reply_of_nobody": "crisis_of_nobody",
    "privacy:asked_letter": "asked",
    "privacy:request_denial": "denied",  # asks for a request that was denied to the client
    "privacy:request_denial_pdf": "denied",
    "privacy:emergency_review": "emergency",  # its row's part says only “pk”
    "counseling:note_file": "signed_note",  # asks for a note that is signed
    "counseling:note_verify": "signed_note",
    "counseling:note_cosign": "supervised_note",
    "counseling:separate_sign": "separate_draft",
    "cases:medical_evaluation": "decided",  # asks for a decision
    "appointments:no_show": "missed",
    "appointments:inquiry_no_show": "missed_by_caller",
    "reminders:life_to_staff": "to_staff",
    "reminders:kind": "kind_of_message",
    "referrals:own_edit": "own_meeting",
    "referrals:own_listed": "own_meeting",
}
# Addresses that are only posted to, whose rows `rows_to_post` adds.
BY_ROUTE |= {
    "privacy:emergency_reviewed": "emergency",
    "reminders:task_done": "task",
    "reminders:task_take": "task",
    "reminders:task_hand_over": "task",
    "reminders:cancel_to_staff": "to_staff",
    "reminders:retry_to_staff": "to_staff",
    "reminders:lift_fact": "number_fact",
    "reminders:opted_out": "contact_id",
    "reminders:opted_in": "contact_id",
    "reminders:inbox_open": "inbox_item",
    "reminders:inbox_mark": "inbox_item",
}
QUERIES = {"privacy:consent_new": "?type=reminder_contact"}
# No pages: nothing to read, a file for calendar programs, and one that is there only while a list waits for a decision.
FOR_SCRIPTS = {"staff:stay", "appointments:feed", "referrals:run_file"}
# Each leads to a page that is walked itself: the board of the latest episode, the list of notes for want of scripts.
LEADS_ON = {"counseling:carry_over_latest", "counseling:earlier", "referrals:guide"}
# Pages of a tablet handed over, which lead away from every other browser: tests/browser/test_tablet.py looks at them.
LEADS_ON |= {f"counseling:tablet{page}" for page in ("", "_question", "_look_over", "_still_there")}
AFTER_SIGNING_IN_AGAIN: set[str] = set()


def pages_of(clinic: Clinic, rows: dict[str, Any]) -> Iterator[tuple[str, StaffMember]]:
    """The address of each page with somebody who may open it; downloads and places to post to are no pages.

    With the row of a client alone, the pages that need no other row.
    """
    for url, reader, _ in opened_pages(clinic, rows):
        yield url, reader


def opened_pages(clinic: Clinic, rows: dict[str, Any]) -> Iterator[tuple[str, StaffMember, Any]]:
    """The same, with the answer that each got; a page that asks for the password again answers with a way there."""
    client_alone = set(rows) == {"client_id"}
    people = list(StaffMember.objects.filter(clinic=clinic).order_by("-role", "pk"))  # supervisors first: they see most
    browsers: dict[int, Browser] = {}
    for route, name, pattern in OURS:
        if name in FOR_SCRIPTS or (client_alone and names_in(route) != ["client_id"]):
            continue
        asked = permissions_of(pattern)
        reader = next((each for each in people if asked <= ROLES[each.role]), None)
        assert reader is not None, f"Nobody may open {route}."
        if reader.pk not in browsers:
            browsers[reader.pk] = Browser()
            browsers[reader.pk].force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
        browser = browsers[reader.pk]
        is_known = all(BY_ROUTE.get(name, part) in rows for part in names_in(route))
        if not is_known and browser.get(reverse(name, kwargs=placeholders(route))).status_code == 405:
            continue
        url = reverse(name, kwargs=parts_of(route, name, rows)) + QUERIES.get(name, "")
        answer = browser.get(url)
        if answer.status_code == 405:
            continue
        if answer.status_code == 302 and name not in AFTER_SIGNING_IN_AGAIN:
            leads_on = client_alone or name in LEADS_ON
            assert leads_on, f"{url} leads to {answer['Location']}: give `examples` a row for which it is a page."
            continue
        if answer.status_code == 302 or answer["Content-Type"].startswith("text/html"):
            yield url, reader, answer


def denied_request(client: Client, by: StaffMember) -> AskedAbout:
    """A client's own request that was denied to them in writing."""
    asked = identified_request(client, by, about="Robin Samplesister")
    officer = StaffMember.objects.filter(clinic=by.clinic, role=Role.PRIVACY_OFFICER).earliest("pk")
    why = "The letter of Mar 2 names a neighbor, who was threatened before."
    request_queue.close(request=asked, outcome="refused", ground="of_another", reason=why, by=officer)
    return asked


def identified_request(client: Client, by: StaffMember, *, about: str = "Robin Sample") -> AskedAbout:
    """A request that leads to the client, as the privacy officer found out."""
    asked = minors.record_asked(about=about, relation="self", way="letter", kind="record_copy", by=by)
    officer = StaffMember.objects.filter(clinic=by.clinic, role=Role.PRIVACY_OFFICER).earliest("pk")
    request_queue.identify(request=asked, client=client, by=officer)
    return asked


def parts(route: str) -> list[str]:
    """The parts of a route, each with its kind: `int:client_id`."""
    return [part.split(">")[0] for part in route.split("<")[1:]]


def names_in(route: str) -> list[str]:
    """The names of the parts of a route, in order."""
    return [part.rpartition(":")[2] for part in parts(route)]


def placeholders(route: str) -> dict[str, Any]:
    """Something of the right kind for each part."""
    found = (part.rpartition(":") for part in parts(route))
    return {name: 1 if kind in {"int", ""} else "x" for kind, _, name in found}


def parts_of(route: str, name: str, rows: dict[str, Any]) -> dict[str, Any]:
    """Every part of an address; where it names a row, client, group and session are that row's own."""
    names = names_in(route)
    found: dict[str, Any] = {}
    for part in reversed(names):
        key = BY_ROUTE.get(name, part)
        if part not in found:
            assert key in rows, f"Nothing is known to open {route} with: give `examples` a row for “{key}”."
            row = rows[key]
            found[part] = getattr(row, "pk", row)
            found |= {each: getattr(row, each) for each in BEHIND if getattr(row, each, None)}
    return {part: found[part] for part in names}


def examples(clinic: Clinic) -> dict[str, Any]:
    """A row for each part of an address, most of them about one client with much behind them."""
    by = StaffMember.objects.get(email="supervisor@demo.example")
    officer = StaffMember.objects.filter(clinic=clinic, role="privacy").earliest("pk")
    for each in LegalHold.objects.open():  # a record on hold is never merged, and here some are
        legal_holds.lift(hold=each, reason="The case was settled", by=officer)
    today = timezone.localdate(timezone=clinic.zone)
    in_care = Attendance.objects.filter(signed_at=None, membership__client__episodes__discharged_on=None)
    attendance = in_care.select_related("membership__client", "session").latest("pk")
    attendance.group_id = attendance.membership.group_id  # type: ignore[attr-defined]
    client = attendance.membership.client
    others = StaffMember.objects.filter(role="counselor").exclude(care_teams__client=client)
    relapse = relapses.record(
        client=client, started_on=today - datetime.timedelta(days=2), ended_on=today, substances=["fentanyl"], by=by
    )
    inputs = assessments.prefilled(client=client, relapse=relapse)
    twice = registration.register(by=by, given_name=client.given_name, family_name=client.family_name)
    absorbed = merging.merge(keep=client, absorb=twice, by=by)
    absorbed.client_id = client.pk  # type: ignore[attr-defined]
    meeting = Meeting.objects.exclude(feed__format="own").latest("pk")
    episode = client.episodes.latest("admitted_on")
    plans.write_safety_plan(episode=episode, by=by, warning_signs="I stop answering the phone")
    apart = sud_counseling_notes.start(client=client, session_on=today, text="What she said of her father.", by=by)
    apart = sud_counseling_notes.sign(note=apart, version=apart.version, by=by)
    allowed = consents.record(
        client=client,
        type=Consent.Type.SUD_NOTES,
        by=by,
        discloser="This clinic",
        recipients="Dr. Lee Example",
        description="Separately held notes of this month",
        purpose="Psychotherapy",
        right_to_revoke_stated=True,
        refusal_stated=True,
        signed_on=today,
        signed_by_name=client.full_name,
        expires_on=today + datetime.timedelta(days=30),
    )
    goal = plans.add_goal(episode=episode, wording="Sleep through the night", by=by)
    plans.write_discharge_plan(episode=episode, by=by, what_helps="Mornings at the canal")
    yesterday = timezone.now() - datetime.timedelta(days=1)
    trainee = StaffMember.objects.filter(supervisor=by).earliest("pk")
    wrote = history.blank_note(
        client=client, episode=episode, author=trainee, format="dap", at=yesterday, sections={"plan": "Go on."}
    )
    [supervised] = history.add_notes(drafts=[wrote], goals={}, by=by)
    history.sign_notes(signed={supervised.pk: timezone.now()}, by=by)
    signing.add_addendum(note=supervised, text="Go on, twice a week.", reason="Left out", by=by)
    send_one_letter()
    call = Inquiry.objects.latest("pk")
    Inquiry.objects.filter(pk=call.pk).update(client=client)
    call.refresh_from_db()
    appointment = booking.book(
        client=client,
        inquiry=call,
        staff_member=by,
        starts_at=timezone.now() - datetime.timedelta(days=3),
        outside_hours_reason="For a look at its pages",
        overlap_reason="For a look at its pages",
        by=by,
    )
    now = timezone.now()
    reading = meaning.read("I want to die")
    [cry] = crisis.record(
        clinic=clinic, contact_value=reach_of(client, by), reading=reading, at=now, source_key="one cry for help"
    )[:1]
    [of_nobody] = crisis.record(clinic=clinic, contact_value="+15550109999", reading=reading, at=now)
    missed = booking.book(
        client=client,
        staff_member=by,
        starts_at=now - datetime.timedelta(hours=1),
        by=by,
        outside_hours_reason="Walked in",
        overlap_reason="Walked in",
    )
    booking.no_show(appointment=missed, by=by)
    missed_by_caller = booking.book(
        inquiry=Inquiry.objects.filter(client=None, stage=Inquiry.Stage.NEW).latest("pk"),
        staff_member=by,
        starts_at=now - datetime.timedelta(hours=2),
        outside_hours_reason="Walked in",
        overlap_reason="Walked in",
        by=by,
    )
    booking.no_show(appointment=missed_by_caller, by=by)
    called = FollowUpCall.objects.latest("pk")
    hold = legal_holds.place(client=client, reason="Sample v. Clinic, letter of counsel", from_on=today, by=officer)
    return {
        "crisis": cry,
        "own_meeting": Meeting.objects.filter(feed__clinic=clinic, feed__format="own").earliest("pk"),
        "colleague_id": others[0],
        "change_id": account_changes.ask_for_email(
            staff_member=others[0],
            email="elsewhere@demo.example",
            reason="She married and asked me at the front desk",
            by=StaffMember.objects.filter(clinic=clinic, role="administrator").earliest("pk"),
        ),
        "missed": missed,
        "missed_by_caller": missed_by_caller,
        "call_id": continuing_care.record_call(episode=called.episode, outcome="reached", said_use="yes", by=by),
        "crisis_of_nobody": of_nobody,
        "client_id": client,
        "inquiry_id": Inquiry.objects.latest("pk"),
        "merge_id": absorbed,
        "episode_id": episode,
        "relapse_id": relapse,
        "assessment_id": assessments.record(client=client, relapse=relapse, by=by, **inputs),
        "decided": LevelOfCareAssessment.objects.filter(decided_medical=1).latest("pk"),
        "note_id": notes.start(client=client, episode=episode, by=by),
        "separate_id": apart,
        "separate_draft": sud_counseling_notes.start(client=client, session_on=today, text="Not signed yet.", by=by),
        "sent_id": sud_counseling_notes.disclose(note=apart, consent=allowed, recipient="Dr. Lee Example", by=by),
        "format_id": NoteFormat.objects.latest("pk"),
        "supervised_note": supervised,
        "signed_note": SessionNote.objects.signed().filter(client=client).latest("pk"),
        "instrument": "phq-9",
        "number": 1,
        "measure_id": measures.record(client=client, instrument="phq-9", answers=[1] * 8 + [0], by=by),
        "group": "outpatient",
        "group_id": attendance.membership.group,
        "membership_id": attendance.membership,
        "session_id": attendance.session,
        "attendance_id": attendance,
        "meeting_id": meeting,
        "chosen": meeting.pk,
        "feed_id": meeting.feed,
        "run_id": ImportRun.objects.latest("pk"),
        "referral_id": Referral.objects.latest("pk"),
        "token": private_links.token_of(PrivateLink.objects.open(now).latest("pk")),
        "own_goal": own_goals.set_goal(client=client, meetings=2, days=7, by=by),
        "stage": "choose",
        "text": "tried",
        "place_id": ServicePlace.objects.filter(clinic=clinic, is_in_use=True).earliest("pk"),
        "service_id": other_referring.refer(client=client, kind="other", elsewhere="County bus office", by=by),
        "move": "note",
        "kit_id": naloxone.give(client=client, by=by),
        "asked": minors.record_asked(about="Robin Sample", relation="parent", way="letter", by=by),
        "request_id": identified_request(client, by),
        "denied": denied_request(client, by),
        "disclosure_id": medical_emergencies.disclose(
            client=client,
            told="EMT Jordan Example",
            affiliation="County EMS",
            nature="Found unresponsive, likely overdose",
            what="Methadone dose and last use",
            no_consent="unable",
            by=by,
        ),
        "breach_id": breaches.report(
            discovered_on=today,
            what_happened="A letter with a client's name went to the wrong address",
            information="Name and dates of visits",
            by=by,
        ),
        "hold_id": legal_holds.lift(hold=hold, reason="The case was settled", by=officer),
        "suspension_id": suspensions.suspend(
            client=client,
            agency="Department of Health",
            official="Sam Sample, investigator",
            statement="The investigation of the pharmacy would be known",
            stated_on=today,
            ends_on=today + datetime.timedelta(days=30),
            in_writing=False,
            by=officer,
        ),
        "emergency": emergency.open(client=client, reason="Found unresponsive in the waiting room", by=others[0]),
        "name": mailbox.letters()[0].name,
        "report_id": access_reports.give(
            client=client,
            since=today - datetime.timedelta(days=30),
            until=today,
            asked_by="client",
            by=officer,
        ),
        "unusual_id": UnusualAccess.objects.create(
            clinic=clinic,
            staff_member=by,
            on=today - datetime.timedelta(days=1),
            reason=UnusualAccess.Reason.SAME_NAME,
            client_id=client.pk,
            count=1,
            first_at=yesterday,
            last_at=yesterday,
            found_at=now,
        ),
        "check_id": AuditCheck.objects.create(clinic=clinic, log="privacy.ListAccess", started_at=now),
        "consent_id": Consent.objects.latest("pk"),
        "sample": "chart",
        "point": "admission",
        "kind": "trigger",
        "kind_of_message": "client_appointment",
        "objective_id": plans.add_objective(goal=goal, wording="Keep a diary for two weeks", by=by),
        "appointment_id": appointment,
        "room_id": Room.objects.earliest("pk"),
        "holiday_id": Holiday.objects.earliest("pk"),
        "off_id": TimeOff.objects.earliest("pk"),
        "reminder_id": Reminder.objects.filter(client=client).latest("pk"),
        "to_staff": Reminder.objects.filter(clinic=clinic, client=None).latest("pk"),
        "restriction_id": restrictions.restrict(
            client=client,
            staff_member=StaffMember.objects.filter(clinic=clinic, role="administrator").earliest("pk"),
            reason="Not my cousin who keeps the computers",
            by=by,
        ),
        "item_id": learning.add_trigger(client=client, wording="An empty Sunday", strength=6, by=by),
        "tie_id": ties.sponsor(client=client, fellowship="aa", name="Mary Jo", by=by),
    }


def rows_to_post(rows: dict[str, Any]) -> dict[str, Any]:
    """The rows of `examples`, and those for addresses that are only posted to: `access_table` tries them, too."""
    client, note = rows["client_id"], rows["note_id"]
    by = StaffMember.objects.get(email="supervisor@demo.example")
    item = rows["item_id"]
    reach = registration.add_contact(client=client, kind="phone", value="(518) 555-0178", by=by)
    now = timezone.now()
    twice = learning.add_trigger(client=client, wording="A Sunday with nothing to do", strength=5, by=by)
    other = registration.register(by=by, given_name="Nova", family_name="Keptapart")
    fact = NumberFact.objects.create(
        clinic=client.clinic,
        contact_value=reach.normalized,
        kind=NumberFact.Kind.NO_TEXTS,
        source="phone provider",
        learned_at=now,
    )
    fact.client_id = client.pk  # type: ignore[attr-defined]  # whose number it is
    return rows | {
        "contact_id": reach,
        "same_id": SameMeeting.objects.standing().filter(clinic=client.clinic).earliest("pk"),
        "member_id": client.care_team.current().latest("pk"),
        "key": "x",
        "step": "decline",
        "join_id": learning.merge_wordings(keep=item, other=twice, by=by),
        "mention_id": NoteMention.objects.create(
            note=note, quote="Sundays are long.", trigger=item, recorded_at=now, recorded_by=by
        ),
        "handover_id": handover.open(client=client, instruments=["phq-9"], by=by),
        "homework_id": homework.give_homework(episode=rows["episode_id"], text="Call her sister", by=by),
        "goal_id": rows["objective_id"].goal,
        "pair_id": rosters.keep_apart(client=client, other=other, kind="legal", by=by),
        "number_fact": fact,
        "inbox_item": InboxItem.objects.filter(staff_member=by).first()
        or InboxItem.objects.create(
            reminder=Reminder.objects.filter(clinic=client.clinic, inbox_item=None).latest("pk"),
            staff_member=by,
            arrived_at=now,
        ),
        "task": staff_tasks.add(clinic=client.clinic, client=client, sentence="A message wasn’t sent.", at=now),
        "row_id": covering.cover(
            away=StaffMember.objects.get(email="counselor@demo.example"),
            covering=by,
            starts_at=now,
            ends_at=now + datetime.timedelta(days=1),
            by=by,
        )[0],
        "agreement_id": ServiceAgreement.objects.filter(clinic=client.clinic).first(),
        "recipient_id": KnownRecipient.objects.filter(clinic=client.clinic).first()
        or KnownRecipient.objects.create(
            clinic=client.clinic,
            name="Dr. Lee Example",
            kind="treating",
            known_by="License 12345",
            added_at=now,
            added_by=by,
        ),
    }


def reach_of(client: Any, by: StaffMember) -> str:
    """A number that reaches this client and nobody else."""
    point = registration.add_contact(client=client, kind="phone", value="(518) 555-0177", by=by)
    return str(point.normalized)


def send_one_letter() -> None:
    """A letter in the demo's mailbox."""
    mail = EmailMessage(
        "Reminder", "You have an appointment.", to=["roz@mail.example"], headers={"Message-ID": "<1@x>"}
    )
    MailboxBackend().send_messages([mail])

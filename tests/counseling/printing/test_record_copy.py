"""A copy of one's own record: all of it and nothing of anybody else's, on paper and as data, and that it was given."""

from __future__ import annotations

import datetime
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from appointments import booking
from cases.models import Client, TreatmentEpisode, Trigger
from cases.recovery import learning
from counseling import measures, notes, plans, signing, sud_counseling_notes
from counseling.models import SeparateForClient, SeparateNote, SessionNote
from groups import member_notes
from groups.models import Attendance, Group, GroupSession, GroupType
from privacy import consents, copies, disclosures, for_others, giving, minors, request_queue
from privacy.models import AskedAbout, ChartAccess, ListAccess, RecordGiven
from staff.models import AuditEntry, Clinic, Role, StaffMember
from staff.refusals import NotPermitted
from tests import factories
from tests.counseling.sud_counseling_notes.separately import SECRET
from tests.privacy.test_consents import COMPLETE

SignIn = Callable[[StaffMember], Browser]
Recipient = giving.Recipient
DOCS = (Path(__file__).resolve().parents[3] / "docs" / "record-copy.md").read_text()

# Tables about a client that are in no copy, and why.
LEFT_OUT = {
    "cases.ClientMerge": "how two records became one: the clinic's bookkeeping; every row of both is here",
    "cases.MeasureSetAside": "which score an assessment took: a step on the way to what it says",
    "cases.LearnedJoin": "two wordings of one trigger joined: bookkeeping",
    "cases.ToldDeclined": "what was not taken over into the record",
    "counseling.SetAsideText": "a draft that another window overwrote: no part of the record",
    "counseling.NoteOfAppointment": "which page a note was begun from",
    "counseling.LaterFiling": "under which objective a note is found",
    "counseling.SeparateDisclosure": "the disclosure itself is here",
    "counseling.SeparateForClient": "the decision that shares a note; the note is here",
    "counseling.Handover": "a tablet that was handed over: its answers are measures",
    "counseling.HandoverMeasure": "the same",
    "groups.KeepApart": "names another client",
    "groups.MentorTerm": "a task in a group that others are named in",
    "groups.MentorPairing": "names another client",
    "appointments.Series": "how appointments were booked; they are here",
    "reminders.ContactOrder": "which way a message goes first",
    "reminders.StaffTask": "a task of staff",
    "groups.MentorStep": "how somebody came to be a mentor: the clinic's judgment of a task in a group",
    "reminders.TaskHandover": "a task of staff",
    "reminders.InboxItem": "a note to staff that something waits",
    "reminders.DeliveryAttempt": "how a message went out; the message is here",
    "reminders.DeliveryReceipt": "the same",
    "referrals.PrivateLink": "an address that no longer opens anything; what was said by it is here",
    "privacy.BreachNotice": "the notice itself was sent to the client",
    "privacy.EmergencyAccess": "who looked: the access report, not the record",
    "privacy.RequestStep": "how a request was worked",
    "privacy.AccessReport": "that a report on who opened the chart was given",
    "privacy.BreachClient": "the register of breaches, of which the client is notified in a letter",
    "privacy.AccountingSuspension": "that an agency asked not to be named to the client for now (45 CFR 164.528(a)(2))",
    "privacy.LegalHold": "that the record must be kept",
    "privacy.DisclosureReview": "how the clinic reviewed a disclosure; the disclosure is here",
    "privacy.UnusualAccess": "what the privacy officer looks into",
    "cases.ClientRestriction": "whom the client keeps from the record: they know, and it names staff",
}


def today(client: Client) -> datetime.date:
    return timezone.localdate(timezone=client.clinic.zone)


def in_the_office(client: Client) -> list[datetime.datetime]:
    """Ten o'clock of the next two days on which the office is open, whatever day and hour it is now."""
    days = (today(client) + datetime.timedelta(days=number) for number in range(1, 8))
    ten = datetime.time(10, tzinfo=client.clinic.zone)
    return [datetime.datetime.combine(day, ten) for day in days if day.weekday() < 5][:2]


def data(client: Client, by: StaffMember, recipient: giving.Recipient | None = None) -> dict[str, Any]:
    row, parts = copies.give(client=client, form="json", recipient=recipient or Recipient(), by=by)
    found: dict[str, Any] = json.loads("".join(copies.as_data(row, parts)))
    return found


def to_a_court(client: Client, by: StaffMember) -> giving.Recipient:
    told = disclosures.record(
        client=client, recipient="Example County Court", what="The whole record", why="Ordered by the court",
        basis="court_order", authority="Example County Court, No. 12, Nov 2, 2026", by=by,
    )  # fmt: skip
    return Recipient("other", disclosure=told)


def rows(copy: dict[str, Any], key: str) -> list[dict[str, Any]]:
    [part] = [each for each in copy["parts"] if each["key"] == key]
    assert all(set(row) == set(part["fields"]) for row in part["rows"])
    found: list[dict[str, Any]] = part["rows"]
    return found


def read(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.fixture
def lived(client_record: Client, episode: TreatmentEpisode, draft: SessionNote, counselor: StaffMember) -> Client:
    """Robin has two of nearly everything: a second row of a kind would cost a second query, if any did."""
    client, by, now = client_record, counselor, timezone.now()
    signing.sign(note=draft, by=by)
    signing.add_addendum(note=draft, text="It was his cousin.", reason="Wrong relative", by=by)
    second = notes.start(
        client=client, episode=episode, by=by, session_started_at=now - datetime.timedelta(hours=5),
        session_ended_at=now - datetime.timedelta(hours=4), sections={"subjective": "Slept well.", "plan": "Go on."},
    )  # fmt: skip
    signing.sign(note=second, by=by)
    notes.start(client=client, episode=episode, by=by, sections={"subjective": "Unfinished sentence"})
    for wording in ("See my daughter", "Keep my job"):
        goal = plans.add_goal(episode=episode, wording=wording, by=by)
        plans.add_objective(goal=goal, wording=f"First step to {wording.lower()}", by=by)
        learning.add_trigger(client=client, wording=f"Worry: {wording.lower()}", strength=5, by=by)
        factories.RelapseFactory(
            client=client, started_on=today(client) - datetime.timedelta(days=9 if "job" in wording else 30),
            ended_on=today(client) - datetime.timedelta(days=8 if "job" in wording else 29),
            learned=f"Learned: {wording}", recorded_at=now, recorded_by=by,
        )  # fmt: skip
    trigger = Trigger.objects.get(client=client, wording="Worry: keep my job")
    for relapse in client.relapses.all():
        relapse.triggers.add(trigger)
    plans.write_discharge_plan(episode=episode, by=by, continuing_care="Weekly group", triggers=[trigger])
    plans.write_safety_plan(episode=episode, by=by, people_to_ask="My sister")
    for each in range(2):
        measures.record(client=client, instrument="phq-9", answers=[each] * 8 + [0], by=by)
        consents.record(client=client, type="disclosure", by=by, **COMPLETE)
        disclosures.record(
            client=client, recipient="Dr. Lee", affiliation="Example Hospital", what="Current medication",
            why="Found unresponsive", basis="emergency", no_consent="unable", by=by,
        )  # fmt: skip
    for day in in_the_office(client):
        booking.book(client=client, staff_member=by, by=by, starts_at=day)
    return client


@pytest.fixture
def in_a_group(lived: Client, clinic: Clinic, counselor: StaffMember) -> Attendance:
    """In a group with somebody else; a signed note about each."""
    now = timezone.now()
    group = Group.objects.create(
        clinic=clinic, name="Tuesday skills", type=GroupType.SKILLS, weekday=1, starts_at=datetime.time(18), minutes=90
    )
    session = GroupSession.objects.create(group=group, starts_at=now - datetime.timedelta(days=1), minutes=90)
    other = factories.ClientFactory(clinic=clinic, counselor=counselor)
    made = [
        Attendance.objects.create(
            session=session, membership=factories.MembershipFactory(group=group, client=each), mark="present",
            minutes_credited=90, taken_at=now, taken_by=counselor, participation="active", response=said,
            progress="Some", written_at=now, written_by=counselor,
        )
        for each, said in ((lived, "Spoke about work"), (other, "Wept about divorce"))
    ]  # fmt: skip
    for each in made:
        member_notes.sign_member_note(attendance=each, by=counselor)
    member_notes.add_addendum(attendance=made[0], text="It was about the old job.", reason="Wrong job", by=counselor)
    return made[0]


def leading_to_a_client() -> set[type[models.Model]]:
    """Every table whose rows lead to a client, by one foreign key after the other; histories are of those tables."""
    found: set[type[models.Model]] = {Client}
    known = [each for each in apps.get_models() if not hasattr(each, "pgh_tracked_model")]
    while True:
        more = {
            model
            for model in known
            if model not in found and any(each.related_model in found for each in model._meta.local_fields)
        }
        if not more:
            return found
        found |= more


def test_every_table_about_a_client_is_in_the_copy_or_left_out_for_a_reason(client_record: Client) -> None:
    covered = {label for part in copies.gather(client_record) for label in part.models}
    about = {model._meta.label for model in leading_to_a_client()}
    assert {"groups.AttendanceAddendum", "reminders.DeliveryReceipt"} <= about, "found over several steps"
    assert len(about) > 80
    assert sorted(about - covered - set(LEFT_OUT)) == []
    assert sorted(set(LEFT_OUT) & covered) == []


def test_the_data_holds_the_designated_record_set(
    lived: Client, in_a_group: Attendance, privacy_officer: StaffMember
) -> None:
    copy = data(lived, privacy_officer)
    assert (copy["format"], copy["version"], copy["client"], copy["notice"]) == ("onward-record-copy", 1, lived.pk, "")
    assert rows(copy, "person")[0]["family_name"] == "Sample"
    assert rows(copy, "episodes")[0]["program_name"] == "Outpatient"
    later, first = rows(copy, "notes")[::-1]
    assert later["text"]["Subjective"] == "Slept badly, argued with his brother."
    assert [each["text"] for each in later["addenda"]] == ["It was his cousin."]
    assert later["signatures"][0]["sha256"]
    assert first["text"]["Subjective"] == "Slept well."
    assert [each["wording"] for each in rows(copy, "goals")] == ["See my daughter", "Keep my job"]
    assert len(rows(copy, "objectives")) == len(rows(copy, "triggers")) == len(rows(copy, "measures")) == 2
    assert {each["learned"] for each in rows(copy, "returns_to_use")} == {
        "Learned: See my daughter", "Learned: Keep my job",
    }  # fmt: skip
    assert rows(copy, "safety_plans")[0]["people_to_ask"] == "My sister"
    assert len(rows(copy, "consents")) == len(rows(copy, "disclosures")) == len(rows(copy, "appointments")) == 2
    assert [each["step"] for each in rows(copy, "consents")[0]["steps"]][-1] == "Activated"
    [in_group] = rows(copy, "group_sessions")
    assert in_group["note"]["Response"] == "Spoke about work"
    assert [each["text"] for each in in_group["addenda"]] == ["It was about the old job."]
    assert in_group["signatures"][0]["sha256"]
    # what was linked with what
    assert [each["triggers"] for each in rows(copy, "returns_to_use")] == [["Worry: keep my job"]] * 2
    assert rows(copy, "discharge_plans")[0]["triggers"] == ["Worry: keep my job"]


def test_drafts_and_other_people_are_not_in_it(
    lived: Client, in_a_group: Attendance, privacy_officer: StaffMember, clinic: Clinic, counselor: StaffMember
) -> None:
    other = factories.ClientFactory(clinic=clinic, counselor=counselor, family_name="Otherperson")
    learning.add_trigger(client=other, wording="Somebody else’s trigger", strength=5, by=counselor)
    whole = json.dumps(data(lived, privacy_officer), ensure_ascii=False)
    for elsewhere in ("Unfinished sentence", "Otherperson", "Somebody else’s trigger", "Wept about divorce"):
        assert elsewhere not in whole
    unsigned = in_a_group.session.attendances.exclude(pk=in_a_group.pk).get().membership.client
    assert "Spoke about work" not in json.dumps(data(unsigned, privacy_officer))


def test_an_unsigned_note_about_a_member_is_not_in_it(
    lived: Client, clinic: Clinic, counselor: StaffMember, privacy_officer: StaffMember
) -> None:
    group = factories.GroupFactory(clinic=clinic)
    session = GroupSession.objects.create(group=group, starts_at=timezone.now(), minutes=60)
    Attendance.objects.create(
        session=session, membership=factories.MembershipFactory(group=group, client=lived), mark="present",
        minutes_credited=60, taken_at=timezone.now(), taken_by=counselor, response="Not signed yet",
        written_at=timezone.now(), written_by=counselor,
    )  # fmt: skip
    assert "Not signed yet" not in json.dumps(data(lived, privacy_officer))


def test_days_and_moments_say_their_zone(lived: Client, privacy_officer: StaffMember) -> None:
    copy = data(lived, privacy_officer)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", rows(copy, "goals")[0]["opened_on"])
    for moment in (copy["made_at"], rows(copy, "notes")[0]["signed_at"]):
        assert datetime.datetime.fromisoformat(moment).utcoffset() is not None


def test_the_paper_says_the_same(lived: Client, privacy_officer: StaffMember, signed_in: SignIn) -> None:
    office = signed_in(privacy_officer)
    answer = office.post(reverse("privacy:record_copy_give", args=[lived.pk]), {"form": "pdf", "to": "client"})
    assert answer["Content-Type"] == "application/pdf"
    assert "Robin" not in answer["Content-Disposition"]
    paper = read(answer.content)
    for said in (
        "Robin Sample", "Slept badly, argued with his brother.", "It was his cousin.", "Learned: Keep my job",
        "See my daughter", "Consents", "Dr. Lee",
    ):  # fmt: skip
        assert said in paper, said
    assert "Unfinished sentence" not in paper


def test_the_data_is_streamed_and_each_copy_is_recorded_audited_and_in_the_access_log(
    lived: Client, privacy_officer: StaffMember, signed_in: SignIn
) -> None:
    asked = minors.record_asked(about="Robin", relation="self", way="letter", kind="record_copy", by=privacy_officer)
    request_queue.identify(request=asked, client=lived, by=privacy_officer)
    office = signed_in(privacy_officer)
    page = office.get(reverse("privacy:request", args=[asked.pk])).content.decode()
    assert f"{reverse('privacy:record_copy', args=[lived.pk])}?request={asked.pk}" in page
    assert office.get(reverse("privacy:record_copy", args=[lived.pk]), {"request": asked.pk}).status_code == 200
    answer = office.post(
        reverse("privacy:record_copy_give", args=[lived.pk]), {"form": "json", "to": "client", "asked": asked.pk}
    )
    assert answer.streaming
    copy = json.loads(b"".join(answer.streaming_content))
    row = RecordGiven.objects.get()
    assert (row.asked, row.what, row.form, copy["copy"]) == (asked, "record", "json", row.pk)
    assert row.contents["notes"] == len(rows(copy, "notes")) == 2
    entry = AuditEntry.objects.get(act="privacy.give")
    assert (entry.client_id, entry.details["what"]) == (lived.pk, "record")
    assert ChartAccess.objects.filter(client_id=lived.pk, view_name="privacy:record_copy_give").exists()
    assert ListAccess.objects.filter(view_name="privacy:record_copy_give").exists()
    request_queue.close(request=asked, outcome="given", reason="Handed over at the desk.", by=privacy_officer)


def test_it_goes_with_the_notice_where_it_is_given_to_another(lived: Client, privacy_officer: StaffMember) -> None:
    with pytest.raises(for_others.DisclosureFirst):
        data(lived, privacy_officer, Recipient("other"))
    assert data(lived, privacy_officer, to_a_court(lived, privacy_officer))["notice"] == disclosures.NOTICE
    for to, has_notice in ((to_a_court(lived, privacy_officer), True), (Recipient(), False)):
        row, parts = copies.give(client=lived, form="pdf", recipient=to, by=privacy_officer)
        assert (disclosures.NOTICE in copies.as_sheet(row, parts, by=privacy_officer).foot) == has_notice


def test_only_the_privacy_officer_of_the_clinic_makes_one(
    lived: Client, counselor: StaffMember, supervisor: StaffMember, intake: StaffMember, other_clinic: Clinic,
    make_staff: Any, signed_in: SignIn,
) -> None:  # fmt: skip
    page, give = (reverse(f"privacy:{name}", args=[lived.pk]) for name in ("record_copy", "record_copy_give"))
    stranger = make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)
    facts = {"form": "json", "to": "client"}
    assert [signed_in(stranger).get(page).status_code, signed_in(stranger).post(give, facts).status_code] == [404, 404]
    for person in (counselor, supervisor, intake):
        assert [signed_in(person).get(page).status_code, signed_in(person).post(give, facts).status_code] == [403, 403]
    for person in (counselor, supervisor, intake, stranger):
        with pytest.raises(NotPermitted):
            data(lived, person)
    assert not RecordGiven.objects.exists()


def test_a_request_of_another_client_is_not_answered_with_it(
    lived: Client, privacy_officer: StaffMember, clinic: Clinic, signed_in: SignIn
) -> None:
    other = factories.ClientFactory(clinic=clinic)
    asked = minors.record_asked(about="Other", relation="self", way="letter", kind="record_copy", by=privacy_officer)
    request_queue.identify(request=asked, client=other, by=privacy_officer)
    with pytest.raises(giving.AnotherRequest):
        copies.give(client=lived, form="json", recipient=Recipient(), asked=asked, by=privacy_officer)
    facts = {"form": "json", "to": "client", "asked": asked.pk}
    answer = signed_in(privacy_officer).post(reverse("privacy:record_copy_give", args=[lived.pk]), facts)
    assert answer["Content-Type"].startswith("text/html")
    assert not RecordGiven.objects.exists()
    assert AskedAbout.objects.get() == asked


def test_a_note_held_apart_is_in_it_only_if_its_author_decided_so(
    signed_note: SeparateNote, privacy_officer: StaffMember, counselor: StaffMember, supervisor: StaffMember,
    signed_in: SignIn,
) -> None:  # fmt: skip
    client = signed_note.client
    assert SECRET not in json.dumps(data(client, privacy_officer))
    for person in (privacy_officer, supervisor):
        with pytest.raises(NotPermitted):
            sud_counseling_notes.share_with_client(note=signed_note, reason="The client wants it", by=person)
    share = reverse("counseling:separate_share", args=[client.pk, signed_note.pk])
    assert signed_in(supervisor).post(share, {"reason": "The client wants it"}).status_code == 404
    with pytest.raises(sud_counseling_notes.WhyShared):
        sud_counseling_notes.share_with_client(note=signed_note, reason="x", by=counselor)
    assert SECRET not in json.dumps(data(client, privacy_officer))

    page = signed_in(counselor).post(share, {"reason": "We read it together and it helped."}, follow=True)
    assert "Included in copies" in page.content.decode()
    [shown] = rows(data(client, privacy_officer), "notes_held_apart")
    assert SECRET in shown["text"]
    entry = AuditEntry.objects.get(act="counseling.share_separate_note")
    assert entry.details == {"note": signed_note.pk}


def test_a_note_held_apart_is_in_no_copy_for_others_whatever_its_author_decided(
    signed_note: SeparateNote, privacy_officer: StaffMember, counselor: StaffMember
) -> None:
    """The author shared it with the client. To others it goes by a consent for it alone (42 CFR 2.31(b))."""
    client = signed_note.client
    sud_counseling_notes.share_with_client(note=signed_note, reason="We read it together", by=counselor)
    guardian = Recipient("for_client", "Maria Example", "Guardian by court order, Nov 2026")
    for to, held in ((Recipient(), True), (guardian, True), (to_a_court(client, privacy_officer), False)):
        row, parts = copies.give(client=client, form="json", recipient=to, by=privacy_officer)
        said = "".join(copies.as_data(row, parts)) + json.dumps(row.contents)
        sheet = copies.as_sheet(row, parts, by=privacy_officer)
        printed = " ".join([sheet.lede, *(f"{block.heading} {block.text} {block.detail}" for block in sheet.blocks)])
        assert [SECRET in shown for shown in (said, printed)] == [held, held]
        assert ("notes_held_apart" in said) == held
        assert ("Everything in your record" in printed) == held


def test_the_database_lets_nobody_but_the_author_decide_and_keeps_the_decision(
    signed_note: SeparateNote, separate_draft: SeparateNote, counselor: StaffMember, supervisor: StaffMember
) -> None:
    facts = {
        "note": signed_note,
        "clinic": signed_note.client.clinic,
        "decided_at": timezone.now(),
        "reason": "Because",
    }
    with pytest.raises(IntegrityError, match="the author"), transaction.atomic():
        SeparateForClient.objects.create(**facts, decided_by=supervisor)
    SeparateForClient.objects.create(**facts, decided_by=counselor)
    for statement in (
        "DELETE FROM counseling_separateforclient",
        "UPDATE counseling_separateforclient SET reason = 'x'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_draft_held_apart_is_not_shared(separate_draft: SeparateNote, counselor: StaffMember) -> None:
    with pytest.raises(sud_counseling_notes.NotSignedYet):
        sud_counseling_notes.share_with_client(note=separate_draft, reason="The client wants it", by=counselor)


def test_the_page_of_the_docs_names_every_part(client_record: Client) -> None:
    for part in copies.gather(client_record):
        assert f"`{part.key}`" in DOCS, part.key
    named = set(re.findall(r"^\| `([a-z_]+)`", DOCS, re.MULTILINE))
    assert named == {part.key for part in copies.gather(client_record)}

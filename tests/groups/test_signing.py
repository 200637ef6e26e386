"""Signed group notes: a password each time, a hash over the text, cosignatures, and attacks behind triggers."""

import datetime

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from groups import attendance, sessions, signatures, today, verifying
from groups.models import Attendance, AttendanceAddendum, GroupSignature
from groups.verifying import GroupFault
from privacy.models import AuditCheck, AuditFault
from privacy.tasks import check_audit_logs
from staff.credentials import SignatureKind, SignedWith
from staff.models import AuditEntry
from staff.refusals import NotPermitted
from staff.signed_text import digest
from tests.counseling.tampering import behind_the_triggers
from tests.factories import PASSWORD
from tests.ownership import as_owner
from tests.reading import as_read

NOTE = {"participation": "active", "response": "Spoke of a hard week."}


@pytest.fixture
def draft(make_member, make_session, facilitator):
    member, session = make_member(given_name="Robin", family_name="Sample"), make_session(7)
    attendance.take(session=session, marks={member.pk: "present"}, by=facilitator)
    row = Attendance.objects.get(session=session)
    attendance.write_member_note(attendance=row, by=facilitator, **NOTE)
    sessions.write_note(session=session, topic="Saying no", group_note="The group practiced.", by=facilitator)
    return row


@pytest.fixture
def signed(draft, facilitator):
    attendance.sign_member_note(attendance=draft, by=facilitator, signed_with=SignedWith.PASSWORD)
    sessions.sign_note(session=draft.session, by=facilitator, signed_with=SignedWith.PASSWORD)
    return draft


def url(name, row):
    return reverse(f"groups:{name}", args=[row.session.group_id, row.session_id])


def ticked(row, *, group_note=True):
    row.refresh_from_db()
    row.session.refresh_from_db()
    marks = [f"{row.pk}:{signatures.shown(row)}"]
    return [*marks, f"group:{signatures.shown(row.session)}"] if group_note else marks


def test_nothing_is_signed_without_the_password(draft, facilitator, signed_in):
    browser = signed_in(facilitator)
    form = {f"note-{draft.pk}-participation": "active", f"note-{draft.pk}-response": NOTE["response"], "sign": ""}
    address = reverse("groups:member_note", args=[draft.session.group_id, draft.session_id, draft.pk])
    assert browser.post(address, form)["Location"] == url("sign_notes", draft)
    browser.post(
        reverse("groups:group_note", args=[draft.session.group_id, draft.session_id]),
        {"topic": "Saying no", "group_note": "The group practiced.", "sign": ""},
    )
    for password in ("", "wrong"):
        answer = browser.post(url("sign_notes", draft), {"note": ticked(draft), "password": password})
        assert answer.status_code == 422
    draft.refresh_from_db()
    assert not draft.is_signed
    assert draft.session.note_signed_at is None
    page = as_read(browser.get(url("sign_notes", draft)))
    assert NOTE["response"] in page
    assert "The group practiced." in page
    assert browser.post(url("sign_notes", draft), {"note": ticked(draft), "password": PASSWORD}).status_code == 302
    made = GroupSignature.objects.filter(signed_with=SignedWith.PASSWORD, signer=facilitator)
    assert sorted(bool(each.attendance_id) for each in made) == [False, True]
    assert all(each.hash == digest(signatures.text(each, [facilitator.pk])) for each in made)
    assert AuditEntry.objects.get(act="groups.attendance.sign_note").details["hash"] in {each.hash for each in made}


def test_what_changed_since_it_was_read_is_not_signed(draft, facilitator, signed_in):
    read = ticked(draft, group_note=False)
    attendance.write_member_note(attendance=draft, by=facilitator, participation="quiet", response="Said nothing.")
    answer = signed_in(facilitator).post(url("sign_notes", draft), {"note": read, "password": PASSWORD})
    assert "changed after you opened" in as_read(answer)
    draft.refresh_from_db()
    assert not draft.is_signed


def test_nobody_signs_what_somebody_else_wrote(draft, counselor, signed_in):
    answer = signed_in(counselor).post(url("sign_notes", draft), {"note": ticked(draft), "password": PASSWORD})
    assert answer.status_code == 422
    assert not GroupSignature.objects.exists()


def test_unchanged_notes_are_found_unchanged(signed, facilitator, signed_in, clinic):
    attendance.add_addendum(attendance=signed, text="Left the room once.", reason="Left out", by=facilitator)
    assert verifying.faults_of(session=signed.session) == []
    assert list(verifying.check_clinic(clinic)) == []
    assert "Unchanged since signing" in as_read(signed_in(facilitator).get(url("verify_notes", signed)))
    call_command("verify_group_notes")


@pytest.mark.parametrize(
    ("table", "sql", "fault"),
    [
        ("groups_attendance", "UPDATE groups_attendance SET response = 'Said nothing.'", GroupFault.TEXT),
        ("groups_attendance", "UPDATE groups_attendance SET minutes_credited = 10", GroupFault.TEXT),
        ("groups_groupsession", "UPDATE groups_groupsession SET group_note = 'Otherwise'", GroupFault.TEXT),
        ("groups_groupsignature", "UPDATE groups_groupsignature SET name = 'Else'", GroupFault.TEXT),
        ("groups_groupsignature", "DELETE FROM groups_groupsignature", GroupFault.GONE),
        ("groups_attendanceaddendum", "UPDATE groups_attendanceaddendum SET text = 'Else'", GroupFault.ADDENDUM),
        ("groups_attendanceaddendum", "DELETE FROM groups_attendanceaddendum", GroupFault.ADDENDUM_GONE),
    ],
)
def test_each_tampering_is_found(signed, facilitator, signed_in, clinic, table, sql, fault):
    attendance.add_addendum(attendance=signed, text="Left the room once.", reason="Left out", by=facilitator)
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    behind_the_triggers(table, sql)
    assert fault in verifying.faults_of(session=signed.session)
    assert (signed.session_id, fault) in list(verifying.check_clinic(clinic))
    assert "changed after signing" in as_read(signed_in(facilitator).get(url("verify_notes", signed)))
    with pytest.raises(CommandError):
        call_command("verify_group_notes")


def test_every_night_they_are_checked_with_the_logs_and_told(signed, make_staff, clinic, signed_in, settings, tmp_path):
    settings.AUDIT_HEADS_DIR = str(tmp_path)
    officer = make_staff("privacy", email="officer@clinic.example")
    behind_the_triggers("groups_attendance", "UPDATE groups_attendance SET response = 'Said nothing.'")
    check_audit_logs()
    check = AuditCheck.objects.get(clinic=clinic, log="groups.GroupSignature")
    assert check.finished_at
    assert check.entries_checked == GroupSignature.objects.count()
    [finding] = check.findings.all()
    assert (finding.fault, finding.position) == (AuditFault.CHANGED, signed.session_id)
    [letter] = [each for each in mail.outbox if officer.email in each.to]
    assert f"Session {signed.session_id}: in this session: the note doesn’t match its signature" in letter.body
    assert "Signed group notes" in as_read(signed_in(officer).get(reverse("privacy:audit_checks")))


def test_a_merge_that_onward_did_not_carry_out_moves_no_note(signed, make_client, facilitator):
    other, before = make_client(), signed.membership.client
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_clientmerge (keep_id, absorb_id, moved, merged_at, merged_by_id)"
            " VALUES (%s, %s, '{}', now(), %s)",
            [other.pk, before.pk, facilitator.pk],
        )
    behind_the_triggers(
        "groups_membership", "UPDATE groups_membership SET client_id = %s WHERE id = %s", other.pk, signed.membership_id
    )
    assert GroupFault.MEMBER in verifying.faults_of(session=signed.session)


def test_a_recomputed_hash_is_found_by_the_history(signed):
    behind_the_triggers("groups_attendance", "UPDATE groups_attendance SET response = 'Said nothing.'")
    signature = GroupSignature.objects.get(attendance=signed)
    signature.attendance.refresh_from_db()
    forged = digest(signatures.text(signature, signatures.leaders_of(signed.session)))
    behind_the_triggers(
        "groups_groupsignature", "UPDATE groups_groupsignature SET hash = %s WHERE id = %s", forged, signature.pk
    )
    assert verifying.faults_of(session=signed.session) == [GroupFault.TEXT]


def test_a_note_moved_to_somebody_else_is_found(signed, make_client, facilitator):
    other = make_client()
    behind_the_triggers(
        "groups_membership", "UPDATE groups_membership SET client_id = %s WHERE id = %s", other.pk, signed.membership_id
    )
    assert verifying.faults_of(session=signed.session) == [GroupFault.MEMBER]


def test_the_database_knows_no_signed_note_without_a_signature(draft, facilitator):
    Attendance.objects.filter(pk=draft.pk).update(signed_at=timezone.now(), signed_by=facilitator)
    with pytest.raises(IntegrityError, match="without a signature"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_late_entry_is_labeled(draft, facilitator):
    signature = GroupSignature.objects.filter(attendance=draft)
    attendance.sign_member_note(attendance=draft, by=facilitator)
    assert signature.get().is_late_entry
    assert "late entry: yes" in signatures.text(signature.get(), ())


def test_who_works_under_supervision_owes_a_cosignature(draft, facilitator, supervisor, make_staff, signed_in):
    facilitator.supervisor = supervisor
    facilitator.save()
    attendance.sign_member_note(attendance=draft, by=facilitator)
    signature = GroupSignature.objects.get()
    another = make_staff("supervisor")
    for nobody in (another, facilitator):
        with pytest.raises((signatures.NotTheSupervisor, NotPermitted)):
            signatures.cosign(signature=signature, by=nobody)
    browser = signed_in(supervisor)
    assert "Cosign 1 note" in as_read(browser.get(url("notes", draft)))
    titles = [need.title for need in today.needs(staff_member=supervisor, now=timezone.now())]
    assert f"Cosign group notes: {draft.session.group}" in titles
    assert not [need for need in today.needs(staff_member=another, now=timezone.now()) if "Cosign" in need.title]
    form = {"note": [f"{signature.pk}:"], "password": "wrong"}
    assert browser.post(url("cosign_notes", draft), form).status_code == 422
    assert not GroupSignature.objects.filter(kind=SignatureKind.COSIGN).exists()
    assert browser.post(url("cosign_notes", draft), form | {"password": PASSWORD}).status_code == 302
    assert GroupSignature.objects.get(kind=SignatureKind.COSIGN).signer == supervisor
    assert not GroupSignature.objects.waiting_for_cosignature().exists()
    assert not [need for need in today.needs(staff_member=supervisor, now=timezone.now()) if "Cosign" in need.title]
    assert verifying.faults_of(session=draft.session) == []
    with pytest.raises(signatures.NoCosignatureNeeded):
        signatures.cosign(signature=signature, by=supervisor)


def test_several_are_signed_and_cosigned_at_once(
    draft, make_member, facilitator, supervisor, signed_in, django_assert_max_num_queries
):
    facilitator.supervisor = supervisor
    facilitator.save()
    others = [make_member() for _ in range(3)]
    attendance.take(session=draft.session, marks={each.pk: "present" for each in others}, by=facilitator)
    rows = list(Attendance.objects.filter(session=draft.session).exclude(pk=draft.pk))
    for row in rows:
        attendance.write_member_note(attendance=row, by=facilitator, **NOTE)
    form = {"password": PASSWORD, "note": [mark for row in [draft, *rows] for mark in ticked(row, group_note=False)]}
    assert signed_in(facilitator).post(url("sign_notes", draft), form).status_code == 302
    assert GroupSignature.objects.count() == 4
    browser = signed_in(supervisor)
    with django_assert_max_num_queries(12):
        page = as_read(browser.get(url("cosign_notes", draft)))
    assert page.count(NOTE["response"]) == 4
    form = {"password": PASSWORD, "note": [f"{each.pk}:" for each in GroupSignature.objects.all()]}
    assert browser.post(url("cosign_notes", draft), form).status_code == 302
    assert GroupSignature.objects.filter(kind=SignatureKind.COSIGN, signer=supervisor).count() == 4
    browser.get(url("notes", draft))  # the message is read
    for name in ("notes", "verify_notes", "sign_notes"):
        with django_assert_max_num_queries(12):
            assert browser.get(url(name, draft)).status_code == 200


def test_what_changed_is_not_cosigned(draft, facilitator, supervisor):
    facilitator.supervisor = supervisor
    facilitator.save()
    attendance.sign_member_note(attendance=draft, by=facilitator)
    behind_the_triggers("groups_attendance", "UPDATE groups_attendance SET response = 'Said nothing.'")
    with pytest.raises(signatures.NotWhatWasSigned):
        signatures.cosign(signature=GroupSignature.objects.get(), by=supervisor)


def test_an_addendum_takes_the_password_and_has_a_hash(signed, facilitator, signed_in):
    address = reverse("groups:addendum", args=[signed.session.group_id, signed.session_id, signed.pk])
    form = {f"addendum-{signed.pk}-text": "Left once.", f"addendum-{signed.pk}-reason": "Left out"}
    assert signed_in(facilitator).post(address, form).status_code == 422
    assert not AttendanceAddendum.objects.exists()
    form[f"addendum-{signed.pk}-password"] = PASSWORD
    assert signed_in(facilitator).post(address, form).status_code == 302
    addendum = AttendanceAddendum.objects.get()
    assert addendum.signed_with == SignedWith.PASSWORD
    assert addendum.at - timezone.now() < datetime.timedelta(minutes=1)
    assert len(addendum.hash) == 64

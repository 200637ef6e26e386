"""A client's own restriction: who records it, what it takes away, and that it stays on record (45 CFR 164.522(a))."""

import datetime
from itertools import islice

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse
from django.utils import timezone

from cases import merging
from cases.models import CareTeamMember, Client, ClientRestriction, Inquiry
from cases.people import care_team, covering, finding, registration, restrictions
from demo.examples import names_in
from groups import listing
from groups.models import Attendance, Group, Membership
from privacy import breaches, emergency, minors, request_queue
from privacy import today as privacy_today
from privacy.models import Breach, EmergencyAccess
from reminders import opt_outs
from reminders.models import OptOut
from staff.access import Permission, can
from staff.models import Role, StaffMember
from staff.refusals import NotPermitted
from tests.demo.test_restrictions import unlike_nobody
from tests.factories import CareTeamMemberFactory, GroupFactory, MembershipFactory
from tests.house.test_urls import OURS

WHY = "Not my cousin who works here"


@pytest.fixture
def restricted(client_record, counselor, supervisor):
    """Robin Sample, who does not want their own former counselor to see the record."""
    restrictions.restrict(client=client_record, staff_member=counselor, reason=WHY, by=supervisor)
    return client_record


def sees(person, client):
    return Client.objects.visible_to(person).filter(pk=client.pk).exists()


@pytest.mark.parametrize("role", list(Role))
def test_only_the_privacy_officer_and_supervisors_record_it(role, client_record, counselor, make_staff):
    person = make_staff(role)
    if role in (Role.SUPERVISOR, Role.PRIVACY_OFFICER):
        assert restrictions.restrict(client=client_record, staff_member=counselor, reason=WHY, by=person).pk
    else:
        with pytest.raises(NotPermitted):
            restrictions.restrict(client=client_record, staff_member=counselor, reason=WHY, by=person)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.MEDICAL, Role.INTAKE_COORDINATOR, Role.PRIVACY_OFFICER])
def test_whose_role_sees_all_sees_everyone_else(role, client_record, make_client, make_staff, supervisor):
    person, other = make_staff(role), make_client(family_name="Elsewhere")
    make_staff(Role.PRIVACY_OFFICER)  # someone is left for their duties
    assert (sees(person, client_record), sees(person, other)) == (True, True)
    restrictions.restrict(client=client_record, staff_member=person, reason=WHY, by=supervisor)
    assert (sees(person, client_record), sees(person, other)) == (False, True)
    assert not can(person, Permission.CLIENT_VIEW, client_record)
    assert not CareTeamMember.objects.visible_to(person).filter(client=client_record).exists()


def test_who_was_on_the_care_team_leaves_it_and_is_not_put_back(restricted, counselor, supervisor, intake):
    assert not CareTeamMember.objects.current().filter(client=restricted, staff_member=counselor).exists()
    assert not sees(counselor, restricted)
    for by in (supervisor, intake):
        with pytest.raises(care_team.NotForThisClient) as refused:
            care_team.assign(client=restricted, staff_member=counselor, by=by)
        assert "restrict" not in str(refused.value)
    # whatever else puts them there: the row opens nothing
    CareTeamMemberFactory(client=restricted, staff_member=counselor)
    assert not sees(counselor, restricted)


def test_nobody_is_found_by_search(restricted, counselor, supervisor, make_staff):
    colleague = make_staff(Role.SUPERVISOR)
    restrictions.restrict(client=restricted, staff_member=colleague, reason=WHY, by=supervisor)
    for text in ("Sample", "Robin Sample", str(restricted.pk), "1985-05-17"):
        assert finding.search(staff_member=colleague, text=text) == []
        assert [match.client for match in finding.search(staff_member=supervisor, text=text)] == [restricted]
    assert finding.suggest(staff_member=colleague, text="Samp") == []
    likely = finding.likely(staff_member=colleague, given_name="Robin", family_name="Sample")
    assert likely == []


def test_own_appointments_and_calls_with_them_are_gone(client_record, clinic, supervisor, counselor):
    from appointments import booking
    from appointments.models import Appointment

    soon = timezone.now() + datetime.timedelta(days=1)
    booking.book(
        client=client_record, staff_member=counselor, starts_at=soon, outside_hours_reason="Only time", by=counselor
    )
    call = Inquiry.objects.create(clinic=clinic, taken_at=timezone.now(), taken_by=counselor, client=client_record)
    assert Appointment.objects.visible_to(counselor).exists()
    assert Inquiry.objects.visible_to(counselor).filter(pk=call.pk).exists()
    restrictions.restrict(client=client_record, staff_member=counselor, reason=WHY, by=supervisor)
    assert not Appointment.objects.visible_to(counselor).exists()
    assert not Inquiry.objects.visible_to(counselor).exists()
    # a call of somebody who is nobody's client still shows
    Inquiry.objects.create(clinic=clinic, taken_at=timezone.now(), taken_by=counselor)
    assert Inquiry.objects.visible_to(counselor).count() == 1


def test_the_roster_of_their_own_group_is_without_them(client_record, clinic, supervisor, counselor, signed_in):
    group = GroupFactory(clinic=clinic)
    group.facilitators.add(counselor)
    MembershipFactory(group=group, client=client_record)
    page = reverse("groups:group", args=[group.pk])
    assert "Robin S." in signed_in(counselor).get(page).content.decode()
    restrictions.restrict(client=client_record, staff_member=counselor, reason=WHY, by=supervisor)
    assert "Robin S." not in signed_in(counselor).get(page).content.decode()
    assert "Robin S." in signed_in(supervisor).get(page).content.decode()
    assert not Membership.objects.visible_to(counselor).exists()
    counts = {each: listing.listed(Group.objects.all(), staff_member=each).get() for each in (counselor, supervisor)}
    assert [counts[each].member_count for each in (counselor, supervisor)] == [0, 1]
    assert not Attendance.objects.visible_to(counselor).exists()


def test_a_medical_emergency_goes_before_it_and_the_review_says_so(
    restricted, counselor, privacy_officer, supervisor, signed_in
):
    access = emergency.open(client=restricted, reason="Unresponsive at the desk, EMS on the way", by=counselor)
    assert sees(counselor, restricted)
    [found] = EmergencyAccess.objects.visible_to(privacy_officer).with_restricted()
    assert found.is_restricted
    needs = privacy_today.needs(staff_member=privacy_officer, now=timezone.now())
    assert any("whom the client restricted" in need.detail for need in needs)
    page = signed_in(privacy_officer).get(reverse("privacy:emergency_review", args=[access.pk])).content.decode()
    assert "not see this record" in page
    with pytest.raises(DatabaseError), transaction.atomic():
        CareTeamMember.objects.filter(pk=access.care_team_member_id).update(ends_at=None)


def test_it_ends_with_the_hour(restricted, counselor, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    emergency.open(client=restricted, reason="Unresponsive at the desk, EMS on the way", by=counselor)
    time_machine.move_to(now + datetime.timedelta(minutes=61), tick=False)
    assert not sees(counselor, restricted)


def test_an_emergency_access_of_nobody_restricted_says_nothing(client_record, make_staff, privacy_officer):
    emergency.open(client=client_record, reason="Unresponsive at the desk, EMS on the way", by=make_staff())
    assert not EmergencyAccess.objects.visible_to(privacy_officer).with_restricted().get().is_restricted


def test_it_is_lifted_once_by_who_may_and_stays_on_record(restricted, counselor, supervisor, privacy_officer, intake):
    [row] = ClientRestriction.objects.visible_to(privacy_officer)
    with pytest.raises(NotPermitted):
        restrictions.lift(restriction=row, reason="They asked for it in person", by=intake)
    with pytest.raises(restrictions.WhyLifted):
        restrictions.lift(restriction=row, reason=".", by=privacy_officer)
    restrictions.lift(restriction=row, reason="They asked for it in person", by=privacy_officer)
    with pytest.raises(restrictions.AlreadyLifted):
        restrictions.lift(restriction=row, reason="They asked for it in person", by=privacy_officer)
    care_team.assign(client=restricted, staff_member=counselor, by=supervisor)
    assert sees(counselor, restricted)
    row.refresh_from_db()
    assert (row.reason, row.lifted_by) == (WHY, privacy_officer)
    for change in (
        "reason = 'Other'",
        "lifted_at = NULL, lifted_by_id = NULL, lift_reason = ''",
        "staff_member_id = 1",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE cases_clientrestriction SET {change}")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_clientrestriction")


def test_refusals(client_record, counselor, supervisor, make_staff, other_clinic):
    restrict = restrictions.restrict
    with pytest.raises(restrictions.NotYourself):
        restrict(client=client_record, staff_member=supervisor, reason=WHY, by=supervisor)
    with pytest.raises(restrictions.NotOneOfUs):
        restrict(client=client_record, staff_member=make_staff(clinic=other_clinic), reason=WHY, by=supervisor)
    with pytest.raises(restrictions.WhyRestricted):
        restrict(client=client_record, staff_member=counselor, reason="x", by=supervisor)
    restrict(client=client_record, staff_member=counselor, reason=WHY, by=supervisor)
    with pytest.raises(restrictions.AlreadyRestricted):
        restrict(client=client_record, staff_member=counselor, reason=WHY, by=supervisor)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClientRestriction.objects.create(
            clinic=client_record.clinic, client=client_record, staff_member=counselor, reason=WHY,
            starts_at=timezone.now(), recorded_by=counselor,
        )  # fmt: skip


def test_a_merged_record_is_kept_from_them_too_and_comes_back_as_it_was(
    client_record, make_client, counselor, supervisor
):
    twice = make_client(given_name="Robin", family_name="Sample", counselor=counselor)
    restrictions.restrict(client=twice, staff_member=counselor, reason=WHY, by=supervisor)
    assert sees(counselor, client_record)
    merged = merging.merge(keep=client_record, absorb=twice, by=supervisor)
    colleague_sees = [sees(counselor, each) for each in (client_record, twice)]
    assert colleague_sees == [False, False]
    merging.unmerge(merge=merged, by=supervisor)
    assert [sees(counselor, each) for each in (client_record, twice)] == [True, False]


def test_who_may_not_see_it_learns_nothing_from_its_page(
    restricted, counselor, supervisor, intake, make_staff, signed_in
):
    page = reverse("cases:restrictions", args=[restricted.pk])
    assert signed_in(intake).get(page).status_code == 403
    colleague = make_staff(Role.SUPERVISOR)
    restrictions.restrict(client=restricted, staff_member=colleague, reason=WHY, by=supervisor)
    assert signed_in(colleague).get(page).status_code == 404
    assert not ClientRestriction.objects.visible_to(colleague).exists()
    assert WHY in signed_in(supervisor).get(page).content.decode()


def test_it_is_recorded_and_lifted_on_its_pages(client_record, counselor, privacy_officer, signed_in):
    browser = signed_in(privacy_officer)
    page = reverse("cases:restrictions", args=[client_record.pk])
    assert browser.post(page, {"staff_member": counselor.pk, "reason": "x"}).status_code == 422
    assert browser.post(page, {"staff_member": counselor.pk, "reason": WHY}).status_code == 302
    row = ClientRestriction.objects.get()
    lift = reverse("cases:restriction_lift", args=[client_record.pk, row.pk])
    assert WHY in browser.get(lift).content.decode()
    assert browser.post(lift, {"reason": "They asked for it in person"}).status_code == 302
    assert "They asked for it" in browser.get(page).content.decode()


def test_what_is_kept_from_a_reader_is_asked_once_a_statement(restricted, make_client, supervisor):
    for _ in range(30):
        make_client()
    plan = Client.objects.visible_to(supervisor).explain()
    assert plan.count("InitPlan 1\n") == 1


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.MEDICAL, Role.INTAKE_COORDINATOR, Role.PRIVACY_OFFICER])
def test_every_page_of_a_client_answers_as_for_nobodys_number(role, client_record, make_staff, supervisor):
    """Addresses with rows of the client behind are tried on the demo's own rows, in tests/demo: an access table of
    every role, and those who wrote what they may no longer see."""
    person = make_staff(role)
    make_staff(Role.PRIVACY_OFFICER)  # someone is left for their duties
    whose = [each for each in OURS if names_in(each[0]) == ["client_id"]]
    assert len(whose) > 30
    rows = {"client_id": client_record}
    before = (each for each in unlike_nobody(person, client_record, rows, whose) if " get " in each)
    assert len(list(islice(before, 3))) == 3  # who may see them gets another answer
    restrictions.restrict(client=client_record, staff_member=person, reason=WHY, by=supervisor)
    assert list(unlike_nobody(person, client_record, rows, whose)) == []


# Duties that need someone


def test_the_only_privacy_officer_is_not_kept_from_a_record_until_there_is_another(
    client_record, privacy_officer, supervisor, counselor, make_staff, signed_in
):
    """Otherwise no one would review who opened it in an emergency, or could give the client their copy."""
    ask = {"client": client_record, "staff_member": privacy_officer, "reason": WHY, "by": supervisor}
    with pytest.raises(restrictions.NobodyLeft, match="privacy officer’s role first"):
        restrictions.restrict(**ask)
    page = signed_in(supervisor).post(
        reverse("cases:restrictions", args=[client_record.pk]), {"staff_member": privacy_officer.pk, "reason": WHY}
    )
    assert "No one else here could review emergency access" in page.content.decode()
    assert not ClientRestriction.objects.exists()

    second = make_staff(Role.PRIVACY_OFFICER)
    restrictions.restrict(**ask)
    with pytest.raises(restrictions.NobodyLeft):
        restrictions.restrict(**{**ask, "staff_member": second})
    someone_gone = make_staff(Role.PRIVACY_OFFICER, is_active=False)
    assert not someone_gone.is_active
    with pytest.raises(restrictions.NobodyLeft):
        restrictions.restrict(**{**ask, "staff_member": second})


# Pages that lead to the client by another way


@pytest.fixture
def kept_from(client_record, privacy_officer, supervisor, make_staff):
    """An officer whom the client has restricted, and another who sees the record."""
    other = make_staff(Role.PRIVACY_OFFICER)
    restrictions.restrict(client=client_record, staff_member=privacy_officer, reason=WHY, by=supervisor)
    return privacy_officer, other


def test_a_request_in_which_the_client_was_identified_is_not_there(client_record, kept_from, intake, signed_in):
    officer, other = kept_from
    asked = minors.record_asked(kind="record_copy", about="R. S.", relation="self", way="in_person", by=intake)
    officer_waits = [need.url for need in privacy_today.needs(staff_member=officer, now=timezone.now())]
    url = reverse("privacy:request", args=[asked.pk])
    assert url in officer_waits
    request_queue.identify(request=asked, client=client_record, by=other)
    assert signed_in(other).get(url).context["client"] == client_record
    browser = signed_in(officer)
    assert browser.get(url).status_code == 404
    assert f"/requests/{asked.pk}/" not in browser.get(reverse("privacy:requests")).content.decode()
    assert url not in [need.url for need in privacy_today.needs(staff_member=officer, now=timezone.now())]
    assert browser.post(reverse("privacy:request_note", args=[asked.pk]), {"reason": "Letter sent"}).status_code == 404


def test_an_emergency_look_up_that_found_the_client_is_not_there(client_record, kept_from, make_staff, signed_in):
    officer, other = kept_from
    stranger = make_staff(Role.COUNSELOR)
    look = {
        "given_name": client_record.given_name, "family_name": client_record.family_name,
        "birth_date": client_record.birth_date, "reason": "Unresponsive at the desk, EMS on the way", "by": stranger,
    }  # fmt: skip
    emergency.look_up(**look)
    with pytest.raises(emergency.AlreadyOnTheCareTeam):
        emergency.look_up(**look)
    url = reverse("privacy:look_ups")
    assert signed_in(other).get(url).content.decode().count("Robin Sample") == 2
    assert "Robin Sample" not in signed_in(officer).get(url).content.decode()


def test_a_breach_counts_and_tells_only_whom_the_officer_sees(client_record, kept_from, make_client, signed_in):
    officer, other = kept_from
    seen = make_client(family_name="Elsewhere")
    today = timezone.localdate(timezone=officer.clinic.zone)
    breach = breaches.report(
        discovered_on=today, what_happened="A printed list was left on a bus", information="Names", by=other
    )
    breaches.add_clients(breach=breach, numbers=[client_record.pk, seen.pk], by=other)
    assert [Breach.objects.with_standing(each).get().people for each in (officer, other)] == [1, 2]
    page = signed_in(officer).get(reverse("privacy:breach", args=[breach.pk])).content.decode()
    assert client_record.full_name not in page
    assert seen.full_name in page
    told = breaches.notify_people(breach=breach, sent_on=today, way="mail", by=officer)
    assert [each.listed.client_id for each in told] == [seen.pk]
    assert [Breach.objects.with_standing(each).get().untold for each in (officer, other)] == [0, 1]


def test_what_they_said_to_stop_messages_is_not_shown_to_whom_they_restricted(client_record, make_staff, supervisor):
    """An opt-out is of a number, and stands in the administration with the words that they wrote."""
    point = registration.add_contact(client=client_record, kind="phone", value="(518) 555-0171", by=supervisor)
    opt_outs.record(client=client_record, contact_value=point.normalized, words="STOP, my cousin reads", by=supervisor)
    person = make_staff(Role.SUPERVISOR)
    assert [OptOut.objects.visible_to(each).count() for each in (person, supervisor)] == [1, 1]
    restrictions.restrict(client=client_record, staff_member=person, reason=WHY, by=supervisor)
    assert [OptOut.objects.visible_to(each).count() for each in (person, supervisor)] == [0, 1]
    assert not OptOut.objects.visible_to(make_staff(Role.ADMINISTRATOR)).exists()  # who reads no chart


def test_the_audit_log_of_a_restriction_is_not_shown_to_whom_it_is_about(client_record, kept_from, signed_in):
    officer, other = kept_from
    url = reverse("admin:staff_auditentry_changelist")
    shown = []
    for person in (officer, other):
        StaffMember.objects.filter(pk=person.pk).update(is_staff=True)
        rows = signed_in(person).get(url, {"q": "cases.restrict"}).context["cl"].result_list
        shown.append([row.client_id for row in rows])
    assert shown == [[], [client_record.pk]]


# What stands in for a place on the care team goes with it


@pytest.mark.parametrize("how", ["taken off", "restricted", "merged"])
def test_a_cover_ends_with_its_cause(client_record, counselor, supervisor, make_staff, make_client, how):
    colleague = make_staff(Role.COUNSELOR)
    now = timezone.now()
    covering.cover(
        away=counselor, covering=colleague, starts_at=now, ends_at=now + datetime.timedelta(days=300), by=supervisor
    )
    assert sees(colleague, client_record)
    if how == "taken off":
        care_team.end(member=CareTeamMember.objects.get(client=client_record, staff_member=counselor), by=supervisor)
    elif how == "restricted":
        restrictions.restrict(client=client_record, staff_member=counselor, reason=WHY, by=supervisor)
    else:
        same = make_client(family_name=client_record.family_name)
        restrictions.restrict(client=same, staff_member=counselor, reason=WHY, by=supervisor)
        assert sees(colleague, client_record)
        merging.merge(keep=client_record, absorb=same, by=supervisor)
    assert not sees(colleague, client_record)


def test_a_cover_stays_while_its_cause_does(client_record, counselor, supervisor, make_staff):
    colleague, now = make_staff(Role.COUNSELOR), timezone.now()
    covering.cover(
        away=counselor, covering=colleague, starts_at=now, ends_at=now + datetime.timedelta(days=3), by=supervisor
    )
    other = CareTeamMemberFactory(client=client_record, staff_member=make_staff(Role.COUNSELOR), part="counselor")
    care_team.end(member=other, by=supervisor)
    assert sees(colleague, client_record)


def test_what_was_restricted_while_records_were_one_holds_for_both(client_record, make_client, supervisor, make_staff):
    absorb, person = make_client(family_name=client_record.family_name), make_staff(Role.MEDICAL)
    merge = merging.merge(keep=client_record, absorb=absorb, by=supervisor)
    restrictions.restrict(client=client_record, staff_member=person, reason=WHY, by=supervisor)
    merging.unmerge(merge=merge, by=supervisor)
    assert not sees(person, client_record)
    assert not sees(person, absorb)
    [own] = ClientRestriction.objects.filter(client=absorb)
    restrictions.lift(restriction=own, reason="The client asked for it at the desk", by=supervisor)
    assert (sees(person, absorb), sees(person, client_record)) == (True, False)

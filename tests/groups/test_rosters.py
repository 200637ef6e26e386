"""Joining, leaving, coming back, and keeping people separate."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from groups import rosters
from groups.models import Group, GroupType, KeepApart, LeaveReason, Membership, Openness
from staff.models import AuditEntry
from staff.refusals import NotPermitted

from .conftest import DAY


def test_who_comes_back_gets_a_new_spell_and_the_old_one_stays(make_member, counselor, group, today):
    first = make_member()
    rosters.leave(membership=first, left_on=today - 30 * DAY, reason=LeaveReason.OWN_WISH, by=counselor)
    second = rosters.join(group=group, client=first.client, joined_on=today, by=counselor)
    assert second.pk != first.pk
    assert list(Membership.objects.filter(client=first.client).values_list("left_on", flat=True)) == [
        today - 30 * DAY,
        None,
    ]
    assert list(Membership.objects.current(today)) == [second]


def test_nobody_is_in_a_group_twice_at_once(make_member, counselor, group, today):
    member = make_member()
    with pytest.raises(rosters.AlreadyMember):
        rosters.join(group=group, client=member.client, joined_on=today, by=counselor)


def test_the_database_refuses_overlapping_spells(make_member, counselor, group, today):
    member = make_member()
    rosters.leave(membership=member, left_on=today, reason=LeaveReason.COMPLETED, by=counselor)
    with pytest.raises(IntegrityError, match="spells_never_overlap"), transaction.atomic():
        Membership.objects.create(group=group, client=member.client, joined_on=today - 10 * DAY, joined_by=counselor)
    # the day of leaving is the first one outside: coming back the same day is no overlap
    Membership.objects.create(group=group, client=member.client, joined_on=today, joined_by=counselor)


def test_the_database_keeps_a_roster_inside_its_clinic(group, other_clinic, counselor, make_client, today):
    stranger = make_client(clinic=other_clinic)
    with pytest.raises(IntegrityError, match="two clinics"), transaction.atomic():
        Membership.objects.create(group=group, client=stranger, joined_on=today, joined_by=counselor)


def test_a_full_group_needs_a_supervisor_and_a_reason(make_member, make_client, counselor, supervisor, group, today):
    Group.objects.filter(pk=group.pk).update(capacity=2)
    group.refresh_from_db()
    make_member()
    third = make_member().client
    rosters.leave(
        membership=Membership.objects.get(client=third), left_on=today - DAY, reason=LeaveReason.MOVED, by=counselor
    )
    make_member(joined_on=today)
    with pytest.raises(rosters.GroupFull, match="all 2 spots are taken"):
        rosters.join(group=group, client=third, joined_on=today, by=counselor)
    with pytest.raises(NotPermitted):
        rosters.join(group=group, client=third, joined_on=today, by=counselor, override_reason="Knows the group")
    with pytest.raises(rosters.GroupFull):
        rosters.join(group=group, client=third, joined_on=today, by=supervisor, override_reason="  ")
    joined = rosters.join(group=group, client=third, joined_on=today, by=supervisor, override_reason="Knows the group")
    assert joined.override_reason == "Knows the group"
    assert AuditEntry.objects.filter(act="groups.join", details__overridden=True).count() == 1


def test_a_closed_group_that_has_begun_takes_nobody(make_session, make_client, counselor, supervisor, group, today):
    make_session(7)
    Group.objects.filter(pk=group.pk).update(openness=Openness.CLOSED)
    group.refresh_from_db()
    client = make_client()
    with pytest.raises(rosters.GroupFull, match="closed group"):
        rosters.join(group=group, client=client, joined_on=today, by=supervisor)
    assert rosters.join(
        group=group, client=client, joined_on=today, by=supervisor, override_reason="Agreed with the group"
    )


@pytest.mark.parametrize("one_way", [True, False])
def test_two_who_are_kept_apart_never_share_a_group_and_nothing_is_said(
    make_member, make_client, supervisor, group, today, one_way
):
    inside = make_member(given_name="Inside", family_name="Member").client
    outside = make_client(given_name="Outside", family_name="Person")
    pair = (inside, outside) if one_way else (outside, inside)
    rosters.keep_apart(client=pair[0], other=pair[1], kind=KeepApart.Kind.NO_CONTACT, by=supervisor)
    with pytest.raises(rosters.CannotJoin) as refusal:
        # a supervisor's reason opens a full group, never this one
        rosters.join(group=group, client=outside, joined_on=today, by=supervisor, override_reason="Please")
    for word in ("Inside", "Member", "contact", "apart", "other person", "somebody else"):
        assert word not in refusal.value.sentence


def test_once_the_other_has_left_the_group_is_open(make_member, make_client, supervisor, group, today):
    inside = make_member()
    outside = make_client()
    rosters.keep_apart(client=outside, other=inside.client, kind=KeepApart.Kind.LEGAL, by=supervisor)
    rosters.leave(membership=inside, left_on=today, reason=LeaveReason.MOVED, by=supervisor)
    assert rosters.join(group=group, client=outside, joined_on=today, by=supervisor)


def test_family_ties_belong_in_a_family_group(make_member, make_client, supervisor, group, today):
    Group.objects.filter(pk=group.pk).update(type=GroupType.FAMILY)
    group.refresh_from_db()
    inside, outside = make_member().client, make_client()
    rosters.keep_apart(client=inside, other=outside, kind=KeepApart.Kind.FAMILY, by=supervisor)
    assert rosters.join(group=group, client=outside, joined_on=today, by=supervisor)


def test_a_pair_is_recorded_once_whatever_the_order(make_client, supervisor):
    one, two = make_client(), make_client()
    pair = rosters.keep_apart(client=one, other=two, kind=KeepApart.Kind.FAMILY, by=supervisor)
    with pytest.raises(rosters.AlreadyKeptApart):
        rosters.keep_apart(client=two, other=one, kind=KeepApart.Kind.LEGAL, by=supervisor)
    with pytest.raises(IntegrityError, match="kept_apart_are_two_people"), transaction.atomic():
        KeepApart.objects.create(
            first=one, second=one, kind="legal", recorded_at=timezone.now(), recorded_by=supervisor
        )
    rosters.lift_keep_apart(pair=pair, by=supervisor)
    assert rosters.keep_apart(client=two, other=one, kind=KeepApart.Kind.LEGAL, by=supervisor)


def test_leaving_before_a_session_that_was_attended_is_refused(make_member, attend, counselor, today):
    member = make_member()
    attend([member], 1)
    with pytest.raises(rosters.RosterDateNotPossible, match="attended a session after"):
        rosters.leave(membership=member, left_on=today - 30 * DAY, reason="moved", by=counselor)
    with pytest.raises(rosters.RosterDateNotPossible):
        rosters.leave(membership=member, left_on=today - 400 * DAY, reason="moved", by=counselor)
    rosters.leave(membership=member, left_on=today, reason="Works nights now", by=counselor)
    member.refresh_from_db()
    assert (member.leave_reason, member.leave_note) == (LeaveReason.OTHER, "Works nights now")
    with pytest.raises(rosters.AlreadyLeft):
        rosters.leave(membership=member, left_on=today, reason="moved", by=counselor)


def test_a_counselor_adds_only_people_whom_they_see(make_client, counselor, group, today):
    unknown = make_client()
    with pytest.raises(NotPermitted):
        rosters.join(group=group, client=unknown, joined_on=today, by=counselor)


@pytest.mark.parametrize("role", ["intake", "administrator", "privacy_officer", "medical"])
def test_other_roles_change_no_roster(request, role, client_record, group, today):
    with pytest.raises(NotPermitted):
        rosters.join(group=group, client=client_record, joined_on=today, by=request.getfixturevalue(role))


def test_intake_administration_and_privacy_see_no_roster(make_member, intake, administrator, privacy_officer, medical):
    make_member()
    for nobody in (intake, administrator, privacy_officer):
        assert not Group.objects.visible_to(nobody).exists()
        assert not Membership.objects.visible_to(nobody).exists()
    assert Membership.objects.visible_to(medical).count() == 1


def test_another_clinic_sees_nothing(make_member, make_staff, other_clinic):
    make_member()
    stranger = make_staff("supervisor", clinic=other_clinic)
    assert not Group.objects.visible_to(stranger).exists()
    assert not Membership.objects.visible_to(stranger).exists()


def test_a_pair_shows_only_to_who_sees_both(make_client, make_member, counselor, supervisor):
    own, unseen = make_member().client, make_client()
    rosters.keep_apart(client=own, other=unseen, kind=KeepApart.Kind.ROMANTIC, by=supervisor)
    assert not KeepApart.objects.visible_to(counselor).exists()
    assert KeepApart.objects.visible_to(supervisor).count() == 1


def test_history_records_raw_sql_too(make_member, today):
    member = make_member()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE groups_membership SET override_reason = 'by hand' WHERE id = %s", [member.pk])
    assert member.events.filter(override_reason="by hand").exists()
    assert isinstance(today, datetime.date)

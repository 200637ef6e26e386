"""Whom a person sees: a caseload is read from care teams alone, and those are of one clinic, whatever writes them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from cases.models import CareTeamMember, Client, TreatmentEpisode
from cases.models.visibility import of_clients_visible_to
from reminders.models import Reminder
from staff.models import Clinic, StaffMember
from tests import factories
from tests.plans import leave_only, plan_of

pytestmark = pytest.mark.django_db


def test_nobody_of_another_clinic_is_on_a_care_team(client_record: Client, other_clinic: Clinic) -> None:
    stranger = factories.StaffMemberFactory(clinic=other_clinic, role="counselor")
    with pytest.raises(IntegrityError, match="two clinics"), transaction.atomic():
        factories.CareTeamMemberFactory(client=client_record, staff_member=stranger)
    row = CareTeamMember.objects.filter(client=client_record)
    with pytest.raises(IntegrityError, match="two clinics"), transaction.atomic():
        row.update(staff_member=stranger)
    assert not Client.objects.visible_to(stranger).exists()


def test_who_is_on_a_care_team_stays_at_the_clinic(client_record: Client, other_clinic: Clinic) -> None:
    member = CareTeamMember.objects.filter(client=client_record).select_related("staff_member").get()
    with pytest.raises(IntegrityError, match="stays at its clinic"), transaction.atomic():
        Client.objects.filter(pk=client_record.pk).update(clinic=other_clinic)
    with pytest.raises(IntegrityError, match="stays at its clinic"), transaction.atomic():
        StaffMember.objects.filter(pk=member.staff_member_id).update(clinic=other_clinic)


def test_a_caseload_is_read_from_the_index_of_care_teams(counselor: StaffMember, client_record: Client) -> None:
    leave_only("care_team_by_staff", CareTeamMember)
    visible = TreatmentEpisode.objects.visible_to(counselor).order_by()
    assert "care_team_by_staff" in plan_of(CareTeamMember.objects.caseload(counselor).order_by())
    assert '"cases_client"' not in str(visible.query), "no list of clients is needed to know a caseload"


def test_for_who_sees_all_the_rows_own_client_says_the_clinic(supervisor: StaffMember) -> None:
    said = str(TreatmentEpisode.objects.visible_to(supervisor).query)
    assert " IN (SELECT" not in said
    assert "JOIN" in said


def test_reminders_are_looked_up_by_client_or_by_colleague(
    counselor: StaffMember, client_record: Client, make_client: Callable[..., Client]
) -> None:
    kept = [
        Reminder.objects.create(
            clinic=counselor.clinic,
            kind="client_checkup",
            client=client,
            asked_for=timezone.now(),
            due_at=timezone.now(),
            dedupe_key=f"sample-{client.pk}",
        )
        for client in (client_record, make_client())
    ]
    assert list(Reminder.objects.visible_to(counselor)) == kept[:1]
    theirs = of_clients_visible_to(counselor, "client", among_others=True) | Q(staff_member=counselor)
    leave_only("reminder_by_client", Reminder, besides="staff_member_id")
    plan = plan_of(Reminder.objects.filter(theirs).order_by())
    assert "reminder_by_client" in plan
    assert "BitmapOr" in plan

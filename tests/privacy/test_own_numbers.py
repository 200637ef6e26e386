"""The numbers of the privacy officer's watch: set by the privacy officer, read by administrators, never turned off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from privacy.thresholds import (
    AUDIT_BY_EMAIL,
    EMERGENCY_LOOK_UPS,
    EMERGENCY_MINUTES,
    NIGHT_BEGINS,
    NIGHT_ENDS,
    UNUSUAL_CHARTS,
    UNUSUAL_PAGES,
)
from staff import own_numbers
from staff.access import ROLES, Permission
from staff.models import AuditEntry, Clinic, ClinicThreshold, Role, StaffMember
from staff.thresholds import registry

from .test_pages import text

PAGE = "privacy:numbers"
WEAKENED = [
    (EMERGENCY_MINUTES.key, 50), (EMERGENCY_LOOK_UPS.key, 20), (UNUSUAL_CHARTS.key, 500), (UNUSUAL_PAGES.key, 100),
    (AUDIT_BY_EMAIL.key, 0), (NIGHT_BEGINS.key, 4),
]  # fmt: skip


def own(clinic: Clinic, key: str = UNUSUAL_CHARTS.key, value: int = 30) -> ClinicThreshold:
    return ClinicThreshold.objects.create(clinic=clinic, key=key, value=value, reason="Small clinic")


def test_every_number_of_privacy_is_the_officers_and_no_other_is() -> None:
    officers = {key for key, each in registry.items() if each.permission not in ROLES[Role.ADMINISTRATOR]}
    assert officers == {key for key in registry if key.startswith("privacy.")} != set()
    assert all(registry[key].permission in ROLES[Role.PRIVACY_OFFICER] for key in officers)
    assert all(each.permission is Permission.CLINIC_MANAGE for key, each in registry.items() if key not in officers)


@pytest.mark.parametrize(("key", "value"), WEAKENED)
def test_no_administrator_weakens_the_watch(
    administrator: StaffMember, privacy_officer: StaffMember, key: str, value: int
) -> None:
    said = {"clinic": administrator.clinic, "key": key, "value": value, "reason": "Fewer questions"}
    with pytest.raises(own_numbers.AnotherRoleSets, match="Only the privacy officer sets this number"):
        own_numbers.set_own(**said, by=administrator)
    assert not ClinicThreshold.objects.exists()
    assert own_numbers.set_own(**said, by=privacy_officer)
    assert AuditEntry.objects.get(act="staff.set_number").staff_member == privacy_officer


def test_the_officer_sets_nothing_else(privacy_officer: StaffMember) -> None:
    said = {"clinic": privacy_officer.clinic, "key": "staff.office_opens", "value": 7, "reason": "Early"}
    with pytest.raises(own_numbers.AnotherRoleSets, match="Only the clinic administrator"):
        own_numbers.set_own(**said, by=privacy_officer)


def test_emergency_access_is_never_longer_than_an_hour(privacy_officer: StaffMember) -> None:
    said = {"clinic": privacy_officer.clinic, "key": EMERGENCY_MINUTES.key, "value": 61, "reason": "Long nights"}
    with pytest.raises(own_numbers.OutOfRange, match="from 10 to 60 minutes"):
        own_numbers.set_own(**said, by=privacy_officer)


def test_the_night_has_a_length(privacy_officer: StaffMember) -> None:
    """Both hours alike turned it off."""
    said: dict[str, Any] = {"clinic": privacy_officer.clinic, "reason": "Night shift", "by": privacy_officer}
    for one, other in ((NIGHT_BEGINS, NIGHT_ENDS), (NIGHT_ENDS, NIGHT_BEGINS)):
        with pytest.raises(own_numbers.OutOfRange, match="can’t both be"):
            own_numbers.set_own(key=one.key, value=other.default, **said)
    own_numbers.set_own(key=NIGHT_ENDS.key, value=3, **said)
    own_numbers.set_own(key=NIGHT_BEGINS.key, value=5, **said)
    with pytest.raises(own_numbers.OutOfRange, match="can’t both be"):
        own_numbers.set_own(key=NIGHT_ENDS.key, value=NIGHT_ENDS.default, **said)


class TestAdministration:
    @pytest.fixture
    def desk(self, administrator: StaffMember, signed_in: Callable[[StaffMember], Browser]) -> Browser:
        return signed_in(administrator)

    def test_it_shows_them_and_offers_no_change(self, desk: Browser, clinic: Clinic) -> None:
        row = own(clinic)
        lines = desk.get(reverse("admin:staff_clinicthreshold_changelist")).content.decode()
        assert UNUSUAL_CHARTS.label in lines
        assert UNUSUAL_PAGES.label in lines
        assert f"key={UNUSUAL_PAGES.key}" not in lines
        assert "key=staff.office_opens" in lines
        assert "Set by the privacy officer" in lines
        assert UNUSUAL_PAGES.key not in desk.get(reverse("admin:staff_clinicthreshold_add")).content.decode()
        form = desk.get(reverse("admin:staff_clinicthreshold_change", args=[row.pk]))
        assert form.status_code == 200
        assert 'name="value"' not in form.content.decode()

    def test_no_typed_form_gets_around_it(self, desk: Browser, clinic: Clinic) -> None:
        row, other = own(clinic), own(clinic, "staff.office_opens", 7)
        said = {"key": UNUSUAL_PAGES.key, "value": 100, "reason": "Fewer questions"}
        add = desk.post(reverse("admin:staff_clinicthreshold_add"), said)
        assert "Select a valid choice" in add.content.decode()
        changed = desk.post(reverse("admin:staff_clinicthreshold_change", args=[other.pk]), said)
        assert "Select a valid choice" in changed.content.decode()
        for form in ("change", "delete"):
            url = reverse(f"admin:staff_clinicthreshold_{form}", args=[row.pk])
            assert desk.post(url, {**said, "key": row.key, "post": "yes"}).status_code == 403
        ticked = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        desk.post(reverse("admin:staff_clinicthreshold_changelist"), ticked)
        left = ClinicThreshold.objects.order_by("key").values_list("key", "value")
        assert list(left) == [(UNUSUAL_CHARTS.key, 30), ("staff.office_opens", 7)]


class TestOfficersPage:
    @pytest.fixture
    def desk(self, privacy_officer: StaffMember, signed_in: Callable[[StaffMember], Browser]) -> Browser:
        return signed_in(privacy_officer)

    def test_it_has_each_number_with_its_default_and_range(self, desk: Browser, clinic: Clinic) -> None:
        own(clinic)
        shown = text(desk.get(reverse(PAGE)))
        for key, each in registry.items():
            assert (each.label.replace("’", "&#x27;") in shown or each.label in shown) == key.startswith("privacy.")
        assert "30 charts" in shown
        assert "40 charts" in shown
        assert "Small clinic" in shown
        assert reverse(PAGE) in desk.get(reverse("privacy:unusual")).content.decode()

    def test_one_is_changed_with_its_reason(self, desk: Browser, clinic: Clinic) -> None:
        form = desk.get(reverse(PAGE), {"number": UNUSUAL_CHARTS.key}).content.decode()
        assert 'name="value" value="40"' in form
        without = desk.post(reverse(PAGE), {"key": UNUSUAL_CHARTS.key, "value": 30, "reason": ""})
        assert without.status_code == 422
        assert "Enter why your clinic’s number differs" in text(without)
        said = {"key": UNUSUAL_CHARTS.key, "value": 30, "reason": "Few clients"}
        assert desk.post(reverse(PAGE), said)["Location"] == reverse(PAGE)
        assert UNUSUAL_CHARTS.for_clinic(clinic) == 30
        assert desk.post(reverse(PAGE), {**said, "value": 40, "reason": ""})["Location"] == reverse(PAGE)
        assert not ClinicThreshold.objects.exists()

    @pytest.mark.parametrize("said", [
        {"key": "staff.office_opens", "value": 7}, {"key": "made.up", "value": 7}, {"value": 7},
        {"key": UNUSUAL_CHARTS.key, "value": 501}, {"key": UNUSUAL_CHARTS.key, "value": "x"},
        {"key": NIGHT_BEGINS.key, "value": 5},
    ])  # fmt: skip
    def test_what_it_does_not_take(self, desk: Browser, said: dict[str, Any]) -> None:
        answer = desk.post(reverse(PAGE), {**said, "reason": "For a test"})
        assert answer.status_code == 422
        assert not ClinicThreshold.objects.exists()
        assert desk.get(reverse(PAGE), {"number": said.get("key", "")}).status_code == 200

    @pytest.mark.parametrize("role", [role for role in Role if role != Role.PRIVACY_OFFICER])
    def test_no_one_else_opens_it(
        self, role: str, make_staff: Callable[..., StaffMember], signed_in: Callable[[StaffMember], Browser]
    ) -> None:
        said = {"key": UNUSUAL_CHARTS.key, "value": 500, "reason": "For a test"}
        browser = signed_in(make_staff(role, is_staff=True))
        assert browser.get(reverse(PAGE)).status_code == 403
        assert browser.post(reverse(PAGE), said).status_code == 403

"""Administration pages: own clinic only, what the role allows only, every change audited."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from staff.administration import ClinicAdmin
from staff.models import AccountChange, AuditEntry, Clinic, ClinicThreshold, Program, Role, StaffMember
from staff.thresholds import registry
from tests import factories

MODELS = ("clinic", "program", "staffmember", "clinicthreshold", "auditentry")


@pytest.fixture
def desk(administrator: StaffMember, signed_in: Callable[[StaffMember], Browser]) -> Browser:
    return signed_in(administrator)


def lines(name: str) -> str:
    return reverse(f"admin:staff_{name}_changelist")


def test_every_page_of_the_administration_obeys_the_table_of_roles() -> None:
    assert all(isinstance(page, ClinicAdmin) for page in admin.site._registry.values())


@pytest.mark.parametrize("name", MODELS)
def test_lists_open_and_search(desk: Browser, name: str, program: Program) -> None:
    assert desk.get(lines(name)).status_code == 200
    assert desk.get(lines(name), {"q": "sample"}).status_code == 200


def test_the_list_of_colleagues_asks_as_much_for_three_as_for_one(
    desk: Browser,
    make_staff: Callable[..., StaffMember],
    supervisor: StaffMember,
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as few:
        desk.get(lines("staffmember"))
    for _ in range(3):
        make_staff(Role.COUNSELOR, supervisor=supervisor)
    with CaptureQueriesContext(connection) as many:
        desk.get(lines("staffmember"))
    assert len(many) == len(few)


def test_another_clinic_is_not_there(
    desk: Browser, other_clinic: Clinic, make_staff: Callable[..., StaffMember]
) -> None:
    factories.ProgramFactory(clinic=other_clinic, name="Elsewhere")
    stranger = make_staff(Role.COUNSELOR, clinic=other_clinic, family_name="Stranger")
    assert b"Elsewhere" not in desk.get(lines("program")).content
    assert b"Stranger" not in desk.get(lines("staffmember")).content
    assert b"Another Clinic" not in desk.get(lines("clinic")).content
    assert desk.get(reverse("admin:staff_staffmember_change", args=[stranger.pk])).status_code == 302
    found = desk.get(
        reverse("admin:autocomplete"),
        {"app_label": "staff", "model_name": "staffmember", "field_name": "supervisor", "term": "Stranger"},
    )
    assert found.json()["results"] == []


@pytest.mark.parametrize("role", Role)
def test_no_list_and_no_filter_names_anything_of_another_clinic(
    role: str,
    program: Program,
    other_clinic: Clinic,
    make_staff: Callable[..., StaffMember],
    signed_in: Callable[[StaffMember], Browser],
) -> None:
    """Two filters listed the programs and the staff of every clinic."""
    factories.ProgramFactory(clinic=other_clinic, name="Elsewhere Program")
    stranger = make_staff(Role.COUNSELOR, clinic=other_clinic, family_name="Strangersby")
    client = factories.ClientFactory(
        clinic=other_clinic, counselor=stranger, given_name="Foreign", family_name="Clientsworth", in_care=True
    )
    factories.GroupFactory(program=client.episodes.get().program, name="Elsewhere Group")
    browser = signed_in(make_staff(role, is_staff=True))
    opened = 0
    reverse("admin:index")  # which reads the addresses, and with them what is registered
    for model in admin.site._registry:
        answer = browser.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        if answer.status_code == 200:
            opened += 1
            page = answer.content.decode()
            for name in ("Elsewhere Program", "Strangersby", "Clientsworth", "Elsewhere Group"):
                assert name not in page, f"{model._meta.label} names {name}"
    assert opened >= (1 if role in (Role.ADMINISTRATOR, Role.PRIVACY_OFFICER, Role.SUPERVISOR) else 0)


def change(desk: Browser, person: StaffMember, **fields: object) -> object:
    data = {
        "given_name": person.given_name, "family_name": person.family_name, "credential": person.credential,
        "role": person.role, "email": person.email, "is_active": "on", **fields,
    }  # fmt: skip
    return desk.post(reverse("admin:staff_staffmember_change", args=[person.pk]), data)


def test_a_typed_number_of_another_clinics_supervisor_is_refused(
    desk: Browser, counselor: StaffMember, other_clinic: Clinic, make_staff: Callable[..., StaffMember]
) -> None:
    stranger = make_staff(Role.SUPERVISOR, clinic=other_clinic)
    typed = {"supervisor": stranger.pk, "credential": "LCDC", "reason": "Supervision starts in March"}
    answer = desk.post(reverse("staff:ask_supervision", args=[counselor.pk]), typed)
    assert b"not one of the available choices" in answer.content
    change(desk, counselor, supervisor=stranger.pk)  # and here no one types it
    counselor.refresh_from_db()
    assert counselor.supervisor is None
    assert not AccountChange.objects.exists()


def test_a_change_is_in_the_log_with_who_and_which_fields(
    desk: Browser, administrator: StaffMember, counselor: StaffMember
) -> None:
    assert change(desk, counselor, family_name="Newname").status_code == 302
    entry = AuditEntry.objects.get(act="staff.change_staffmember")
    assert (entry.staff_member, entry.subject_id, entry.details) == (
        administrator,
        counselor.pk,
        {"changed": ["family_name"]},
    )


def test_no_superuser_can_be_created(desk: Browser, counselor: StaffMember) -> None:
    change(desk, counselor, is_superuser="on")
    counselor.refresh_from_db()
    assert not counselor.is_superuser


def test_a_new_colleague_is_invited_and_not_added_with_a_password(desk: Browser) -> None:
    said = {
        "given_name": "New", "family_name": "Colleague", "role": Role.SUPERVISOR, "email": "new@onward.example",
        "usable_password": "true", "password1": "four small plain words", "password2": "four small plain words",
    }  # fmt: skip
    for answer in (
        desk.get(reverse("admin:staff_staffmember_add")),
        desk.post(reverse("admin:staff_staffmember_add"), said),
    ):
        assert answer["Location"] == reverse("staff:invite")
    assert not StaffMember.objects.filter(email="new@onward.example").exists()


def test_nobody_sets_a_colleagues_password_they_get_a_link(desk: Browser, counselor: StaffMember) -> None:
    """Whoever knew the password could sign notes in the colleague's name."""
    before = counselor.password
    answer = desk.post(
        reverse("admin:auth_user_password_change", args=[counselor.pk]),
        {"usable_password": "true", "password1": "four small plain words", "password2": "four small plain words"},
    )
    assert answer.status_code == 403
    counselor.refresh_from_db()
    assert counselor.password == before

    desk.post(
        reverse("admin:staff_staffmember_changelist"),
        {"action": "send_password_link", "_selected_action": [counselor.pk]},
    )
    assert [message.to for message in mail.outbox] == [[counselor.email]]
    assert AuditEntry.objects.get(act="staff.send_password_link").subject_id == counselor.pk


def test_nobody_gives_themselves_another_role(desk: Browser, administrator: StaffMember) -> None:
    """The administrator keeps the clinic running without reading a chart; only somebody else can change that."""
    change(desk, administrator, role=Role.SUPERVISOR)
    administrator.refresh_from_db()
    assert administrator.role == Role.ADMINISTRATOR


def test_a_threshold_is_chosen_from_those_that_rules_read(desk: Browser, clinic: Clinic) -> None:
    key, threshold = next(iter(sorted(registry.items())))
    page = desk.get(reverse("admin:staff_clinicthreshold_add")).content.decode()
    assert f"default {threshold.default_amount}" in page
    url = reverse("admin:staff_clinicthreshold_add")
    assert desk.post(url, {"key": "made.up", "value": 3, "reason": "x"}).status_code == 200
    too_high = desk.post(url, {"key": key, "value": threshold.highest + 1, "reason": "x"})
    assert f"Enter a number from {threshold.lowest} to {threshold.highest}".encode() in too_high.content
    assert desk.post(url, {"key": key, "value": threshold.default, "reason": "Director, May 3"}).status_code == 302
    again = desk.post(url, {"key": key, "value": threshold.default, "reason": "twice"})
    assert again.status_code == 200, "a second value for the same number is a sentence, not an error page"
    assert ClinicThreshold.objects.filter(clinic=clinic).count() == 1


def test_two_programs_of_one_name_are_a_sentence(desk: Browser, program: Program) -> None:
    answer = desk.post(
        reverse("admin:staff_program_add"),
        {"name": program.name, "capacity": 3, "level_code": "1", "setting": 1, "medical_intensity": 0},
    )
    assert answer.status_code == 200
    assert Program.objects.count() == 1


def test_nobody_and_nothing_here_is_deleted_but_a_threshold(
    desk: Browser, counselor: StaffMember, program: Program
) -> None:
    for name, row in (("staffmember", counselor), ("program", program), ("clinic", counselor.clinic)):
        assert desk.post(reverse(f"admin:staff_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_the_log_shows_acts_on_clients_to_the_privacy_officer_only(
    clinic: Clinic,
    administrator: StaffMember,
    privacy_officer: StaffMember,
    signed_in: Callable[[StaffMember], Browser],
    client_record: object,
) -> None:
    from staff.acts import act

    for name, client in (("staff.something", None), ("cases.something", client_record)):
        with act(name, by=administrator, client=client):
            pass
    privacy_officer.is_staff = True
    privacy_officer.save()
    assert b"cases.something" not in signed_in(administrator).get(lines("auditentry")).content
    shown = signed_in(privacy_officer).get(lines("auditentry")).content
    assert b"cases.something" in shown
    entry = AuditEntry.objects.get(act="staff.something")
    url = reverse("admin:staff_auditentry_change", args=[entry.pk])
    assert signed_in(administrator).post(url, {"act": "other"}).status_code == 403


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_other_roles_can_change_nothing_here(
    role: str, make_staff: Callable[..., StaffMember], signed_in: Callable[[StaffMember], Browser]
) -> None:
    browser = signed_in(make_staff(role, is_staff=True, is_superuser=True))
    for name in ("clinic", "program", "staffmember", "clinicthreshold"):
        assert browser.get(lines(name)).status_code == 403


def test_thresholds_are_told_apart_by_their_words() -> None:
    labels = [threshold.label for threshold in registry.values()]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize(
    ("unit", "one", "two"),
    [("hours", "1 hour", "2 hours"), ("people", "1 person", "2 people"), ("days", "1 day", "2 days")],
)
def test_amounts_are_in_the_singular_for_one(unit: str, one: str, two: str) -> None:
    threshold = next(each for each in registry.values() if each.unit == unit)
    assert (threshold.amount(1), threshold.amount(2)) == (one, two)


@pytest.mark.parametrize("form", ["history", "change", "delete"])
def test_who_may_not_see_such_rows_is_not_told_which_there_are(
    desk: Browser, client_record: Client, counselor: StaffMember, form: str
) -> None:
    """Django's history looks for the row first: it led elsewhere for one that isn't there."""
    seen = [desk.get(reverse(f"admin:cases_client_{form}", args=[each])) for each in (client_record.pk, 987_654_321)]
    assert [each.status_code for each in seen] == [403, 403]
    counselor.is_staff = True
    counselor.save()
    browser = Browser()
    browser.force_login(counselor, backend="django.contrib.auth.backends.ModelBackend")
    threshold = ClinicThreshold.objects.create(clinic=counselor.clinic, key="staff.office_opens", value=7, reason="x")
    seen = [
        browser.get(reverse(f"admin:staff_clinicthreshold_{form}", args=[each])) for each in (threshold.pk, 987_654)
    ]
    assert [each.status_code for each in seen] == [403, 403]

"""A naloxone kit that was handed over: recorded once, and said wherever an overdose is possible."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases import merging
from cases.models import Client, NaloxoneKit
from cases.recovery import naloxone, relapses
from staff.models import Clinic, Role, StaffMember
from staff.refusals import NotPermitted, Refusal
from tests import factories

SignIn = Callable[[StaffMember], Browser]
DAY = datetime.timedelta(days=1)


def pages(client: Client) -> list[str]:
    """Where an overdose is spoken of: the chart's overview, returns to use, and one return to use."""
    relapse = client.relapses.latest("pk")
    return [
        reverse("desk:chart", args=[client.pk]),
        reverse("cases:relapses", args=[client.pk]),
        reverse("cases:relapse", args=[client.pk, relapse.pk]),
    ]


def test_a_kit_is_said_wherever_an_overdose_is_possible(
    signed_in: SignIn, client_record: Client, counselor: StaffMember
) -> None:
    browser = signed_in(counselor)
    assert "naloxone kit" not in browser.get(reverse("desk:chart", args=[client_record.pk])).content.decode().lower()
    relapses.record(client=client_record, started_on=client_record.today - 9 * DAY, substances=["heroin"], by=counselor)
    for page in pages(client_record):
        assert "No naloxone kit on record." in browser.get(page).content.decode(), page
    form = reverse("cases:naloxone", args=[client_record.pk])
    sent = {"given_on": client_record.today.isoformat(), "lot": "NX 204", "trained": "on"}
    assert browser.post(form, sent)["Location"] == form
    kit = NaloxoneKit.objects.get()
    assert (kit.lot, kit.trained, kit.recorded_by) == ("NX 204", True, counselor)
    for page in pages(client_record):
        shown = " ".join(browser.get(page).content.decode().split())
        assert f"Naloxone kit given {client_record.today:%b %-d, %Y}</strong>, taught to use it." in shown, page
        assert "No naloxone kit" not in shown


def test_a_kit_without_teaching_says_so(signed_in: SignIn, client_record: Client, counselor: StaffMember) -> None:
    naloxone.give(client=client_record, by=counselor)
    page = signed_in(counselor).get(reverse("desk:chart", args=[client_record.pk])).content.decode()
    assert "not yet taught to use it" in page


def test_a_kit_entered_by_mistake_stays_and_does_not_count(
    signed_in: SignIn, client_record: Client, counselor: StaffMember
) -> None:
    kit = naloxone.give(client=client_record, by=counselor)
    browser, act = signed_in(counselor), reverse("cases:naloxone_void", args=[client_record.pk, kit.pk])
    refused = browser.post(act, {"reason": "."})
    assert refused.status_code == 422
    assert naloxone.SayWhy.sentence in refused.content.decode()
    browser.post(act, {"reason": "It was her brother’s"})
    assert naloxone.latest(client_record, staff_member=counselor) is None
    assert "It was her brother’s" in browser.get(reverse("cases:naloxone", args=[client_record.pk])).content.decode()
    with pytest.raises(naloxone.AlreadyVoided):
        naloxone.void(kit=kit, reason="Again for good measure", by=counselor)


@pytest.mark.parametrize("day", ["2999-01-01", "1901-01-01", "0020-01-01", "yesterday", ""])
def test_no_day_is_an_error_page(signed_in: SignIn, client_record: Client, counselor: StaffMember, day: str) -> None:
    answer = signed_in(counselor).post(reverse("cases:naloxone", args=[client_record.pk]), {"given_on": day})
    assert answer.status_code == 422
    assert not NaloxoneKit.objects.exists()


def test_no_kit_is_given_tomorrow_or_before_birth(client_record: Client, counselor: StaffMember) -> None:
    for day in (client_record.today + DAY, datetime.date(1985, 5, 16)):
        with pytest.raises(Refusal):
            naloxone.give(client=client_record, given_on=day, by=counselor)


@pytest.mark.usefixtures("tables_owner")
@pytest.mark.parametrize("change", [{"lot": "other"}, {"given_on": datetime.date(2026, 1, 1)}, {"trained": True}])
def test_the_database_lets_nobody_rewrite_a_kit(
    client_record: Client, counselor: StaffMember, change: dict[str, object]
) -> None:
    kit = naloxone.give(client=client_record, by=counselor)
    with pytest.raises(DatabaseError, match="stands as it was recorded"), transaction.atomic():
        NaloxoneKit.objects.filter(pk=kit.pk).update(**change)
    with pytest.raises(DatabaseError, match="stays on record"), transaction.atomic():
        NaloxoneKit.objects.filter(pk=kit.pk).delete()


def test_a_voided_kit_has_an_author_and_a_reason(client_record: Client, counselor: StaffMember) -> None:
    kit = naloxone.give(client=client_record, by=counselor)
    with pytest.raises(IntegrityError), transaction.atomic():
        NaloxoneKit.objects.filter(pk=kit.pk).update(voided_at=timezone.now())


def test_who_may(
    signed_in: SignIn,
    client_record: Client,
    counselor: StaffMember,
    make_staff: Callable[..., StaffMember],
    other_clinic: Clinic,
) -> None:
    naloxone.give(client=client_record, lot="SECRET-LOT", by=counselor)
    page = reverse("cases:naloxone", args=[client_record.pk])
    naloxone.give(client=client_record, by=make_staff(Role.MEDICAL))  # whoever sees the client at the desk
    naloxone.give(client=client_record, by=make_staff(Role.INTAKE_COORDINATOR))
    outsider = factories.StaffMemberFactory(clinic=other_clinic, role=Role.SUPERVISOR)
    barred = make_staff(Role.SUPERVISOR)
    factories.ClientRestrictionFactory(client=client_record, staff_member=barred)
    for stranger in (make_staff(Role.COUNSELOR), outsider, barred):
        browser = signed_in(stranger)
        assert browser.get(page).status_code == 404
        assert browser.post(page, {"given_on": client_record.today.isoformat()}).status_code == 404
        assert not NaloxoneKit.objects.visible_to(stranger).exists()
        with pytest.raises(NotPermitted):
            naloxone.give(client=client_record, by=stranger)
    for role in (Role.ADMINISTRATOR, Role.PRIVACY_OFFICER):
        assert signed_in(make_staff(role)).get(page).status_code == 403


def test_kits_of_two_records_of_one_person(
    client_record: Client, make_client: Callable[..., Client], supervisor: StaffMember, counselor: StaffMember
) -> None:
    twice = make_client(counselor=counselor)
    kit = naloxone.give(client=twice, by=counselor)
    merge = merging.merge(keep=client_record, absorb=twice, by=supervisor)
    assert naloxone.latest(client_record, staff_member=counselor) == kit
    merging.unmerge(merge=merge, by=supervisor)
    assert naloxone.latest(client_record, staff_member=counselor) is None

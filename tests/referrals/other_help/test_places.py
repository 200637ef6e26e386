"""The directory of places: kept by those who refer, read by everybody of the clinic and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from referrals.models import ServicePlace
from referrals.other_help import places
from staff.models import Clinic, Role, StaffMember
from staff.refusals import NotPermitted, Refusal
from tests import factories

SignIn = Callable[[StaffMember], Browser]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("5185550130", "(518) 555-0130"),
        ("518-555-0130 ext. 7", "(518) 555-0130 ext. 7"),
        ("+44 20 7946 0018", "+44 20 7946 0018"),
        ("211", "211"),
        ("", ""),
    ],
)
def test_a_phone_number_is_kept_as_it_is_shown(counselor: StaffMember, typed: str, kept: str) -> None:
    assert places.add(name="Harbor House", kinds=["housing"], phone=typed, by=counselor).phone == kept


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"name": " . "}, places.NameNeeded),
        ({"kinds": []}, places.WhatForNeeded),
        ({"kinds": ["housing", "magic"]}, places.WhatForNeeded),
        ({"phone": "ask at the desk"}, places.PhoneNotRead),
        ({"phone": "12"}, places.PhoneNotRead),
        ({"name": "harbor HOUSE"}, places.AlreadyListed),
    ],
)
def test_what_a_place_needs(
    counselor: StaffMember, harbor: ServicePlace, facts: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        places.add(**({"name": "Elm Rooms", "kinds": ["housing"]} | facts), by=counselor)
    assert ServicePlace.objects.get() == harbor


def test_a_change_keeps_what_was(counselor: StaffMember, harbor: ServicePlace) -> None:
    places.change(place=harbor, hours="Mon–Fri 9–5", by=counselor)
    places.change(place=harbor, hours="Mon–Fri 9–5", by=counselor)  # nothing new
    history = ServicePlace.pgh_event_model.objects.filter(pgh_obj=harbor.pk)  # type: ignore[attr-defined]
    assert list(history.order_by("pgh_id").values_list("hours", flat=True)) == ["", "Mon–Fri 9–5"]


@pytest.mark.parametrize("kinds", [[], ["magic"]])
def test_the_database_wants_a_known_kind(clinic: Clinic, counselor: StaffMember, kinds: list[str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ServicePlace.objects.create(
            clinic=clinic, name="Elm Rooms", kinds=kinds, added_at=timezone.now(), added_by=counselor
        )


def test_adding_and_changing_by_form(signed_in: SignIn, counselor: StaffMember) -> None:
    browser, new = signed_in(counselor), reverse("referrals:place_new")
    sent = {"name": "Elm Rooms", "kinds": ["housing", "family"], "phone": "nope", "languages": "Spanish"}
    page = browser.post(new, sent).content.decode()
    assert places.PhoneNotRead.sentence in page
    assert 'value="Elm Rooms"' in page  # what was typed is kept
    added = browser.post(new, sent | {"phone": "518 555 0131"}, follow=True).content.decode()
    assert "(518) 555-0131" in added
    place = ServicePlace.objects.get()
    edit = reverse("referrals:place_edit", args=[place.pk])
    browser.post(edit, sent | {"phone": "211", "costs": "Free"})
    place.refresh_from_db()
    assert (place.phone, place.costs, place.kinds) == ("211", "Free", ["housing", "family"])
    use = reverse("referrals:place_use", args=[place.pk])
    assert "No longer used" in browser.post(use, {"in_use": "no"}, follow=True).content.decode()
    browser.post(use, {"in_use": "yes"})
    place.refresh_from_db()
    assert place.is_in_use


def test_finding_a_place(signed_in: SignIn, counselor: StaffMember, harbor: ServicePlace) -> None:
    elm = places.add(name="Elm Rooms", kinds=["housing", "legal"], languages="Spanish, ASL", by=counselor)
    closed = places.add(name="Old Mill", kinds=["legal"], by=counselor)
    places.set_in_use(place=closed, in_use=False, by=counselor)
    browser, url = signed_in(counselor), reverse("referrals:places")

    def shown(**query: str) -> list[str]:
        return [place.name for place in browser.get(url, query).context["page"]]

    assert shown() == ["Elm Rooms", "Harbor House"]
    assert shown(kind="legal") == [elm.name]
    assert shown(q="elm spanish") == [elm.name]
    assert shown(q="quay") == [harbor.name]
    assert shown(use="no") == ["Old Mill"]
    assert len(shown(use="all")) == 3
    for nonsense in ({"kind": "x"}, {"use": "x"}, {"page": "x"}, {"q": "%' --"}):
        assert browser.get(url, nonsense).status_code == 200


def test_who_keeps_it_and_who_reads_it(
    signed_in: SignIn, make_staff: Callable[..., StaffMember], harbor: ServicePlace, other_clinic: Clinic
) -> None:
    address = [harbor.pk]
    for role in Role:
        browser, person = signed_in(make_staff(role)), make_staff(role)
        assert "Harbor House" in browser.get(reverse("referrals:place", args=address)).content.decode()
        keeps = role in {Role.COUNSELOR, Role.SUPERVISOR, Role.ADMINISTRATOR}
        assert browser.get(reverse("referrals:place_edit", args=address)).status_code == (200 if keeps else 403)
        if not keeps:
            with pytest.raises(NotPermitted):
                places.change(place=harbor, notes="Mine", by=person)
    stranger = factories.StaffMemberFactory(clinic=other_clinic, role=Role.SUPERVISOR)
    browser = signed_in(stranger)
    assert "Harbor House" not in browser.get(reverse("referrals:places"), {"use": "all"}).content.decode()
    for name in ("place", "place_edit"):
        assert browser.get(reverse(f"referrals:{name}", args=address)).status_code == 404
    assert browser.post(reverse("referrals:place_use", args=address), {"in_use": "no"}).status_code == 404
    with pytest.raises(NotPermitted):
        places.set_in_use(place=harbor, in_use=False, by=stranger)
    places.add(name="Harbor House", kinds=["housing"], by=stranger)  # each clinic has its own

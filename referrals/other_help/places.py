"""The clinic's directory of places that it refers people to: added, changed, taken out of use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone

from referrals.models import ServiceKind, ServicePlace
from staff import phones
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.saying import says_something

_SHORT = re.compile(r"[0-9]{3}")  # 211, 988


class NameNeeded(Refusal):
    sentence = "Enter the name of the place."


class WhatForNeeded(Refusal):
    sentence = "Choose at least one kind of help."


class PhoneNotRead(Refusal):
    sentence = "Enter a phone number with its area code, such as (518) 555-0130, or a short number such as 211."


class AlreadyListed(Refusal):
    sentence = "A place of this name is already in the directory. Change that one, or bring it back into use."


class PlaceFacts(TypedDict, total=False):
    """What is known of a place, as `add` and `change` take it."""

    name: str
    kinds: Sequence[str]
    address: str
    phone: str
    hours: str
    what_to_bring: str
    languages: str
    costs: str
    contact_person: str
    notes: str


def add(*, by: StaffMember, **facts: Unpack[PlaceFacts]) -> ServicePlace:
    """Put a place into the directory. Raises NotPermitted, NameNeeded, WhatForNeeded, PhoneNotRead, AlreadyListed."""
    demand(by, Permission.PLACES_KEEP)
    place = ServicePlace(clinic=by.clinic, added_at=timezone.now(), added_by=by)
    with act("referrals.add_place", by=by) as entry:
        _fill(place, facts)
        _save(place)
        entry.about(place)
    return place


def change(*, place: ServicePlace, by: StaffMember, **facts: Unpack[PlaceFacts]) -> ServicePlace:
    """Change what is known of a place; its history keeps what it was. Raises what `add` raises."""
    demand(by, Permission.PLACES_KEEP, place)
    with act("referrals.change_place", by=by) as entry:
        place = ServicePlace.objects.select_for_update(no_key=True).get(pk=place.pk)
        before = {name: getattr(place, name) for name in facts}
        _fill(place, facts)
        changed = sorted(name for name, value in before.items() if getattr(place, name) != value)
        if changed:
            _save(place)
        else:
            entry.nothing_changed()
        entry.about(place, changed=changed)
    return place


def set_in_use(*, place: ServicePlace, in_use: bool, by: StaffMember) -> ServicePlace:
    """Take a place out of use, or bring it back. Referrals that name it stay as they are."""
    demand(by, Permission.PLACES_KEEP, place)
    with act("referrals.bring_place_back" if in_use else "referrals.retire_place", by=by) as entry:
        place = ServicePlace.objects.select_for_update(no_key=True).get(pk=place.pk)
        if place.is_in_use == in_use:
            entry.nothing_changed()
        else:
            place.is_in_use = in_use
            place.save(update_fields=["is_in_use"])
        entry.about(place)
    return place


def _fill(place: ServicePlace, facts: PlaceFacts) -> None:
    for name, value in facts.items():
        setattr(place, name, value.strip() if isinstance(value, str) else value)
    if not says_something(place.name):
        raise NameNeeded
    chosen = set(place.kinds or ())
    place.kinds = [each for each in ServiceKind.values if each in chosen]  # in one order, whatever was ticked first
    if not place.kinds or chosen - set(ServiceKind.values):
        raise WhatForNeeded
    place.phone = _phone(place.phone)


def _phone(typed: str) -> str:
    """As the house shows numbers. A short number such as 211 or 988 stays as it is."""
    if not typed or _SHORT.fullmatch(typed):
        return typed
    if not phones.dialed(typed).startswith("+"):
        raise PhoneNotRead
    return phones.spoken(typed)


def _save(place: ServicePlace) -> None:
    try:
        with transaction.atomic():
            place.save()
    except IntegrityError as error:
        if "service_place_once" in str(error):
            raise AlreadyListed from error
        raise

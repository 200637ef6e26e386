"""The demo clinic on a live server, with a real worker on the real broker and a mailbox in a folder."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from django.utils import timezone

from cases.models import Client
from cases.people import registration
from demo.people import people
from reminders import mailbox
from staff.models import Clinic, StaffMember
from tests.places import NEW_YORK, where_it_is_noon
from tests.reminders.test_faults import Workers, workers

__all__ = ["Workers", "workers"]

HUNDREDS = 250


@pytest.fixture
def clinic(transactional_db: None, make_demo: Callable[[int], Clinic]) -> Clinic:
    """The demo clinic with a small year behind it, and a few hundred more people on its books."""
    clinic = make_demo(60)
    _fill_the_books(clinic)
    _let_it_be_noon_there(Client.objects.get(given_name="Rosalind", family_name="Samplewood"))
    assert mailbox.letters() == []
    return clinic


def _fill_the_books(clinic: Clinic) -> None:
    by = StaffMember.objects.get(email="intake@demo.example")
    crowd = people(random.Random(4), timezone.localdate(timezone=NEW_YORK))
    for _ in range(HUNDREDS):
        person = next(crowd)
        registration.register(
            by=by, given_name=person.given_name, family_name=person.family_name, birth_date=person.birth_date
        )
    assert Client.objects.count() > 300


def _let_it_be_noon_there(client: Client) -> None:
    client.time_zone = where_it_is_noon()
    client.save()

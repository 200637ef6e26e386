"""A place and a client’s consent to start from."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from cases.models import Client
from privacy import consents
from privacy.models import Consent
from referrals.models import ServicePlace
from referrals.other_help import places
from staff.models import StaffMember


@pytest.fixture
def harbor(counselor: StaffMember) -> ServicePlace:
    return places.add(
        name="Harbor House",
        kinds=["housing"],
        phone="5185550130",
        address="12 Quay Street, Albany",
        contact_person="Dana Example",
        by=counselor,
    )


@pytest.fixture
def sign(client_record: Client, counselor: StaffMember) -> Callable[..., Consent]:
    """The client signs a consent today, for housing at Harbor House unless something else is said."""

    def signed(**elements: Any) -> Consent:
        known = {
            "type": Consent.Type.DISCLOSURE,
            "discloser": "Example Clinic",
            "recipients": "Harbor House",
            "description": "Name, phone number, and need for housing",
            "purpose": "Help with housing",
            "right_to_revoke_stated": True,
            "expires_on": client_record.today + datetime.timedelta(days=180),
            "signed_by_name": client_record.full_name,
            "signed_on": client_record.today - datetime.timedelta(days=60),
        }
        return consents.record(client=client_record, by=counselor, **(known | elements))

    return signed

"""Which meetings fit a concern, as the guide and the finder find them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from cases.models import Client
from referrals import concerns
from referrals.models import Meeting
from referrals.models.conversation import Concern
from staff.models import StaffMember


def test_medication_finds_what_the_finder_finds(
    signed_in: Callable[[StaffMember], Any],
    counselor: StaffMember,
    client_record: Client,
    make_meeting: Callable[..., Meeting],
) -> None:
    make_meeting(name="Example SMART", fellowship="smart")
    make_meeting(name="Example at ease", notes="MAT friendly")
    make_meeting(name="Example LifeRing", fellowship="lifering")
    make_meeting(name="Example other")
    browser = signed_in(counselor)
    chosen = reverse("referrals:guide_stage", args=[client_record.pk, "choose"])
    found = reverse("referrals:client_finder", args=[client_record.pk])
    for page in (browser.get(chosen, {"fit": "medication"}), browser.get(found, {"needs": "medication"})):
        said = page.content.decode()
        assert all(name in said for name in ("Example SMART", "Example at ease", "Example LifeRing"))
        assert "Example other" not in said


def test_a_need_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="medication"):
        concerns.Fit("Meetings", needs=("medication",))


def test_every_fit_narrows_and_is_of_a_concern(make_meeting: Callable[..., Meeting]) -> None:
    make_meeting(name="Example of no kind", fellowship="aa", types=[])
    for key, fit in concerns.FITS.items():
        assert key in Concern.values
        assert not fit.narrow(Meeting.objects.all()).exists(), key
    assert set(concerns.FITS_AFTER.values()) <= set(concerns.FITS)

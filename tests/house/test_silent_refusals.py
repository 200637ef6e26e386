"""The net under every test that sends a form (tests/silent_refusals.py) catches what it is for."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from referrals import referring
from referrals.views import referrals as views
from staff.models import StaffMember


def test_a_page_that_does_not_say_what_was_refused_fails_the_test(
    client_record: Client,
    counselor: StaffMember,
    signed_in: Callable[[StaffMember], Browser],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    referral = referring.offer(client=client_record, fellowship="aa", by=counselor)
    url = reverse("referrals:step", args=[client_record.pk, referral.pk, "plan"])
    said = {"plan-on": (client_record.today + datetime.timedelta(days=1)).isoformat()}
    assert "Enter a time." in signed_in(counselor).post(url, said).content.decode()
    monkeypatch.setattr(views, "_referral_page", lambda request, *_, **__: views.referrals(request))
    with pytest.raises(AssertionError, match=r"the page doesn’t say it: Enter a time\."):
        signed_in(counselor).post(url, said)

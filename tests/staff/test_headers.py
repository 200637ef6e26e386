"""What every answer tells the browser: pages, errors, the administration, the sign-in form and the health check."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from staff.models import StaffMember
from tests.factories import PASSWORD


@pytest.mark.parametrize(
    "path", ["/", "/nothing-here/", "/clients/999999/", "/privacy/access-log/", "/admin/", "/health/"]
)
def test_every_answer_has_the_policy_and_no_type_is_guessed(counselor: StaffMember, signed_in: Any, path: str) -> None:
    for browser in (Browser(), signed_in(counselor)):
        answer = browser.get(path)
        policy = dict(
            part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";") if part.strip()
        )
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert "object-src" not in policy  # as default-src
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Frame-Options"] == "DENY"
        assert "Access-Control-Allow-Origin" not in answer


def test_pages_seen_while_signed_in_are_kept_in_no_cache(
    client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    answer = signed_in(counselor).get(reverse("desk:chart", args=[client_record.pk]))
    assert "no-store" in answer["Cache-Control"]


def test_the_session_is_out_of_reach_of_scripts_and_other_sites(counselor: StaffMember) -> None:
    answer = Browser().post(reverse("account_login"), {"login": counselor.email, "password": PASSWORD})
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"

"""Every address says who may open it, and refuses everybody else."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.urls import NoReverseMatch, URLPattern, reverse

from demo.addresses import OURS
from staff.access import ROLES, Permission
from staff.models import Role, StaffMember

# A record's id in the address means the access log can see whose record it is.
RECORD_KWARGS = {"client_id", "inquiry_id", "group_id"}


@pytest.mark.parametrize(("route", "name", "pattern"), OURS, ids=[route or "/" for route, *_ in OURS])
def test_every_address_declares_its_permission(route: str, name: str, pattern: URLPattern) -> None:
    permissions = getattr(pattern.callback, "permissions", None)
    assert permissions is not None, f"{route} does not say who may open it: decorate the view with @requires or @public"
    assert all(isinstance(permission, Permission) for permission in permissions)


@pytest.mark.parametrize(("route", "name", "pattern"), OURS, ids=[route or "/" for route, *_ in OURS])
def test_record_addresses_name_the_record_first(route: str, name: str, pattern: URLPattern) -> None:
    kwargs = set(pattern.pattern.converters) | {
        part.split(":")[-1].rstrip(">") for part in route.split("<")[1:] for part in [part.split(">")[0]]
    }
    clinical = {
        "note_id",
        "relapse_id",
        "assessment_id",
        "episode_id",
        "item_id",
        "reminder_id",
        "referral_id",
        "membership_id",
        "session_id",
        "consent_id",
    }
    if kwargs & clinical and not route.startswith(("mailbox", "merges")):
        assert kwargs & RECORD_KWARGS, f"{route} opens a record without saying whose it is"


def address(name: str, pattern: URLPattern, route: str) -> str | None:
    kwargs = {}
    for part in route.split("<")[1:]:
        converter, _, kwarg = part.split(">")[0].rpartition(":")
        kwargs[kwarg] = 999_999_999 if converter in {"int", ""} else "x"
    try:
        return reverse(name, kwargs=kwargs or None)
    except NoReverseMatch:
        return None


@pytest.mark.parametrize(("route", "name", "pattern"), OURS, ids=[route or "/" for route, *_ in OURS])
def test_a_stranger_is_sent_to_sign_in(db: None, route: str, name: str, pattern: URLPattern) -> None:
    if not pattern.callback.permissions:
        pytest.skip("public")
    url = address(name, pattern, route)
    assert url is not None
    answer = Browser().get(url)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("role", Role)
def test_a_role_without_the_permission_gets_403_and_others_404_for_what_is_not_there(
    role: str, make_staff: object, signed_in: object
) -> None:
    person: StaffMember = make_staff(role)  # type: ignore[operator]
    browser: Browser = signed_in(person)  # type: ignore[operator]
    for route, name, pattern in OURS:
        permissions = pattern.callback.permissions
        url = address(name, pattern, route)
        if not permissions or url is None:
            continue
        status = browser.get(url).status_code
        if set(permissions) <= ROLES[role]:
            assert status != 403, f"{role} may open {route} but is refused"
            if "_id" in route:
                assert status in {404, 405}, f"{route} answers {status} for a record that does not exist"
        else:
            assert status == 403, f"{role} opens {route} without {permissions}: {status}"


def test_every_role_has_a_row_in_the_table() -> None:
    assert set(ROLES) == set(Role.values)


def test_every_permission_is_given_to_somebody_and_asked_for_somewhere() -> None:
    given = set().union(*ROLES.values())
    assert given == set(Permission)

"""What no page of ours would send gets a plain answer, never “Something broke”."""

from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse

from staff.models import StaffMember

SignIn = Callable[[StaffMember], Browser]


@pytest.mark.parametrize("path", ["/clients/{}/", "/inquiries/{}/", "/groups/{}/"])
def test_a_number_larger_than_any_rows_is_not_found(supervisor: StaffMember, signed_in: SignIn, path: str) -> None:
    assert signed_in(supervisor).get(path.format(2**63)).status_code == 404
    assert signed_in(supervisor).get(path.format("9" * 20)).status_code == 404


def test_a_nul_in_the_address_is_refused(supervisor: StaffMember, signed_in: SignIn) -> None:
    assert signed_in(supervisor).get("/clients/?q=%00").status_code == 400


def test_a_nul_in_what_was_typed_is_taken_out(supervisor: StaffMember, signed_in: SignIn) -> None:
    answer = signed_in(supervisor).post(reverse("cases:clients"), {"q": "Sam\0ple"})
    assert answer.status_code == 302
    assert signed_in(supervisor).post(reverse("cases:client_new"), {"given_name": "Sam\0"}).status_code == 422

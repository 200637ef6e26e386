"""The chart's address outlives a merge."""

from collections.abc import Callable
from typing import Any

from django.test import Client as Browser
from django.urls import reverse

from cases import merging
from cases.models import Client
from staff.models import StaffMember


def test_an_old_link_to_a_merged_record_opens_the_kept_one(
    make_client: Callable[..., Client], supervisor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    keep, absorb = make_client(family_name="Sample"), make_client(family_name="Sample")
    merging.merge(keep=keep, absorb=absorb, by=supervisor)
    answer = signed_in(supervisor).get(reverse("desk:chart", args=[absorb.pk]))
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:chart", args=[keep.pk]))


def test_a_merged_record_of_another_clinic_leads_nowhere(
    make_client: Callable[..., Client], supervisor: StaffMember, other_clinic: Any, make_staff: Any, signed_in: Any
) -> None:
    keep, absorb = make_client(family_name="Sample"), make_client(family_name="Sample")
    merging.merge(keep=keep, absorb=absorb, by=supervisor)
    stranger = make_staff("supervisor", clinic=other_clinic)
    assert signed_in(stranger).get(reverse("desk:chart", args=[absorb.pk])).status_code == 404

"""Pages whose questions are written once show each reader only what is theirs, whoever opened them first."""

from __future__ import annotations

import pytest
from django.urls import reverse

from staff import prepared
from staff.models import Role
from tests import factories

pytestmark = pytest.mark.django_db
PAGES = ("notes", "plan", "measures", "carry_over_latest")


def test_a_draft_is_listed_for_its_author_alone(draft, client_record, counselor, make_staff, signed_in):
    colleague = make_staff(Role.COUNSELOR)
    factories.CareTeamMemberFactory(client=client_record, staff_member=colleague)
    url = reverse("counseling:notes", args=[client_record.pk])
    own = reverse("counseling:note_edit", args=[client_record.pk, draft.pk])
    prepared._kept.clear()
    for _ in range(2):
        assert own in signed_in(counselor).get(url).content.decode()
        page = signed_in(colleague).get(url)
        assert page.status_code == 200
        assert own not in page.content.decode()
        assert signed_in(colleague).get(own).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_finds_no_page_that_a_colleague_has_opened(
    page, draft, client_record, counselor, make_staff, signed_in
):
    url = reverse(f"counseling:{page}", args=[client_record.pk])
    prepared._kept.clear()
    strangers = (make_staff(Role.COUNSELOR), factories.StaffMemberFactory(role=Role.COUNSELOR))
    for _ in range(2):
        assert signed_in(counselor).get(url, follow=True).status_code == 200
        for stranger in strangers:
            assert signed_in(stranger).get(url).status_code == 404

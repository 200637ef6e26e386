"""The table of roles as everybody who works here reads it: the one that decides."""

import re
from html import unescape

import pytest
from django.urls import reverse

from staff import access
from staff.access import AREAS, RELATIONS, ROLES, Permission, as_policy
from staff.models import Role


def shown(page: str) -> dict[str, dict[str, bool]]:
    """Sentence by sentence, which roles the page gives it to."""
    found: dict[str, dict[str, bool]] = {}
    for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
        columns = [words(each) for each in re.findall(r'<th scope="col">(.*?)</th>', table, re.DOTALL)]
        if columns[0] != "May":
            continue
        roles = [each.replace(" (you)", "") for each in columns[1:]]
        for row in re.findall(r'<th scope="row">(.*?)</tr>', table, re.DOTALL):
            sentence, *cells = re.split(r"</?t[hd][^>]*>", row)
            answers = [words(cell) == "Yes" for cell in cells if words(cell)]
            found[words(sentence)] = dict(zip(roles, answers, strict=True))
    return found


def words(markup: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", markup).split()))


@pytest.mark.parametrize("role", Role)
def test_everyone_reads_the_table_that_decides(role, make_staff, signed_in):
    page = signed_in(make_staff(role)).get(reverse("staff:roles"))
    assert page.status_code == 200
    table = shown(page.content.decode())
    assert table == {
        permission.value: {each.label: permission in ROLES[each] for each in Role} for permission in Permission
    }
    assert f"{role.label} (you)" in page.content.decode()


def test_it_follows_the_table(supervisor, signed_in, monkeypatch):
    taken = {**ROLES, Role.COUNSELOR: ROLES[Role.COUNSELOR] - {Permission.NOTE_SIGN}}
    monkeypatch.setattr(access, "ROLES", taken)
    table = shown(signed_in(supervisor).get(reverse("staff:roles")).content.decode())
    assert table[Permission.NOTE_SIGN.value]["Counselor"] is False
    assert table[Permission.NOTE_SIGN.value]["Clinical supervisor"] is True


def test_every_permission_stands_in_one_area():
    lines = [permission for _, part in as_policy() for permission, _ in part]
    assert lines == list(Permission)
    assert [area for area, _ in as_policy()] == list(AREAS.values())
    assert len({permission.value for permission in Permission}) == len(Permission)


def test_it_says_what_a_relation_adds_or_takes(counselor, signed_in):
    page = words(signed_in(counselor).get(reverse("staff:roles")).content.decode())
    for relation in RELATIONS:
        assert relation.effect in page
        assert relation.ends in page


def test_where_one_looks_for_it(administrator, counselor, signed_in):
    link = reverse("staff:roles")
    assert link in signed_in(counselor).get(reverse("mfa_index")).content.decode()
    assert link in signed_in(administrator).get(reverse("staff:changes")).content.decode()

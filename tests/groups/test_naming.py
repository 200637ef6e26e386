"""What names somebody in a note about a group. The one owner is groups.naming, by the rules of cases.people.names."""

from __future__ import annotations

import pytest

from cases.models import Client
from groups import naming, sessions


def named(text: str, **member: str) -> list[str]:
    return naming.names_in(text, [Client(**{"given_name": "Zz", "family_name": "Zzyzx", **member})])


NAMES_THEM = [
    ("O’Brien led the check-in", {"family_name": "O'Brien"}),
    ("O'Brien led the check-in", {"family_name": "O’Brien"}),
    ("Oʼbrien spoke", {"family_name": "O'Brien"}),
    ("O Brien spoke", {"family_name": "O'Brien"}),
    ("OBrien spoke", {"family_name": "O`Brien"}),
    ("O’Brien’s son", {"family_name": "O'Brien"}),
    ("Bobby was quiet", {"given_name": "Robert"}),
    ("bobby was quiet", {"given_name": "Robert"}),
    ("Then Bob spoke", {"given_name": "Robert"}),
    ("Robert spoke", {"given_name": "Bobby"}),
    ("Liz and others", {"given_name": "Elizabeth"}),
    ("Pepe spoke", {"given_name": "José"}),
    ("王伟说得很少", {"given_name": "伟", "family_name": "王"}),
    ("今天王伟没有来", {"given_name": "伟", "family_name": "王"}),
    ("王先生 spoke", {"given_name": "伟", "family_name": "王"}),
    ("小王 spoke", {"given_name": "伟", "family_name": "王"}),
    ("The member 王 spoke", {"given_name": "伟", "family_name": "王"}),
    ("小明 spoke", {"given_name": "小明", "family_name": "王"}),
    ("สมชายพูด", {"given_name": "สมชาย", "family_name": "ใจดี"}),
    ("Петров говорил", {"given_name": "Иван", "family_name": "Петров"}),
    ("ПЕТРОВ", {"given_name": "Иван", "family_name": "Петров"}),
    ("Nguyen and others", {"family_name": "Nguyễn"}),
    ("Nguyễn and others", {"family_name": "Nguyen"}),
    ("de la Cruz spoke", {"family_name": "De la Cruz"}),
    ("Cruz spoke", {"family_name": "de la Cruz"}),
    ("Jean Luc spoke", {"given_name": "Jean-Luc"}),
    ("Jean‑Luc spoke", {"given_name": "Jean-Luc"}),
    ("Garcia Lopez", {"family_name": "García López"}),
    ("Lopez spoke", {"family_name": "García López"}),
    ("Then An spoke about work", {"given_name": "An"}),
    ("An spoke about work", {"given_name": "An"}),
    ("They asked Do for help", {"family_name": "Do"}),
    ("Suharto spoke", {"given_name": "", "family_name": "Suharto"}),
    ("محمد spoke", {"given_name": "مُحَمَّد"}),
]

NAMES_NOBODY = [
    ("an hour of an exercise", {"given_name": "An"}),
    ("An argument about trust. An exercise followed.", {"given_name": "An"}),
    ("We went on to the next topic. To close, a member read.", {"given_name": "To"}),
    ("Do what helps. They do so at home.", {"family_name": "Đỗ", "given_name": "So"}),
    ("The van ride and the del part", {"family_name": "van del Zand"}),
    ("my plan. My plan.", {"given_name": "Mỹ"}),
    ("a member will mark the bill", {"given_name": "William", "family_name": "Mark"}),
    ("They talked of a mike and of a jack, and of tom-toms", {"given_name": "Michael", "preferred_name": "John"}),
    ("国王 and 王国 are words", {"given_name": "伟", "family_name": "王"}),
    ("The group practiced refusing a drink.", {"given_name": "Robert", "family_name": "O'Brien"}),
    ("Two members practiced. A member led.", {"given_name": "Elizabeth", "family_name": "García López"}),
    ("HOW TO ASK FOR HELP", {"given_name": "To", "family_name": "Zzyzx"}),
]


@pytest.mark.parametrize(("text", "member"), NAMES_THEM)
def test_who_can_be_recognized(text: str, member: dict[str, str]) -> None:
    assert named(text, **member), text


@pytest.mark.parametrize(("text", "member"), NAMES_NOBODY)
def test_who_cannot(text: str, member: dict[str, str]) -> None:
    assert named(text, **member) == []


def test_a_group_note_is_refused_for_a_nickname_and_kept_without_it(make_member, make_session, facilitator) -> None:
    make_member(given_name="Robert", family_name="O’Brien")
    make_member(given_name="An", family_name="Nguyễn")
    session = make_session(1)
    for text in ("Bobby spoke.", "O'Brien spoke.", "Nguyen spoke.", "Then An spoke."):
        with pytest.raises(naming.NamesSomebody):
            sessions.write_note(session=session, group_note=text, by=facilitator)
    sessions.write_note(session=session, group_note="An exercise, and an hour of talk.", by=facilitator)

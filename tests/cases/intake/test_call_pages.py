"""The call while it is taken: what a draft keeps, a second call about one person, and ended inquiries found again."""

from __future__ import annotations

import datetime
import html
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.intake import earlier_calls, ended_inquiries, inquiries
from cases.models import Inquiry
from cases.people import registration
from staff.models import Clinic, StaffMember
from tests import factories
from tests.reading import as_read

D = datetime.date
SignIn = Callable[[StaffMember], Browser]
Stage = Inquiry.Stage


def call(**more: Any) -> dict[str, Any]:
    return {"entry_key": str(uuid.uuid4()), "relation": "self", "language": "English", **more}


def words(answer: Any) -> str:
    """The page as it is read: without tags, spaces as one."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", as_read(answer))).split())


# --- what a draft keeps ---------------------------------------------------------------------------------------------


def test_a_draft_keeps_half_a_phone_number_and_says_so(intake: StaffMember, signed_in: SignIn) -> None:
    desk = signed_in(intake)
    said = call(given_name="Robin", call_back_phone="555 01", ssn_last4="48")
    answer = words(desk.post(reverse("cases:inquiry_autosave"), said))
    assert answer.startswith("Draft saved")
    assert "Saved as typed: Safe callback number, “555 01”. Enter a 10-digit phone number" in answer
    assert "Last 4 of SSN, “48”. Four digits." in answer
    draft = Inquiry.objects.get()
    assert (draft.call_back_phone, draft.ssn_last4) == ("555 01", "48")
    again = as_read(desk.get(reverse("cases:inquiry_edit", args=[draft.pk])))
    assert 'value="555 01"' in again
    assert desk.post(reverse("cases:inquiry_edit", args=[draft.pk]), said).status_code == 422


def test_a_draft_says_what_it_cannot_keep(intake: StaffMember, signed_in: SignIn) -> None:
    said = call(given_name="Robin", birth_date="1985-", phone="five five five, ask for the evening shift")
    answer = words(signed_in(intake).post(reverse("cases:inquiry_autosave"), said))
    assert "Not saved: Birth date, “1985-”. Enter a valid date." in answer
    assert "Not saved: Person’s phone, if different, “five five five, ask for the evening shift”." in answer
    inquiry = Inquiry.objects.get()
    assert (inquiry.given_name, inquiry.birth_date, inquiry.phone) == ("Robin", None, "")


def test_a_draft_that_is_understood_has_nothing_to_say(intake: StaffMember, signed_in: SignIn) -> None:
    answer = words(signed_in(intake).post(reverse("cases:inquiry_autosave"), call(phone="555 010 0142")))
    assert re.fullmatch(r"Draft saved, [\d:]+ [AP]M\.", answer)


def test_the_cursor_waits_in_the_first_field(intake: StaffMember, signed_in: SignIn) -> None:
    page = as_read(signed_in(intake).get(reverse("cases:take_inquiry")))
    focused = re.findall(r"<(?:select|input|textarea)[^>]*\bautofocus\b[^>]*>", page)
    assert len(focused) == 1
    assert 'name="relation"' in focused[0]
    assert '<a class="ow-skip" href="#id_relation">' in page


@pytest.mark.parametrize(("substances", "opened"), [(["alcohol"], False), (["alcohol", "inhalants"], True)])
def test_a_rarer_substance_is_seen_when_the_draft_is_opened_again(
    intake: StaffMember, signed_in: SignIn, substances: list[str], opened: bool
) -> None:
    desk = signed_in(intake)
    said = call(given_name="Robin", substances=substances)
    desk.post(reverse("cases:inquiry_autosave"), said)
    for page in (
        desk.get(reverse("cases:inquiry_edit", args=[Inquiry.objects.get().pk])),
        desk.post(reverse("cases:take_inquiry"), {**said, "look": "1"}),
    ):
        fold = re.search(r"<details class=\"ow-fold\"([^>]*)><summary>Other substances", as_read(page))
        assert fold is not None
        assert ("open" in fold.group(1)) is opened


# --- a second call about the same person ----------------------------------------------------------------------------


@pytest.fixture
def waiting(intake: StaffMember) -> Inquiry:
    return inquiries.take(
        by=intake,
        given_name="Catherine",
        family_name="Lopez",
        birth_date=D(1985, 4, 3),
        call_back_phone="(555) 010-0142",
        reason="Wants help",
    )


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"given_name": "Kathy", "family_name": "Lopes"}, "Kathy and Catherine may be the same name"),
        ({"given_name": "Cathrine", "family_name": "Lomez", "birth_date": "1985-04-03"}, "same birth date"),
        ({"family_name": "Lopez", "birth_date": "1985-03-04"}, "day and month swapped"),
        ({"given_name": "Luis", "phone": "+1 555 010 0142"}, "same phone number (may be shared)"),
        ({"call_back_phone": "555.010.0142"}, "same phone number (may be shared)"),
    ],
)
def test_a_second_call_shows_the_first(
    waiting: Inquiry, intake: StaffMember, signed_in: SignIn, said: dict[str, str], reason: str
) -> None:
    answer = signed_in(intake).post(reverse("cases:inquiry_matches"), call(**said))
    assert reverse("cases:inquiry", args=[waiting.pk]) in as_read(answer)
    by_number_only = reason.startswith("same phone number")
    heading = "Others with the same number" if by_number_only else "Possible open inquiries"
    assert heading in words(answer)
    assert reason in words(answer)


def test_it_stands_on_the_page_of_the_second_call_too(waiting: Inquiry, intake: StaffMember, signed_in: SignIn) -> None:
    second = inquiries.take(by=intake, given_name="Luis", phone="5550100142")
    page = signed_in(intake).get(reverse("cases:inquiry", args=[second.pk]))
    assert "Other calls with the same number" in words(page)
    third = inquiries.take(by=intake, given_name="Kathy", family_name="Lopez")
    page = signed_in(intake).get(reverse("cases:inquiry", args=[third.pk]))
    assert "Other calls that may be about this person" in words(page)
    assert reverse("cases:inquiry", args=[waiting.pk]) in as_read(page)


@pytest.mark.parametrize(
    "said",
    [
        {"given_name": "Catherine"},
        {"given_name": "Zebulon", "family_name": "Quartermaine"},
        {"given_name": "Catherine", "family_name": "Lopez", "birth_date": D(1951, 11, 20)},
        {"numbers": ["555 010 0143"]},
        {"numbers": ["+44 5550100142"]},
    ],
)
def test_nobody_elses_call_is_shown(waiting: Inquiry, intake: StaffMember, said: dict[str, Any]) -> None:
    found = earlier_calls.alike(staff_member=intake, **said)
    assert found == [] or "different birth date" in found[0].reasons


def test_a_call_is_not_its_own_second(waiting: Inquiry, intake: StaffMember, signed_in: SignIn) -> None:
    desk = signed_in(intake)
    said = call(given_name="Zoe", family_name="Marsh")
    desk.post(reverse("cases:inquiry_autosave"), said)
    assert "Possible open inquiries" not in words(desk.post(reverse("cases:inquiry_matches"), said))
    edited = desk.get(reverse("cases:inquiry_edit", args=[waiting.pk]))
    assert "Possible open inquiries" not in words(edited)
    typed = call(given_name="Catherine", family_name="Lopez", inquiry=waiting.pk)
    assert "Possible open inquiries" not in words(desk.post(reverse("cases:inquiry_matches"), typed))


def test_only_what_still_waits_and_may_be_seen(
    waiting: Inquiry, intake: StaffMember, counselor: StaffMember, other_clinic: Clinic
) -> None:
    def shown(staff_member: StaffMember) -> list[Inquiry]:
        found = earlier_calls.alike(staff_member=staff_member, given_name="Catherine", family_name="Lopez")
        return [each.inquiry for each in found]

    assert shown(intake) == [waiting]
    assert shown(counselor) == []
    assert shown(factories.StaffMemberFactory(clinic=other_clinic, role="intake")) == []
    inquiries.move(inquiry=waiting, stage=Stage.CLOSED, reason="Moved away", by=intake)
    assert shown(intake) == []


# --- ended inquiries ------------------------------------------------------------------------------------------------


def end(intake: StaffMember, number: int = 1, *, reason: str = "Found help nearer home", **facts: Any) -> Inquiry:
    """A call of the day with this number in 2025, closed."""
    with time_machine.travel(datetime.datetime(2025, 1, 1, 17, tzinfo=datetime.UTC), tick=False):
        inquiry = inquiries.take(by=intake, **{"given_name": f"Robin{number:03}", **facts})
        inquiry = inquiries.move(inquiry=inquiry, stage=Stage.CLOSED, reason=reason, by=intake)
    taken_at = datetime.datetime(2025, 1, 1, 17, tzinfo=datetime.UTC) + datetime.timedelta(days=number // 2)
    Inquiry.objects.filter(pk=inquiry.pk).update(taken_at=taken_at)
    return inquiry


def names(answer: Any) -> list[str]:
    return [each.given_name for each in answer.context["page"].inquiries]


def test_every_ended_inquiry_is_reached_from_the_board(intake: StaffMember, signed_in: SignIn) -> None:
    for number in range(103):
        end(intake, number)
    inquiries.take(by=intake, given_name="Waiting")
    desk, url = signed_in(intake), reverse("cases:inquiries_ended")
    assert f'href="{url}"' in as_read(desk.get(reverse("cases:inquiries")))
    answer = desk.get(url)
    pages = [names(answer)]
    while following := answer.context["next_url"]:
        answer = desk.get(url + following)
        pages.append(names(answer))
    assert [len(page) for page in pages] == [50, 50, 3]
    assert [name for page in pages for name in page] == [f"Robin{number:03}" for number in reversed(range(103))]
    assert "103 inquiries" in words(answer)
    assert answer.context["first_url"] == url


def test_found_by_words_that_stand_in_no_address(intake: StaffMember, signed_in: SignIn) -> None:
    end(intake, 1, given_name="José", family_name="Núñez", payer="Medicaid", call_back_phone="(555) 010-0142")
    end(intake, 2, given_name="Robin", caller_name="Ana Nunez", reason="Went to “Harbor House”")
    desk, url = signed_in(intake), reverse("cases:inquiries_ended")

    def found(text: str, query: str = "") -> list[str]:
        answer = desk.post(url + query, {"words": text})
        assert text.split()[0] not in answer["Location"]
        return names(desk.get(answer["Location"] if answer["Location"][0] == "/" else url + answer["Location"]))

    assert found("nunez") == ["Robin", "José"]
    assert found("jose nunez") == ["José"]
    assert found("harbor") == ["Robin"]
    assert found("555-010-0142") == found("(555) 010 0142") == found("0100142") == ["José"]
    assert found("medicaid harbor") == []
    assert "No closed inquiries match" in words(desk.get(url))
    assert found("nunez", "?stage=closed&after=3") == ["Robin", "José"]
    assert found("nunez", "?stage=referred") == []
    desk.post(url, {"words": ""})
    assert len(names(desk.get(url))) == 2


@pytest.mark.parametrize(
    ("given", "family", "typed"),
    [
        ("Sean", "O’Brien", ["o'brien", "OBrien", "o brien", "brien, sean", "O`BRIEN"]),
        ("Maria", "de la Cruz", ["delacruz", "De La Cruz Maria", "cruz"]),
        ("José", "García-López", ["garcia lopez", "Garcialopez", "lopez jose"]),
        ("伟", "王", ["王伟", "伟王", "王"]),
        ("Đức", "Nguyễn", ["nguyen duc", "NGUYỄN"]),
        ("Ali", "al‑Masri", ["almasri", "al masri", "al-masri"]),
    ],
)
def test_ended_inquiries_are_searched_as_names_are_read(
    intake: StaffMember, given: str, family: str, typed: list[str]
) -> None:
    """The one owner of how names compare is cases.people.names."""
    wanted = end(intake, 1, given_name=given, family_name=family, reason="Asked for the counselor’s number")
    end(intake, 2, given_name="Robin", family_name="Sample")
    everything = ended_inquiries.ended(intake)
    for words in [*typed, f"{typed[0]} counselor's", f"{typed[0]} number"]:
        assert list(ended_inquiries.matching(everything, words)) == [wanted], words
    called = end(intake, 3, given_name="Robin", caller_name=f"{given} {family}")
    assert set(ended_inquiries.matching(everything, typed[-1])) == {wanted, called}
    assert ended_inquiries.matching(everything, "…").count() == 3


def test_found_by_how_it_ended_and_by_days_of_the_clinic(intake: StaffMember, signed_in: SignIn) -> None:
    one = end(intake, 1)
    inquiries.move(inquiry=end(intake, 2), stage=Stage.REFERRED, reason="Needs detox first", by=intake)
    late = datetime.datetime.combine(D(2025, 1, 9), datetime.time(23, 30), intake.clinic.zone)
    Inquiry.objects.filter(pk=one.pk).update(taken_at=late)
    desk, url = signed_in(intake), reverse("cases:inquiries_ended")
    assert names(desk.get(f"{url}?stage=referred")) == ["Robin002"]
    assert names(desk.get(f"{url}?since=2025-01-09")) == ["Robin001"]
    assert names(desk.get(f"{url}?since=2025-01-09&until=2025-01-09")) == ["Robin001"]
    assert names(desk.get(f"{url}?until=2025-01-08")) == ["Robin002"]
    wrong = desk.get(f"{url}?since=sometime")
    assert "Enter a valid date" in words(wrong)
    assert len(names(desk.get(f"{url}?after=nonsense"))) == 2


def test_ended_inquiries_of_others_stay_theirs(
    intake: StaffMember, counselor: StaffMember, other_clinic: Clinic, signed_in: SignIn
) -> None:
    end(intake, 1)
    url = reverse("cases:inquiries_ended")
    for reader in (counselor, factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")):
        answer = signed_in(reader).get(url)
        assert names(answer) == []
        assert "No closed inquiries yet" in words(answer)
    assert ended_inquiries.ended(counselor).count() == 0


def test_a_list_of_three_costs_what_a_list_of_one_costs(intake: StaffMember, signed_in: SignIn) -> None:
    desk, url = signed_in(intake), reverse("cases:inquiries_ended")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(url).status_code == 200
        return len(captured)

    end(intake, 1)
    desk.get(url)
    one = queries()
    end(intake, 2)
    end(intake, 3)
    assert queries() == one


def test_looking_for_earlier_calls_costs_one_query(intake: StaffMember, waiting: Inquiry) -> None:
    for _ in range(3):
        inquiries.take(by=intake, given_name="Catherine", family_name="Lopez", next_action_at=timezone.now())
    with CaptureQueriesContext(connection) as captured:
        found = earlier_calls.alike(staff_member=intake, given_name="Catherine", family_name="Lopez")
        assert {str(each.inquiry.taken_by) for each in found} == {str(intake)}
    assert (len(found), len(captured)) == (4, 1)


def test_a_number_that_a_household_shares_stands_below_and_folded(
    intake: StaffMember, make_client: object, signed_in: object
) -> None:
    """The one owner of what says who somebody is: cases.people.matching.says_who."""
    for place, name in enumerate(("Anna", "Boris", "Clara", "Dmitri", "Elena")):
        other = make_client(given_name=name, family_name="Household", birth_date=datetime.date(1960 + place, 1, 2))
        registration.add_contact(client=other, kind="phone", value="555 010 0142", by=intake)
        inquiries.take(by=intake, given_name=name, family_name="Household", call_back_phone="555 010 0142")
    told = {"given_name": "Marcus", "family_name": "Fictional", "call_back_phone": "(555) 010-0142"}
    mine = inquiries.take(by=intake, **told)
    desk = signed_in(intake)
    beside = as_read(
        desk.post(
            reverse("cases:inquiry_matches"),
            {"entry_key": str(uuid.uuid4()), "relation": "self", "language": "English", **told},
        )
    )
    page = as_read(desk.get(reverse("cases:inquiry", args=[mine.pk])))
    for each in (beside, page):
        above, _, folded = each.partition("Others with the same")
        assert "Household" not in above
        assert "Household" in folded
    # a first name that agrees is enough to be seen at once
    registration.change(client=other, given_name="Marcus", by=intake)
    page = as_read(desk.get(reverse("cases:inquiry", args=[mine.pk])))
    assert "Marcus Household" in page.partition("Others with the same")[0]


def test_the_last_name_of_a_household_beside_another_birth_date_says_nothing_of_who(
    intake: StaffMember, make_client: object, signed_in: object
) -> None:
    mother = make_client(given_name="Anna", family_name="Mockhart", birth_date=datetime.date(1960, 1, 2))
    registration.add_contact(client=mother, kind="phone", value="555 010 0142", by=intake)
    inquiries.take(
        by=intake, given_name="Leonard", family_name="Mockhart", birth_date=datetime.date(1984, 2, 9),
        call_back_phone="555 010 0142",
    )  # fmt: skip
    mine = inquiries.take(
        by=intake, given_name="Carmen", family_name="Mockart", birth_date=datetime.date(2000, 1, 14),
        call_back_phone="555 010 0142",
    )  # fmt: skip
    page = as_read(signed_in(intake).get(reverse("cases:inquiry", args=[mine.pk])))
    above, _, folded = page.partition("<summary>Other")
    assert "Mockhart" not in above
    for name in ("Anna Mockhart", "Leonard Mockhart"):
        assert name in folded

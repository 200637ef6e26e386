"""The way in through its pages: the call, the board, finding the person, admission, episodes."""

import datetime
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.episodes import admissions
from cases.intake import inquiries
from cases.models import Client, Inquiry, TreatmentEpisode
from cases.people import registration
from staff.models import Program, StaffMember
from tests import factories

D = datetime.date
BORN = D(1985, 4, 3)


@pytest.fixture
def former(make_client: object, program: Program, supervisor: StaffMember, intake: StaffMember) -> Client:
    client = make_client(given_name="Catherine", family_name="Lopez", birth_date=BORN)
    registration.add_contact(client=client, kind="phone", value="(555) 010-0142", by=intake)
    episode = admissions.admit(
        client=client, program=program, level_of_care="1", admitted_on=D(2025, 1, 6), by=supervisor
    )
    admissions.discharge(episode=episode, discharged_on=D(2025, 6, 2), reason="completed", by=supervisor)
    return client


def call(**more: object) -> dict:
    return {"entry_key": str(uuid.uuid4()), "relation": "self", "language": "English", **more}


def test_from_the_call_to_the_readmission(
    former: Client, intake: StaffMember, counselor: StaffMember, program: Program, signed_in: object
) -> None:
    desk = signed_in(intake)
    said = call(given_name="Kathy", family_name="Lopes", birth_date="1985-03-04", reason="Drinking again")
    beside = desk.post(reverse("cases:inquiry_matches"), said).content.decode()
    assert "Catherine Lopez" in beside
    assert "birth date with day and month swapped" in beside
    assert "phone ends in 0142" in beside
    answer = desk.post(reverse("cases:take_inquiry"), said)
    inquiry = Inquiry.objects.get()
    assert answer["Location"] == reverse("cases:inquiry", args=[inquiry.pk])
    page = desk.get(answer["Location"]).content.decode()
    assert "Link this person and start readmission" in page
    desk.post(reverse("cases:inquiry_link", args=[inquiry.pk]), {"client": former.pk, "counselor": counselor.pk})
    inquiry.refresh_from_db()
    assert (inquiry.client, inquiry.assigned_to, inquiry.stage) == (former, counselor, Inquiry.Stage.SCREENING)

    office = signed_in(counselor)
    assert office.get(reverse("cases:inquiry", args=[inquiry.pk])).status_code == 200
    admit = reverse("cases:admit", args=[former.pk])
    assert "Admitted here once" in office.get(f"{admit}?inquiry={inquiry.pk}").content.decode()
    office.post(
        f"{admit}?inquiry={inquiry.pk}",
        {
            "program": program.pk,
            "level_of_care": "1",
            "admitted_on": timezone.localdate(timezone=former.clinic.zone).isoformat(),
        },
    )
    episode = TreatmentEpisode.objects.get(discharged_on=None)
    assert (episode.client, episode.inquiry, episode.presenting_reason) == (former, inquiry, "return")
    assert episode.prior_episode.discharge_reason == "completed"


def test_a_form_sent_twice_is_one_call(intake: StaffMember, signed_in: object) -> None:
    desk, said = signed_in(intake), call(given_name="Robin")
    for _ in range(2):
        assert desk.post(reverse("cases:inquiry_autosave"), said).status_code == 200
    assert Inquiry.objects.get().is_draft
    for _ in range(2):
        desk.post(reverse("cases:take_inquiry"), said)
    desk.post(reverse("cases:inquiry_autosave"), {**said, "given_name": "Late"})
    inquiry = Inquiry.objects.get()
    assert (inquiry.is_draft, inquiry.given_name) == (False, "Robin")


def test_the_plain_button_looks_without_saving(former: Client, intake: StaffMember, signed_in: object) -> None:
    answer = signed_in(intake).post(
        reverse("cases:take_inquiry"), call(given_name="Catherine", family_name="Lopez", look="1")
    )
    assert "Save and continue with Catherine" in answer.content.decode()
    assert not Inquiry.objects.exists()


def test_a_refused_call_keeps_what_was_typed(intake: StaffMember, signed_in: object) -> None:
    answer = signed_in(intake).post(reverse("cases:take_inquiry"), call(payer="County"))
    assert answer.status_code == 422
    assert "Enter at least a name" in answer.content.decode()
    assert 'value="County"' in answer.content.decode()


def test_each_danger_sign_says_what_to_do(intake: StaffMember, signed_in: object) -> None:
    page = signed_in(intake).get(reverse("cases:take_inquiry")).content.decode()
    for sign in Inquiry.DangerSign:
        assert f'id="do-{sign.value}"' in page


def test_namesakes_are_chosen_only_after_a_second_identifier(
    intake: StaffMember, make_client: object, signed_in: object
) -> None:
    one, two = (make_client(given_name="Maria", family_name="Lopez", birth_date=BORN) for _ in range(2))
    inquiry = inquiries.take(by=intake, given_name="Maria", family_name="Lopez", birth_date=BORN)
    desk, link = signed_in(intake), reverse("cases:inquiry_link", args=[inquiry.pk])
    assert (
        "2 people have this name and birth date"
        in desk.get(reverse("cases:inquiry", args=[inquiry.pk])).content.decode()
    )
    assert "Check a second identifier first" in desk.post(link, {"client": one.pk}).content.decode()
    inquiry.refresh_from_db()
    assert inquiry.client is None
    desk.post(link, {"client": two.pk, "asked": "on"})
    inquiry.refresh_from_db()
    assert inquiry.client == two
    found = desk.get(reverse("cases:clients"), {"q": "maria lopez"}).content.decode()
    assert reverse("cases:client_which", args=[one.pk]) in found
    which = desk.get(reverse("cases:client_which", args=[one.pk])).content.decode()
    assert f"No. {one.pk}" in which
    assert f"No. {two.pk}" in which


def test_what_was_looked_for_stands_in_no_address(former: Client, intake: StaffMember, signed_in: object) -> None:
    desk = signed_in(intake)
    answer = desk.post(reverse("cases:clients"), {"q": "kathy lopes"})
    assert answer["Location"] == reverse("cases:clients")
    assert "Catherine Lopez" in desk.get(answer["Location"]).content.decode()
    desk.post(reverse("cases:clients"), {"q": ""})
    assert "Find" in desk.get(reverse("cases:clients")).content.decode()


def test_registering_somebody_much_like_a_former_client_asks_first(
    former: Client, intake: StaffMember, signed_in: object
) -> None:
    desk, new = signed_in(intake), reverse("cases:client_new")
    typed = {
        "given_name": "Catherine",
        "family_name": "Lopez",
        "birth_date": "1985-04-03",
        "language": "English",
        "named_by_others": "on",
    }
    assert "Possible matches" in desk.post(new, typed).content.decode()
    assert Client.objects.filter(family_name="Lopez").count() == 1
    desk.post(new, {**typed, "looked": "on", "phone": "(555) 010-0177"})
    assert Client.objects.filter(family_name="Lopez").count() == 2
    assert Client.objects.latest("pk").contact_points.get().normalized == "+15550100177"


def test_another_clinics_records_are_not_there(
    former: Client, intake: StaffMember, other_clinic: object, signed_in: object
) -> None:
    inquiry = inquiries.take(by=intake, given_name="Robin")
    stranger = signed_in(factories.StaffMemberFactory(clinic=other_clinic, role="supervisor"))
    for name, pk in (
        ("inquiry", inquiry.pk),
        ("inquiry_edit", inquiry.pk),
        ("inquiry_balance", inquiry.pk),
        ("client_edit", former.pk),
        ("client_which", former.pk),
        ("episodes", former.pk),
        ("admit", former.pk),
    ):
        assert stranger.get(reverse(f"cases:{name}", args=[pk])).status_code == 404
    assert "Lopez" not in stranger.get(reverse("cases:clients"), {"q": "lopez"}).content.decode()
    assert "Robin" not in stranger.get(reverse("cases:inquiries")).content.decode()


def test_a_counselor_does_not_see_who_is_on_other_care_teams(
    former: Client, counselor: StaffMember, signed_in: object
) -> None:
    office = signed_in(counselor)
    for url in (reverse("cases:clients"), reverse("cases:clients") + "?q=lopez"):
        assert "Lopez, Catherine" not in office.get(url).content.decode()
        assert "Catherine Lopez" not in office.get(url).content.decode()
    assert office.get(reverse("cases:episodes", args=[former.pk])).status_code == 404


def queries(browser: object, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("url", ["/inquiries/", "/clients/", "/clients/?q=person"])
def test_lists_cost_the_same_with_one_row_and_with_three(
    url: str, intake: StaffMember, counselor: StaffMember, make_client: object, program: Program,
    supervisor: StaffMember, signed_in: object,
) -> None:  # fmt: skip
    def add(number: int) -> None:
        client = make_client(given_name="Test", family_name=f"Person{'abc'[number]}")
        admissions.admit(client=client, program=program, level_of_care="1", admitted_on=D(2026, 1, 5), by=supervisor)
        inquiry = inquiries.take(by=intake, given_name="Robin")
        inquiries.link(inquiry=inquiry, client=client, assigned_to=counselor, by=intake)

    desk = signed_in(intake)
    desk.get(url)
    add(0)
    one = queries(desk, url)
    add(1)
    add(2)
    assert queries(desk, url) == one


def test_clients_are_paged_by_key(intake: StaffMember, make_client: object, signed_in: object) -> None:
    for number in range(53):
        make_client(family_name=f"Person{number:03}")
    desk = signed_in(intake)
    first = desk.get(reverse("cases:clients"))
    assert len(first.context["page"].clients) == 50
    second = desk.get(reverse("cases:clients") + first.context["next_url"])
    assert [client.family_name for client in second.context["page"].clients] == ["Person050", "Person051", "Person052"]
    assert not second.context["next_url"]


def test_level_and_discharge_through_the_pages(
    client_record: Client, counselor: StaffMember, program: Program, signed_in: object
) -> None:
    episode = admissions.admit(
        client=client_record, program=program, level_of_care="1", admitted_on=D(2026, 1, 5), by=counselor
    )
    office, args = signed_in(counselor), [client_record.pk, episode.pk]
    level = {"level_of_care": "2.1", "starts_at": "2026-02-04T09:00", "reason": "More support"}
    refused = office.post(reverse("cases:change_level", args=args), {**level, "starts_at": "2026-01-01T09:00"})
    assert "before the admission" in refused.content.decode()
    office.post(reverse("cases:change_level", args=args), level)
    assert [period.level_code for period in episode.level_of_care_periods.all()] == ["1", "2.1"]
    office.post(
        reverse("cases:discharge", args=args), {"discharged_on": "2026-03-02", "reason": "completed", "planned": "yes"}
    )
    episode.refresh_from_db()
    assert (episode.discharged_on, episode.discharge_planned) == (D(2026, 3, 2), True)
    page = office.get(reverse("cases:episodes", args=[client_record.pk])).content.decode()
    assert "Mar 2, 2026" in page


def test_contact_points_one_preferred_of_a_kind(
    client_record: Client, counselor: StaffMember, signed_in: object
) -> None:
    office = signed_in(counselor)
    for value in ("(555) 010-0101", "(555) 010-0102"):
        office.post(
            reverse("cases:contact_add", args=[client_record.pk]),
            {"kind": "phone", "value": value, "is_preferred": "on"},
        )
    preferred = client_record.contact_points.get(is_preferred=True)
    assert preferred.value == "(555) 010-0102"
    twice = office.post(
        reverse("cases:contact_add", args=[client_record.pk]), {"kind": "phone", "value": "555 010 0102"}
    )
    assert "already on record" in twice.content.decode()
    office.post(reverse("cases:contact_end", args=[client_record.pk, preferred.pk]))
    assert client_record.contact_points.current().get().value == "(555) 010-0101"


def test_a_changed_surname_is_kept_and_still_finds_her(
    client_record: Client, counselor: StaffMember, signed_in: object
) -> None:
    office = signed_in(counselor)
    office.post(
        reverse("cases:client_edit", args=[client_record.pk]),
        {"given_name": "Robin", "family_name": "Newname", "language": "English", "named_by_others": "on"},
    )
    client_record.refresh_from_db()
    assert (client_record.family_name, client_record.former_family_name) == ("Newname", "Sample")
    assert "Newname" in office.get(reverse("cases:clients"), {"q": "robin sample"}).content.decode()


def test_looking_for_former_clients_works_on_a_call_that_was_saved_before(
    intake: StaffMember, client_record: Client, signed_in: object
) -> None:
    """The button without scripts, on the page on which a call is completed."""
    call = inquiries.take(by=intake, reason="Called for a sister")
    browser = signed_in(intake)  # type: ignore[operator]
    sent = {"relation": "sibling", "given_name": "Robin", "family_name": "Sample", "language": "English", "look": "1"}
    answer = browser.post(reverse("cases:inquiry_edit", args=[call.pk]), sent)
    assert answer.status_code == 200
    assert client_record.full_name in answer.content.decode()
    wrong = browser.post(reverse("cases:inquiry_edit", args=[call.pk]), {**sent, "birth_date": "tomorrow"})
    assert wrong.status_code == 422
    assert "tomorrow" in wrong.content.decode()

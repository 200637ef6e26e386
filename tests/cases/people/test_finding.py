"""Former clients are found again as people say their names on the phone."""

import datetime
import itertools

import pytest
from django.db import connection

from cases.models import Client
from cases.models.people.client import NameSound
from cases.people import finding, matching, registration, search_query
from staff.models import Clinic, StaffMember
from staff.reading import answer
from tests import factories
from tests.ownership import as_owner

D = datetime.date
BORN = D(1985, 4, 3)
CLIENTS = 20_000


@pytest.fixture
def maria(make_client: object, intake: StaffMember) -> Client:
    client = make_client(
        given_name="Catherine", family_name="Lopez", former_family_name="Whitfield", birth_date=BORN, ssn_last4="4821"
    )
    registration.add_contact(client=client, kind="phone", value="(555) 010-0142", by=intake)
    return client


@pytest.fixture(autouse=True)
def _others(make_client: object) -> None:
    for number, family in enumerate(("Garcia", "Nguyen", "Okafor", "Petrov", "Haddad", "Young")):
        make_client(given_name="Sam", family_name=family, birth_date=D(1970, 1, 1) + datetime.timedelta(number))


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"given_name": "Catherine", "family_name": "Lopes"}, "last name sounds the same"),
        ({"given_name": "Kathryn", "family_name": "Lopez"}, "first name sounds the same"),
        ({"given_name": "Katie", "family_name": "Lopez"}, "Katie and Catherine may be the same name"),
        ({"given_name": "Catherine", "family_name": "Lomez"}, "last name spelled almost the same"),
        ({"given_name": "Catherine", "family_name": "Whitfeild"}, "former last name sounds the same"),
        ({"given_name": "Lopez", "family_name": "Catherine"}, "first and last name swapped"),
        ({"given_name": "Cathy", "birth_date": D(1985, 3, 4)}, "birth date with day and month swapped"),
        ({"given_name": "Catherine", "family_name": "Newname", "birth_date": BORN}, "same birth date"),
        ({"given_name": "Catherine", "phone": "+1 555 010 0142"}, "same phone"),
        ({"phone": "555.010.0142"}, "same phone number (may be shared)"),
        ({"ssn_last4": "4821"}, "same last 4 of SSN (not unique)"),
        ({"given_name": "Kate", "family_name": "Lomez"}, "Kate and Catherine may be the same name"),
        ({"given_name": "Cathy", "family_name": "Lopez", "ssn_last4": "4821"}, "same last 4"),
        ({"given_name": "Catherine", "family_name": "Lopez", "birth_date": D(1986, 4, 3)}, "off by one digit"),
    ],
)
def test_found_again(maria: Client, intake: StaffMember, known: dict, reason: str) -> None:
    matches = finding.likely(staff_member=intake, **known)
    assert matches[0].client == maria
    assert any(reason in each for each in matches[0].reasons), matches[0].reasons


def test_the_more_that_agrees_the_higher_the_score(maria: Client, intake: StaffMember) -> None:
    def score(**known: object) -> int:
        return finding.likely(staff_member=intake, given_name="Cathy", family_name="Lopes", **known)[0].score

    assert (
        score() < score(birth_date=D(1985, 3, 4)) < score(birth_date=BORN) < score(birth_date=BORN, phone="5550100142")
    )


def test_nobody_is_made_up(maria: Client, intake: StaffMember) -> None:
    assert finding.likely(staff_member=intake, given_name="Zebulon", family_name="Quartermaine") == []
    assert finding.likely(staff_member=intake, given_name="Catherine") == []


def test_two_people_with_one_name_and_birth_date_are_both_shown(intake: StaffMember, make_client: object) -> None:
    one = make_client(given_name="Maria", family_name="Lopez", birth_date=BORN, ssn_last4="1111", city="Austin")
    two = make_client(given_name="Maria", family_name="Lopez", birth_date=BORN, ssn_last4="2222", city="Dallas")
    matches = finding.likely(staff_member=intake, given_name="Maria", family_name="Lopez", birth_date=BORN)
    assert {match.client for match in matches[:2]} == {one, two}
    assert matches[0].namesakes == (matches[1].client,)
    assert finding.namesakes(one, staff_member=intake) == [two]
    assert Client.objects.filter(merged_into=None, family_name="Lopez").count() == 2


def test_a_counselor_finds_only_their_own_clients(
    maria: Client, counselor: StaffMember, client_record: Client, other_clinic: Clinic
) -> None:
    assert finding.likely(staff_member=counselor, given_name="Catherine", family_name="Lopez", birth_date=BORN) == []
    assert finding.search(staff_member=counselor, text="Sample")[0].client == client_record
    stranger = factories.StaffMemberFactory(clinic=other_clinic, role="intake")
    assert finding.likely(staff_member=stranger, given_name="Catherine", family_name="Lopez", birth_date=BORN) == []
    assert finding.search(staff_member=stranger, text=f"#{maria.pk}") == []


@pytest.mark.parametrize(
    "text",
    [
        "lopez",
        "Lopez, Catherine",
        "cathrine lopes",
        "04/03/1985",
        "lopez 1985-04-03",
        "555-010-0142",
        "kathy lopez",
        "lop",
    ],
)
def test_one_search_box_understands_names_dates_and_numbers(maria: Client, intake: StaffMember, text: str) -> None:
    assert finding.search(staff_member=intake, text=text)[0].client == maria


def test_search_by_client_number(maria: Client, intake: StaffMember) -> None:
    assert finding.search(staff_member=intake, text=f"#{maria.pk}")[0].client == maria


@pytest.fixture
def roz(make_client: object, intake: StaffMember) -> Client:
    client = make_client(
        given_name="Rosalind",
        preferred_name="Roz",
        family_name="Samplewood",
        birth_date=D(1988, 5, 14),
        ssn_last4="0042",
    )
    registration.add_contact(client=client, kind="phone", value="518 555 0142", by=intake)
    return client


@pytest.mark.parametrize("text", ["Roz Samplewood", "Samplewood, Roz", "Samplewood Roz", "Ros Sampelwood", "roz", "ro"])
def test_somebody_is_found_by_the_name_they_go_by(roz: Client, intake: StaffMember, text: str) -> None:
    assert roz in [match.client for match in finding.search(staff_member=intake, text=text)]


def test_the_name_they_go_by_counts_on_a_call_too(roz: Client, intake: StaffMember) -> None:
    match = finding.likely(staff_member=intake, given_name="Roz", family_name="Samplewood")[0]
    assert (match.client, match.score) == (roz, 50)
    assert "same name they go by" in match.reasons


@pytest.mark.parametrize("given", ["Kate", "Kathy", "Katherine"])
def test_a_nickname_and_a_misspelt_surname_at_once(intake: StaffMember, make_client: object, given: str) -> None:
    client = make_client(given_name="Catherine", family_name="Wojciechowski")
    assert finding.search(staff_member=intake, text=f"{given} Wojciehowski")[0].client == client
    match = finding.likely(staff_member=intake, given_name=given, family_name="Wojciehowski")[0]
    assert match.client == client
    assert any("spelled almost the same" in reason for reason in match.reasons)


def _numbered(make_client: object, number: int, **names: str) -> Client:
    """A client with just this number; the sequence may have given it to somebody of this test already."""
    there = Client.objects.filter(pk=number)
    return there.first() or make_client(pk=number, **names)


@pytest.mark.parametrize("number", ["#{0}", "No. {0}", "no {0}", "{0}"])
def test_a_number_is_a_client_number(roz: Client, intake: StaffMember, number: str) -> None:
    match = finding.search(staff_member=intake, text=number.format(roz.pk))[0]
    assert (match.client, match.reasons) == (roz, ("client number",))


@pytest.mark.parametrize(
    "day", ["5/14/88", "5/14/1988", "05-14-88", "1988-05-14", "14 May 1988", "May 14, 1988", "14/5/88", "05141988"]
)
def test_a_name_with_a_birth_date_however_written(
    roz: Client, intake: StaffMember, make_client: object, day: str
) -> None:
    _numbered(make_client, 5, given_name="Not", family_name="Meant")
    _numbered(make_client, 14, given_name="Nor", family_name="Shethis")
    for text in (f"Samplewood {day}", f"{day} Samplewood, Rosalind", day):
        match = finding.search(staff_member=intake, text=text)[0]
        assert match.client == roz
        assert "same birth date" in match.reasons


def test_a_year_of_two_digits_lies_behind_us() -> None:
    def year(text: str) -> int:
        return search_query.read(text, today=D(2026, 3, 9)).known.birth_date.year  # type: ignore[union-attr]

    assert [year(text) for text in ("3/9/26", "3/10/26", "1/1/30", "12/31/99")] == [2026, 1926, 1930, 1999]


def test_four_digits_are_offered_as_both(maria: Client, intake: StaffMember, make_client: object) -> None:
    numbered = _numbered(make_client, 4821, given_name="Robin", family_name="Number")
    found = finding.search(staff_member=intake, text="4821")
    assert [match.client for match in found] == [numbered, maria]
    assert "same last 4" in found[1].reasons[0]
    assert [match.client for match in finding.search(staff_member=intake, text="#4821")] == [numbered]
    assert finding.search(staff_member=intake, text="Lopez 4821")[0].client == maria


def test_digits_beside_a_name_lead_to_nobody_else(maria: Client, intake: StaffMember, make_client: object) -> None:
    _numbered(make_client, 42, given_name="Robin", family_name="Elsewhere")
    assert [match.client for match in finding.search(staff_member=intake, text="Lopez 42")] == [maria]
    assert finding.search(staff_member=intake, text=f"Lopez {maria.pk}")[0].reasons == ("client number",)


def test_a_phone_that_a_household_shares_shows_everybody(
    maria: Client, intake: StaffMember, make_client: object
) -> None:
    son = make_client(given_name="Luis", family_name="Mora", birth_date=D(2005, 9, 9))
    registration.add_contact(client=son, kind="phone", value="555 010 0142", by=intake)
    found = finding.likely(staff_member=intake, phone="(555) 010-0142")
    assert {match.client for match in found} == {maria, son}
    assert {match.likelihood for match in found} == {"Possible"}
    last_four = finding.likely(staff_member=intake, ssn_last4="4821")
    assert last_four[0].score < found[0].score


def test_a_merged_record_is_not_offered(maria: Client, intake: StaffMember, make_client: object) -> None:
    Client.objects.filter(pk=maria.pk).update(merged_into=make_client(family_name="Elsewhere"))
    assert finding.likely(staff_member=intake, given_name="Catherine", family_name="Lopez") == []


def test_accents_do_not_hide_anybody(intake: StaffMember, make_client: object) -> None:
    client = make_client(given_name="José", family_name="Núñez")
    assert finding.search(staff_member=intake, text="jose nunez")[0].client == client
    for text in ("nunez", "Nun", "Núñ", "Munez", "NUÑEZ"):
        assert finding.search(staff_member=intake, text=text)[0].client == client, text
    match = finding.likely(staff_member=intake, given_name="Jose", family_name="Nunez")[0]
    assert (match.client, match.score) == (client, 50)
    assert finding.likely(staff_member=intake, family_name="Nunez")[0].client == client


def _many(clinic: Clinic) -> None:
    starts, middles, ends = (
        "BCDFGHJKLMNPRSTVW",
        ("al", "er", "in", "ond", "us", "ark"),
        ("son", "er", "ley", "ez", "ov"),
    )
    families = [s + m + e for s in starts for m, e in itertools.product(middles, ends)]
    givens = [s + m for s in starts for m in ("ary", "ohn", "ella", "ian", "orah")]
    people = zip(itertools.cycle(families), itertools.cycle(givens), range(CLIENTS))
    Client.objects.bulk_create(
        [
            Client(
                clinic=clinic,
                given_name=given,
                family_name=family,
                preferred_name="Roz" if number % 10 == 0 else "",
                birth_date=D(1950, 1, 1) + datetime.timedelta(number % 18_000),
            )
            for family, given, number in people
        ],
        batch_size=5_000,
    )
    with as_owner(), connection.cursor() as cursor:
        for index in (
            "client_names_trigram",
            "client_former_name_trigram",
            "client_by_words_of_name",
            "client_by_sounds_of_name",
        ):
            cursor.execute("SELECT gin_clean_pending_list(%s)", [index])  # as autovacuum does within a minute
        cursor.execute("ANALYZE cases_client")
        cursor.execute("ANALYZE cases_contactpoint")


def test_every_path_to_a_person_stays_on_an_index(clinic: Clinic, maria: Client, intake: StaffMember) -> None:
    _many(clinic)
    known = finding.Identifiers("Kathryn", "Lopes", BORN, "+15550100142", "4821")
    plans = [path.explain() for path in finding.candidates(intake, known)]
    assert len(plans) == 11
    for plan in plans:
        assert "Seq Scan on cases_client" not in plan, plan
        assert "client_list_by_name" not in plan, plan  # the whole list in order is no better than the whole table
    assert (
        finding.likely(
            staff_member=intake, given_name="Kathryn", family_name="Lopes", birth_date=BORN, phone="555 010 0142"
        )[0].client
        == maria
    )
    by_one_word = [path.explain() for path in finding.candidates(intake, finding.Identifiers(family_name="Lopes"))]
    assert len(by_one_word) == 3
    for plan in by_one_word:
        assert "Seq Scan on cases_client" not in plan, plan
        assert "client_list_by_name" not in plan, plan


@pytest.mark.parametrize("at_most", [1, 3, 5, 100])
@pytest.mark.parametrize("said", ["Monarsonn", "Lopez Garcia", "Lopez", "De la Cruz", "Yu Monarson", "Kim", "son"])
def test_looking_among_the_nearest_first_finds_no_others(
    said: str, at_most: int, clinic: Clinic, intake: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One name is compared with all others only if too few are half alike: the same people either way."""
    families = ("Monarson", "Monarsan", "Monson", "Lopez Garcia", "García-López", "Lopes", "De la Cruz", "Delacruz")
    Client.objects.bulk_create(
        [Client(clinic=clinic, given_name="Sam", family_name=family) for family in (*families, "Kimson") for _ in "12"]
    )
    monkeypatch.setattr(finding, "CANDIDATES_PER_PATH", at_most)
    given, _, family = said.rpartition(" ") if said.startswith("Yu") else ("", "", said)
    known = finding.Identifiers(given, family)
    found = answer(finding._found(intake, known, only_begun=False))
    assert found == {pk for path in finding.candidates(intake, known) for pk in path}


def test_the_nearest_are_found_by_index(clinic: Clinic, intake: StaffMember) -> None:
    _many(clinic)
    [nearest] = finding._spelt_so(intake, finding.Identifiers(family_name="Bersonn"), near=True)
    plan = finding._numbers(nearest).explain()
    assert "client_names_trigram" in plan
    assert "Seq Scan on cases_client" not in plan


def test_of_many_who_sound_alike_the_one_spelt_most_alike_is_first(clinic: Clinic, intake: StaffMember) -> None:
    alike = [Client(clinic=clinic, given_name="Sam", family_name="Monarsan") for _ in range(150)]
    *_, wanted = Client.objects.bulk_create([*alike, Client(clinic=clinic, given_name="Sam", family_name="Monarson")])
    for text in ("Monarsonn", "Sam Monarsonn"):
        assert finding.search(staff_member=intake, text=text)[0].client == wanted


def test_the_database_computes_the_sound(maria: Client) -> None:
    assert Client.objects.annotate(sound=NameSound("given_name")).get(pk=maria.pk).sound == "K0RN"


def test_an_accent_hides_nobody_who_says_one_name(intake: StaffMember, make_client: object) -> None:
    client = make_client(given_name="José", family_name="Núñez")
    assert finding.search(staff_member=intake, text="Nunez")[0].client == client


@pytest.mark.parametrize(
    ("known", "reasons"),
    [
        ({"phone": "(518) 555-0142"}, (matching.SAME_PHONE[1],)),
        ({"ssn_last4": "0042"}, (matching.SAME_LAST_FOUR[1],)),
    ],
)
def test_a_phone_or_four_digits_alone_are_enough_to_be_shown(
    roz: Client, intake: StaffMember, known: dict, reasons: tuple
) -> None:
    assert [(each.client, each.reasons) for each in finding.likely(staff_member=intake, **known)] == [(roz, reasons)]
    assert finding.likely(staff_member=intake, ssn_last4="9999") == []


@pytest.mark.parametrize(
    "text",
    ["Samplewood 5/14/88", "samplewood 5-14-1988", "14 May 1988", "May 14, 1988", "0042", "samplewood 0042"],
)
def test_digits_in_the_search_box_mean_what_people_mean_by_them(roz: Client, intake: StaffMember, text: str) -> None:
    assert finding.search(staff_member=intake, text=text)[0].client == roz


def test_a_number_is_a_clients_where_it_is_said_so(roz: Client, maria: Client, intake: StaffMember) -> None:
    for text in (f"#{maria.pk}", f"No. {maria.pk}", f"{maria.pk}"):
        assert finding.search(staff_member=intake, text=text)[0].client == maria
    assert search_query.read("Samplewood 5/14/88", today=D(2026, 3, 9)).number is None

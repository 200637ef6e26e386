"""What is read without one client in the address leaves a row: lists, searches, exports, and the administration."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import merging
from cases.episodes import admissions
from cases.intake import inquiries
from cases.models import Client, Inquiry
from counseling import measures, notes, signing
from privacy import list_log
from privacy.models import ChartAccess, Consent, ListAccess
from staff import records_read
from staff.models import StaffMember
from tests import factories
from tests.counseling.tampering import behind_the_triggers
from tests.ownership import as_owner

from .test_consents import COMPLETE

# Their rows name a client by way of another row: none of these pages left an access row.
INDIRECT = [
    "counseling.Addendum", "counseling.PlanReview", "counseling.PlanReviewGoal", "counseling.PlanSignature",
    "counseling.MeasureWithdrawal", "cases.EpisodeDataSet", "cases.ClientMerge",
]  # fmt: skip


@pytest.mark.parametrize("label", INDIRECT)
def test_every_model_of_the_administration_leads_to_its_client(label: str) -> None:
    assert list_log.path_to_client(apps.get_model(label))


@pytest.fixture
def rows(client_record: Client, counselor: StaffMember, supervisor: StaffMember) -> dict[str, Any]:
    """A row of each of these kinds about one client."""
    episode = factories.TreatmentEpisodeFactory(
        client=client_record, program=factories.ProgramFactory(clinic=client_record.clinic), admitted_by=counselor
    )
    note = notes.start(client=client_record, episode=episode, by=counselor)
    notes.save_draft(note=note, version=note.version, by=counselor, sections={"plan": "Call on Friday."})
    note.refresh_from_db()
    signing.sign(note=note, by=counselor)
    measure = measures.record(client=client_record, instrument="phq-9", answers=[1] * 8 + [0], by=counselor)
    twin = factories.ClientFactory(clinic=client_record.clinic, counselor=counselor)
    return {
        "counseling_addendum": signing.add_addendum(note=note, text="Went on.", reason="Left out", by=counselor),
        "counseling_measurewithdrawal": measures.withdraw(measure=measure, reason="Of somebody else", by=counselor),
        "cases_clientmerge": merging.merge(keep=client_record, absorb=twin, by=supervisor),
    }


@pytest.mark.parametrize("kind", ["counseling_addendum", "counseling_measurewithdrawal", "cases_clientmerge"])
def test_a_page_and_a_list_of_the_administration_say_whose_record_was_read(
    rows: dict[str, Any], client_record: Client, supervisor: StaffMember, signed_in: Any, kind: str
) -> None:
    supervisor.is_staff = True
    supervisor.save()
    browser = signed_in(supervisor)
    answer = browser.get(reverse(f"admin:{kind}_change", args=[rows[kind].pk]))
    assert answer.status_code == 200
    row = ChartAccess.objects.get(view_name=f"admin:{kind}_change")
    assert (row.client_id, row.staff_member) == (client_record.pk, supervisor)
    assert browser.get(reverse(f"admin:{kind}_changelist")).status_code == 200
    listed = ListAccess.objects.get(view_name=f"admin:{kind}_changelist")
    assert client_record.pk in listed.client_ids


def test_a_search_says_what_was_asked_and_whom_it_found_even_nobody(
    client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    browser = signed_in(counselor)
    browser.get(reverse("cases:clients"), {"q": "Sample"})
    [row] = ListAccess.objects.all()
    assert (row.staff_member, row.asked, row.how_many) == (counselor, {"q": "Sample"}, 1)
    assert row.client_ids == [client_record.pk]
    browser.get(reverse("cases:clients"), {"q": "Nobodysname"})
    row = ListAccess.objects.latest("pk")
    assert (row.asked, row.how_many, row.client_ids) == ({"q": "Nobodysname"}, 0, [])


def test_words_that_are_sent_in_a_form_are_logged_too(
    client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    """The box at the top of every page sends a form: names don't belong in addresses."""
    browser = signed_in(counselor)
    browser.post(reverse("cases:client_suggest"), {"q": "Nobodysname"})
    row = ListAccess.objects.latest("pk")
    assert (row.view_name, row.asked, row.how_many) == ("cases:client_suggest", {"q": "Nobodysname"}, 0)
    browser.post(reverse("cases:clients"), {"q": "Nobodyelse"}, follow=True)
    row = ListAccess.objects.latest("pk")
    assert (row.view_name, row.asked, row.how_many) == ("cases:clients", {"q": "Nobodyelse"}, 0)
    browser.post(reverse("cases:client_suggest"), {"q": "Sampl"})
    row = ListAccess.objects.latest("pk")
    assert (row.asked, row.client_ids) == ({"q": "Sampl"}, [client_record.pk])


def test_a_padded_address_hides_no_search(client_record: Client, counselor: StaffMember, signed_in: Any) -> None:
    junk = "&".join(f"a{number}=1" for number in range(20))
    signed_in(counselor).get(f"{reverse('cases:clients')}?{junk}&q={'x' * 300}&q=Nobody+Atall")
    [row] = ListAccess.objects.filter(view_name="cases:clients")
    assert row.asked["q"].startswith("Nobody Atall")


def test_a_list_says_of_how_many_and_of_which_if_they_are_few(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, signed_in: Any, monkeypatch: Any
) -> None:
    for _ in range(4):
        factories.ClientFactory(clinic=client_record.clinic)
    browser = signed_in(supervisor)
    browser.get(reverse("cases:clients"))
    row = ListAccess.objects.latest("pk")
    assert row.how_many == len(row.client_ids) == 5
    monkeypatch.setattr(list_log, "FEW", 3)
    browser.get(reverse("cases:clients"))
    row = ListAccess.objects.latest("pk")
    assert (row.how_many, row.client_ids) == (5, [])


ADMISSIONS = {"point": "admission", "since": "2026-01-01", "until": "2026-12-31"}


def admit(client: Client, program: Any, by: StaffMember) -> None:
    day = datetime.date(2026, 3, 2)
    admissions.admit(client=client, program=program, level_of_care="2.1", admitted_on=day, by=by)


def test_an_export_is_logged_with_its_dates_and_its_count_before_its_first_byte(
    client_record: Client, supervisor: StaffMember, program: Any, signed_in: Any, make_client: Any, time_machine: Any
) -> None:
    time_machine.move_to(datetime.datetime(2026, 6, 15, 16, tzinfo=datetime.UTC), tick=False)
    other = make_client(family_name="Elsewhere")
    for each in (client_record, other):
        admit(each, program, supervisor)
    make_client(family_name="Never admitted")
    answer = signed_in(supervisor).post(reverse("cases:state_report"), ADMISSIONS)
    assert answer.streaming
    row = ListAccess.objects.get(view_name="cases:state_report")
    assert (row.how_many, row.client_ids) == (2, sorted([client_record.pk, other.pk]))
    assert row.asked.items() >= ADMISSIONS.items()
    late = make_client(family_name="Admitted meanwhile")
    admit(late, program, supervisor)
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert sorted(line.split(",")[0] for line in lines[1:]) == sorted(f"{each.pk}" for each in (client_record, other))
    # Who came meanwhile was read, though not sent: another row says so, and the first is as it was.
    first, second = ListAccess.objects.filter(view_name="cases:state_report").order_by("position")
    assert (first.how_many, first.hash) == (2, row.hash)
    assert (second.how_many, second.client_ids) == (1, [late.pk])
    call_command("verify_audit")


def test_an_export_of_nobody_says_so(supervisor: StaffMember, signed_in: Any) -> None:
    signed_in(supervisor).post(reverse("cases:state_report"), ADMISSIONS)
    assert ListAccess.objects.get(view_name="cases:state_report").how_many == 0


def test_a_copy_of_a_record_counts_the_one_whose_it_is(
    client_record: Client, privacy_officer: StaffMember, signed_in: Any
) -> None:
    form = {"form": "json", "to": "client"}
    answer = signed_in(privacy_officer).post(reverse("privacy:record_copy_give", args=[client_record.pk]), form)
    assert answer.streaming
    assert b'"parts"' in b"".join(answer.streaming_content)
    [row] = ListAccess.objects.all()
    assert (row.how_many, row.client_ids) == (1, [client_record.pk])


def test_a_file_that_cannot_be_logged_on_the_way_ends_there() -> None:
    def fail(_: set[int]) -> None:
        raise DatabaseError("no space left")

    def lines() -> Iterator[bytes]:
        yield b"headings"
        records_read.note(7)
        yield b"somebody"

    sent = list_log.followed(lines(), logged={3}, add=fail)
    assert next(sent) == b"headings"
    with pytest.raises(DatabaseError):
        next(sent)


def test_a_list_that_cannot_be_logged_is_not_read(
    client_record: Client, counselor: StaffMember, signed_in: Any, monkeypatch: Any
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise DatabaseError("no space left")

    monkeypatch.setattr(ListAccess, "save", fail)
    with pytest.raises(DatabaseError):
        signed_in(counselor).get(reverse("cases:clients"))


def test_a_chart_of_ones_own_address_is_logged_once(
    client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    signed_in(counselor).get(reverse("privacy:client_consents", args=[client_record.pk]))
    assert ChartAccess.objects.count() == 1
    assert not ListAccess.objects.exists()


def test_both_logs_are_one_statement(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, signed_in: Any
) -> None:
    """The page of a merge reads the other record, too."""
    twin = factories.ClientFactory(
        clinic=client_record.clinic, given_name=client_record.given_name, family_name=client_record.family_name
    )
    browser = signed_in(supervisor)
    with CaptureQueriesContext(connection) as asked:
        browser.get(reverse("cases:merge", args=[client_record.pk]), {"other": twin.pk})
    chart = ChartAccess.objects.get(view_name="cases:merge")
    assert chart.client_id == client_record.pk
    [listed] = ListAccess.objects.all()
    assert listed.client_ids == [twin.pk]
    assert sum("INSERT INTO" in query["sql"] for query in asked) == 1
    call_command("verify_audit")


def test_it_costs_one_statement(client_record: Client, counselor: StaffMember, signed_in: Any) -> None:
    browser = signed_in(counselor)
    browser.get(reverse("cases:clients"))
    with CaptureQueriesContext(connection) as asked:
        browser.get(reverse("cases:clients"))
    assert sum("privacy_listaccess" in query["sql"] for query in asked) == 1


def test_the_privacy_officer_finds_who_read_of_a_client(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, privacy_officer: StaffMember, signed_in: Any
) -> None:
    other = factories.ClientFactory(clinic=client_record.clinic)
    signed_in(counselor).get(reverse("cases:clients"), {"q": "Sample"})
    signed_in(supervisor).get(reverse("cases:clients"), {"q": other.family_name})
    url = reverse("privacy:list_log")
    for person in (counselor, supervisor):
        assert signed_in(person).get(url).status_code == 403
    browser = signed_in(privacy_officer)
    found = browser.get(url, {"client": client_record.pk}).context["page"].rows
    assert {(row.staff_member, row.asked["q"]) for row in found} == {(counselor, "Sample")}
    assert len(browser.get(url).context["page"].rows) == 2
    assert browser.get(url, {"client": "x", "since": "never"}).status_code == 200


@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM privacy_listaccess", "UPDATE privacy_listaccess SET how_many = 0", "TRUNCATE privacy_listaccess"],
)
def test_the_log_is_not_unmade_and_tampering_shows(
    client_record: Client, counselor: StaffMember, signed_in: Any, sql: str
) -> None:
    browser = signed_in(counselor)
    for _ in range(2):
        browser.get(reverse("cases:clients"))
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(sql)
    call_command("verify_audit")
    behind_the_triggers("privacy_listaccess", "UPDATE privacy_listaccess SET client_ids = '{}' WHERE position = 1")
    with pytest.raises(CommandError, match=r"privacy\.ListAccess"):
        call_command("verify_audit")


def test_nothing_is_noted_outside_a_request(client_record: Client) -> None:
    assert not records_read.is_noting()
    with records_read.noting() as found:
        list(Client.objects.all())
        list(Client.objects.values_list("pk"))
    assert found == {client_record.pk}


def test_rows_about_a_client_count_without_the_client(client_record: Client, counselor: StaffMember) -> None:
    from privacy import consents

    consents.record(client=client_record, type="disclosure", by=counselor, **COMPLETE)
    with records_read.noting() as found:
        list(Consent.objects.all())
    assert found == {client_record.pk}
    assert json.dumps(sorted(found))


CALLERS = list_log.CALLERS


@pytest.mark.parametrize("name", ["cases:inquiries", "cases:inquiries_ended", "cases:places", "appointments:book_whom"])
def test_lists_of_callers_leave_a_row_that_names_the_calls(
    intake: StaffMember, supervisor: StaffMember, signed_in: Any, name: str
) -> None:
    """People who only called are in no chart: these lists showed their names and left no row."""
    program = factories.ProgramFactory(clinic=intake.clinic)
    calls = []
    for number in range(2):
        call = inquiries.take(by=intake, given_name=f"Caller{number}", family_name="Fictiveman", reason="A bed")
        if name == "cases:inquiries_ended":
            inquiries.move(inquiry=call, stage="closed", reason="Found a bed elsewhere", by=intake)
        if name == "cases:places":
            inquiries.move(inquiry=call, stage="waitlist", reason="No bed", program=program, by=intake)
        calls.append(call)
    answer = signed_in(supervisor).get(reverse(name))
    assert answer.content.decode().count("Fictiveman") >= 2
    row = ListAccess.objects.get(view_name=name)
    assert row.asked[CALLERS] == f"{calls[0].pk}, {calls[1].pk}"
    assert row.how_many == 2


def test_a_linked_call_counts_for_its_client_and_no_address_hides_or_makes_up_a_call(
    client_record: Client, intake: StaffMember, supervisor: StaffMember, signed_in: Any
) -> None:
    linked = inquiries.take(by=intake, given_name="Robin", family_name="Sample", reason="A bed")
    inquiries.link(inquiry=linked, client=client_record, by=intake)
    other = inquiries.take(by=intake, given_name="Kim", family_name="Fictiveman", reason="A bed")
    junk = {f"a{number}": "1" for number in range(20)}
    signed_in(supervisor).get(reverse("cases:inquiries"), {**junk, CALLERS: "999"})
    row = ListAccess.objects.get(view_name="cases:inquiries")
    assert (row.asked[CALLERS], row.how_many, row.client_ids) == (f"{other.pk}", 2, [client_record.pk])


def test_ones_own_call_as_it_is_typed_is_no_list(intake: StaffMember, signed_in: Any) -> None:
    browser, key = signed_in(intake), "0b0d2fd2-3a8e-4a4c-9d39-1e1e9c0d8a11"
    for name in ("Ro", "Robin"):
        answer = browser.post(reverse("cases:inquiry_autosave"), {"entry_key": key, "given_name": name})
        assert answer.status_code == 200
    assert Inquiry.objects.get().given_name == "Robin"
    assert not ListAccess.objects.exists()
    browser.get(reverse("cases:inquiry", args=[Inquiry.objects.get().pk]))
    assert not ListAccess.objects.exists()  # it has a row of its own in the other log
    assert ChartAccess.objects.filter(view_name="cases:inquiry").count() == 1


def test_the_list_of_unfinished_state_data_leaves_a_row(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, signed_in: Any
) -> None:
    """Its rows come one by one, past the queryset that notes them."""
    factories.TreatmentEpisodeFactory(client=client_record, admitted_by=counselor)
    asked = {"point": "admission", "since": "2026-01-01", "until": "2026-01-31"}
    page = signed_in(supervisor).get(reverse("cases:state_report"), asked).content.decode()
    assert f"/clients/{client_record.pk}/" in page
    assert ListAccess.objects.get(view_name="cases:state_report").client_ids == [client_record.pk]

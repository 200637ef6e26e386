"""The accounting of disclosures: six years or fewer, who, where, what, why and when, and that it was given."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from cases.models import Client
from privacy import accounting, disclosures, for_others, giving, minors, request_queue
from privacy.models import AskedAbout, ChartAccess, Disclosure, RecordGiven
from staff.models import AuditEntry, Clinic, Role, StaffMember
from staff.refusals import NotPermitted
from tests import factories

SignIn = Callable[[StaffMember], Browser]
Recipient = giving.Recipient


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def read(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).replace("\n", " ")


def ago(years: int, days: int = 0) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=years * 365 + days)


def told(client: Client, by: StaffMember, recipient: str, at: datetime.datetime | None = None) -> Disclosure:
    return disclosures.record(
        client=client, recipient=recipient, affiliation="Example Hospital", address="1 Sample Street, Albany",
        what="Current medication", why="Found unresponsive", basis="emergency", no_consent="unable", disclosed_at=at,
        by=by,
    )  # fmt: skip


@pytest.fixture
def shared(client_record: Client, counselor: StaffMember, clinic: Clinic, other_clinic: Clinic) -> Client:
    """Disclosures of now, four and seven years ago, and some of other people."""
    told(client_record, counselor, "Dr. Lee Recent")
    told(client_record, counselor, "Dr. Ann Earlier", ago(4))
    told(client_record, counselor, "Dr. Sam Ancient", ago(7))
    told(factories.ClientFactory(clinic=clinic, counselor=counselor), counselor, "Dr. Not Theirs")
    return client_record


def usual(client: Client) -> dict[str, datetime.date]:
    since, until = accounting.usual_time(client)
    return {"since": since, "until": until}


def request_of(client: Client, by: StaffMember, kind: str = "accounting") -> AskedAbout:
    asked = minors.record_asked(about="Robin Sample", relation="self", way="letter", kind=kind, by=by)
    request_queue.identify(request=asked, client=client, by=by)
    return asked


def test_it_goes_six_years_back_unless_fewer_are_wanted(shared: Client, privacy_officer: StaffMember) -> None:
    def names(since: datetime.date) -> list[str]:
        rows = accounting.of_client(client=shared, since=since, until=shared.today, by=privacy_officer)
        return [row.recipient for row in rows]

    today = shared.today
    assert names(usual(shared)["since"]) == ["Dr. Lee Recent", "Dr. Ann Earlier"]
    assert usual(shared)["since"] == accounting.years_before(today, 6)
    assert names(accounting.years_before(today, 3)) == ["Dr. Lee Recent"]
    for since, until in (
        (accounting.years_before(today, 6) - datetime.timedelta(days=1), today),
        (today, today - datetime.timedelta(days=1)),
        (today, today + datetime.timedelta(days=1)),
    ):
        with pytest.raises(accounting.NotThatTime):
            accounting.of_client(client=shared, since=since, until=until, by=privacy_officer)


def test_three_years_before_a_leap_day() -> None:
    assert accounting.years_before(datetime.date(2028, 2, 29), 3) == datetime.date(2025, 3, 1)
    assert accounting.years_before(datetime.date(2026, 11, 29), 6) == datetime.date(2020, 11, 29)


def test_the_page_the_printed_sheet_and_the_pdf_say_who_where_what_why_and_when(
    shared: Client, privacy_officer: StaffMember, signed_in: SignIn
) -> None:
    office = signed_in(privacy_officer)
    page = text(office.get(reverse("privacy:accounting", args=[shared.pk]))).partition("Give it to the client")[0]
    give = reverse("privacy:accounting_give", args=[shared.pk])
    facts = {**{name: f"{day}" for name, day in usual(shared).items()}, "to": "client"}
    printed = text(office.post(give, facts | {"form": "paper"}))
    answer = office.post(give, facts | {"form": "pdf"})
    assert answer["Content-Type"] == "application/pdf"
    assert "Robin" not in answer["Content-Disposition"]
    pdf = read(answer.content)
    day = f"{timezone.localdate(timezone=shared.clinic.zone):%B %-d, %Y}"
    for said in ("Dr. Lee Recent", "Example Hospital", "1 Sample Street, Albany", "Current medication", "unresponsive"):
        assert all(said in shown for shown in (page, printed, pdf)), said
    for shown in (page, printed, pdf):
        assert "Dr. Not Theirs" not in shown
        assert "Dr. Ann Earlier" in shown
        assert "Dr. Sam Ancient" not in shown
    assert day in printed
    assert day in pdf
    fewer = {"since": f"{accounting.years_before(shared.today, 3)}"}
    shown = text(office.get(reverse("privacy:accounting", args=[shared.pk]), fewer))
    assert "Dr. Ann Earlier" not in shown.partition("Give it to the client")[0]


def test_giving_it_is_recorded_audited_logged_and_closes_its_request(
    shared: Client, privacy_officer: StaffMember, signed_in: SignIn
) -> None:
    asked, office = request_of(shared, privacy_officer), signed_in(privacy_officer)
    facts = {name: f"{day}" for name, day in usual(shared).items()}
    give = reverse("privacy:accounting_give", args=[shared.pk])
    office.post(give, facts | {"form": "pdf", "to": "client", "asked": f"{asked.pk}"})
    row = RecordGiven.objects.get()
    assert (row.what, row.asked, row.contents, row.clinic) == ("accounting", asked, {"disclosures": 2}, shared.clinic)
    entry = AuditEntry.objects.get(act="privacy.give")
    assert (entry.client_id, entry.subject_id, entry.details["request"]) == (shared.pk, row.pk, asked.pk)
    assert ChartAccess.objects.filter(client_id=shared.pk, view_name="privacy:accounting_give").exists()
    why = "The list of three years was handed over."
    request_queue.close(request=asked, outcome="given", reason=why, by=privacy_officer)
    assert "PDF, to The client" in text(office.get(reverse("privacy:accounting", args=[shared.pk])))


def test_what_was_given_stays_on_record(shared: Client, privacy_officer: StaffMember) -> None:
    row, _ = accounting.give(client=shared, form="pdf", recipient=Recipient(), by=privacy_officer, **usual(shared))
    for statement in (
        f"UPDATE privacy_recordgiven SET to_name = 'other' WHERE id = {row.pk}",
        f"DELETE FROM privacy_recordgiven WHERE id = {row.pk}",
        "TRUNCATE privacy_recordgiven",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_only_the_privacy_officer_of_the_clinic_gives_it(
    shared: Client, counselor: StaffMember, supervisor: StaffMember, intake: StaffMember, other_clinic: Clinic,
    make_staff: Any, signed_in: SignIn,
) -> None:  # fmt: skip
    page, give = (reverse(f"privacy:{name}", args=[shared.pk]) for name in ("accounting", "accounting_give"))
    stranger = make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)
    assert [signed_in(stranger).get(page).status_code, signed_in(stranger).post(give).status_code] == [404, 404]
    for person in (counselor, supervisor, intake):
        assert [signed_in(person).get(page).status_code, signed_in(person).post(give).status_code] == [403, 403]
    for person in (counselor, supervisor, intake, stranger):
        with pytest.raises(NotPermitted):
            accounting.give(client=shared, form="pdf", recipient=Recipient(), by=person, **usual(shared))
    assert not RecordGiven.objects.exists()


def test_it_answers_only_a_waiting_request_of_this_client_for_this(
    shared: Client, privacy_officer: StaffMember, clinic: Clinic, counselor: StaffMember
) -> None:
    by = privacy_officer
    unidentified = minors.record_asked(about="Robin", relation="self", way="letter", kind="accounting", by=by)
    of_another = request_of(factories.ClientFactory(clinic=clinic), by)
    for_a_copy = request_of(shared, by, "record_copy")
    closed = request_of(shared, by)
    request_queue.close(request=closed, outcome="withdrawn", reason="They no longer want it.", by=by)
    for asked in (unidentified, of_another, for_a_copy, closed):
        with pytest.raises(giving.AnotherRequest):
            accounting.give(client=shared, form="pdf", recipient=Recipient(), asked=asked, by=by, **usual(shared))


def test_to_whom_it_may_be_given(shared: Client, privacy_officer: StaffMember, counselor: StaffMember) -> None:
    def give(recipient: giving.Recipient, client: Client = shared) -> tuple[RecordGiven, Any]:
        return accounting.give(client=client, form="pdf", recipient=recipient, by=privacy_officer, **usual(client))

    with pytest.raises(giving.WhoActs):
        give(Recipient("for_client", "Maria Example", "…"))
    _, own = give(Recipient())
    _, guardians = give(Recipient("for_client", "Maria Example", "Guardian by court order"))
    assert all(disclosures.NOTICE not in sheet.foot for sheet in (own, guardians))
    with pytest.raises(for_others.DisclosureFirst):
        give(Recipient("other", "Attorney Example"))
    foreign = Disclosure.objects.get(recipient="Dr. Not Theirs")
    with pytest.raises(for_others.DisclosureFirst):
        give(Recipient("other", disclosure=foreign))
    told_all = disclosures.record(
        client=shared, recipient="Example County Court", what="Accounting of disclosures", why="Ordered by the court",
        basis="court_order", authority="Example County Court, No. 12, Nov 2, 2026", by=privacy_officer,
    )  # fmt: skip
    row, sheet = give(Recipient("other", disclosure=told_all))
    assert row.to_name == "Example County Court"
    assert disclosures.NOTICE in sheet.foot


def test_a_parent_gets_nothing_of_a_minor_by_their_own_right(privacy_officer: StaffMember, clinic: Clinic) -> None:
    born = timezone.localdate(timezone=clinic.zone) - datetime.timedelta(days=16 * 366)
    minor = factories.ClientFactory(clinic=clinic, birth_date=born)
    parent = Recipient("for_client", "Maria Example-Parent", "Mother, by birth certificate")
    with pytest.raises(giving.MinorsOwn):
        accounting.give(client=minor, form="pdf", recipient=parent, by=privacy_officer, **usual(minor))
    assert not RecordGiven.objects.exists()

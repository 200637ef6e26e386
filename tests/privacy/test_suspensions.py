"""An agency asks that the client not be told for a time: its disclosures are in no list, then they are again."""

from __future__ import annotations

import datetime
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse
from pypdf import PdfReader

from cases import merging
from cases.models import Client
from privacy import access_reports, accounting, consents, copies, disclosures, giving, suspensions
from privacy.models import AccountingSuspension, Disclosure, RecordGiven
from staff.models import AuditEntry, Clinic, Role, StaffMember
from staff.refusals import NotPermitted
from tests import factories
from tests.factories import AccountingSuspensionFactory
from tests.ownership import as_owner
from tests.privacy.test_consents import COMPLETE

SignIn = Callable[[StaffMember], Browser]
STATE = "State Department of Health"
PROSECUTOR = "Albany County District Attorney"
WHY = "The investigation of the pharmacy would be known to its owner"
NOW = datetime.datetime(2026, 3, 10, 17, 0, tzinfo=datetime.UTC)
TODAY = datetime.date(2026, 3, 10)


@pytest.fixture(autouse=True)
def in_march(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def told(client_record: Client, privacy_officer: StaffMember, counselor: StaffMember) -> Client:
    """Robin's records went to an audit of the state, to a prosecutor by a court's order, and to a hospital."""
    by, about = privacy_officer, {"client": client_record, "what": "Attendance dates of January"}
    disclosures.record(
        **about, recipient="Jo Auditor", affiliation=STATE, why="Audit of the program", basis="audit",
        authority="Agreement not to redisclose, signed Jan 5, 2026", by=by,
    )  # fmt: skip
    disclosures.record(
        **about, recipient=PROSECUTOR, why="Criminal investigation", basis="court_order",
        authority="Albany County Court, docket 77-123, Jan 9, 2026", by=by,
    )  # fmt: skip
    disclosures.record(
        **about, recipient="Dr. Lee Recent", affiliation="Example Hospital", why="Found unresponsive",
        basis="emergency", no_consent="unable", by=counselor,
    )  # fmt: skip
    return client_record


def asked(client: Client, by: StaffMember, **facts: Any) -> AccountingSuspension:
    defaults = {
        "agency": STATE,
        "official": "Sam Sample, chief investigator",
        "statement": WHY,
        "stated_on": TODAY,
        "ends_on": datetime.date(2026, 9, 30),
        "in_writing": True,
    }
    return suspensions.suspend(client=client, by=by, **(defaults | facts))


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def given(client: Client, by: StaffMember) -> list[str]:
    """To whom the list that the client gets says that they were disclosed."""
    since, until = accounting.usual_time(client)
    _, sheet = accounting.give(client=client, since=since, until=until, form="pdf", recipient=giving.Recipient(), by=by)
    assert dict(sheet.facts)["Disclosures"] == str(len(sheet.blocks))
    return sorted(block.heading.partition("M: ")[2] for block in sheet.blocks)


def copied(client: Client, by: StaffMember) -> list[str]:
    row, parts = copies.give(client=client, form="json", recipient=giving.Recipient(), by=by)
    found = json.loads("".join(copies.as_data(row, parts)))
    [part] = [each for each in found["parts"] if each["key"] == "disclosures"]
    return sorted(each["recipient"] for each in part["rows"])


AUDITOR, HOSPITAL = f"Jo Auditor, {STATE}", "Dr. Lee Recent, Example Hospital"


def test_asked_in_writing_the_list_leaves_out_that_agency_and_no_one_else(
    told: Client, privacy_officer: StaffMember, time_machine: Any
) -> None:
    by = privacy_officer
    assert given(told, by) == [PROSECUTOR, HOSPITAL, AUDITOR]
    asked(told, by, agency="STATE  department of health")
    assert given(told, by) == [PROSECUTOR, HOSPITAL]
    assert copied(told, by) == [PROSECUTOR, "Dr. Lee Recent"]
    asked(told, by, agency=PROSECUTOR, ends_on=TODAY + datetime.timedelta(days=2))
    assert given(told, by) == [HOSPITAL]
    time_machine.move_to(NOW + datetime.timedelta(days=3), tick=False)
    assert given(told, by) == [PROSECUTOR, HOSPITAL]
    time_machine.move_to(datetime.datetime(2026, 10, 1, 3, 59, tzinfo=datetime.UTC), tick=False)  # Sep 30 in Albany
    assert given(told, by) == [PROSECUTOR, HOSPITAL]
    time_machine.move_to(datetime.datetime(2026, 10, 1, 4, 1, tzinfo=datetime.UTC), tick=False)
    assert given(told, by) == [PROSECUTOR, HOSPITAL, AUDITOR]
    assert copied(told, by) == [PROSECUTOR, "Dr. Lee Recent", "Jo Auditor"]
    assert Disclosure.objects.filter(client=told).count() == 3


def test_spoken_it_lapses_after_30_days_unless_it_comes_in_writing(
    told: Client, privacy_officer: StaffMember, time_machine: Any
) -> None:
    by, last = privacy_officer, TODAY + datetime.timedelta(days=30)
    with pytest.raises(suspensions.SuspensionNeedsMore, match="at most 30 days") as refused:
        asked(told, by, in_writing=False, ends_on=last + datetime.timedelta(days=1))
    assert refused.value.field == "ends_on"
    asked(told, by, in_writing=False, ends_on=last)
    time_machine.move_to(NOW + datetime.timedelta(days=30), tick=False)
    assert AUDITOR not in given(told, by)
    time_machine.move_to(NOW + datetime.timedelta(days=31), tick=False)
    assert AUDITOR in given(told, by)
    asked(told, by, stated_on=last)  # the statement in writing came on its last day
    assert AUDITOR not in given(told, by)


def test_ended_before_its_day_it_is_in_the_list_again(told: Client, privacy_officer: StaffMember) -> None:
    row = asked(told, privacy_officer)
    with pytest.raises(suspensions.SuspensionNeedsMore):
        suspensions.end(suspension=row, reason="n/a", by=privacy_officer)
    assert AUDITOR not in given(told, privacy_officer)
    ended = suspensions.end(suspension=row, reason="Letter of the agency of Mar 9", by=privacy_officer)
    assert (ended.ended_by, ended.end_reason) == (privacy_officer, "Letter of the agency of Mar 9")
    assert AUDITOR in given(told, privacy_officer)
    again = suspensions.end(suspension=row, reason="Something else entirely", by=privacy_officer)
    assert again.end_reason == "Letter of the agency of Mar 9"
    acts = AuditEntry.objects.filter(client_id=told.pk, act__contains="suspen").values_list("act", "subject_id")
    assert set(acts) == {("privacy.suspend_accounting", row.pk), ("privacy.end_suspension", row.pk)}


def test_what_the_client_consented_to_is_never_left_out(
    told: Client, privacy_officer: StaffMember, counselor: StaffMember
) -> None:
    """42 CFR 2.25 gives the accounting of what was disclosed by consent, whoever got it."""
    asked(told, privacy_officer, agency="Example Hospital")
    asked(told, privacy_officer, agency="Dr. Lee Recent")
    form = consents.record(client=told, type="disclosure", by=counselor, **(COMPLETE | {"recipients": STATE}))
    disclosures.record(
        client=told, recipient=STATE, what="Dates of attendance", why="Coordination", consent=form, by=counselor
    )
    asked(told, privacy_officer)
    assert given(told, privacy_officer) == [PROSECUTOR, HOSPITAL, STATE]


def test_another_clients_list_has_it(
    told: Client, privacy_officer: StaffMember, counselor: StaffMember, clinic: Clinic
) -> None:
    other = factories.ClientFactory(clinic=clinic, counselor=counselor)
    disclosures.record(
        client=other, recipient="Jo Auditor", affiliation=STATE, what="Attendance dates of January",
        why="Audit of the program", basis="audit", authority="Agreement not to redisclose, signed Jan 5, 2026",
        by=privacy_officer,
    )  # fmt: skip
    asked(told, privacy_officer)
    assert given(other, privacy_officer) == [AUDITOR]


def test_a_copy_that_went_to_the_agency_is_not_told_either(told: Client, privacy_officer: StaffMember) -> None:
    by = privacy_officer
    order = disclosures.record(
        client=told, recipient=PROSECUTOR, what="The whole record", why="Criminal investigation", basis="court_order",
        authority="Albany County Court, docket 77-123, Jan 9, 2026", by=by,
    )  # fmt: skip
    copies.give(client=told, form="json", recipient=giving.Recipient("other", disclosure=order), by=by)

    def said() -> str:
        row, parts = copies.give(client=told, form="json", recipient=giving.Recipient(), by=by)
        return "".join(copies.as_data(row, parts))

    assert PROSECUTOR in said()
    asked(told, by, agency=PROSECUTOR)
    assert PROSECUTOR not in said()
    assert "77-123" not in said()


def test_the_officer_records_and_ends_it_and_sees_the_whole_list(
    told: Client, privacy_officer: StaffMember, signed_in: SignIn
) -> None:
    office = signed_in(privacy_officer)
    url = reverse("privacy:accounting_suspensions", args=[told.pk])
    facts = {
        "agency": STATE, "official": "Sam Sample, chief investigator", "statement": WHY, "stated_on": "2026-03-10",
        "ends_on": "2026-04-10",
    }  # fmt: skip
    assert "at most 30 days (45 CFR 164.528" in office.post(url, facts).content.decode()
    for name in (STATE, PROSECUTOR):
        assert f'<option value="{name}">' in office.get(url).content.decode()
    assert "Example Hospital" not in office.get(url).content.decode()
    answer = office.post(url, facts | {"in_writing": "on"}, follow=True).content.decode()
    assert "leaves out nothing" not in answer
    row = AccountingSuspension.objects.get()
    page = office.get(url).content.decode()
    assert STATE in page
    assert "1 disclosure" in page
    page = office.get(reverse("privacy:accounting", args=[told.pk])).content.decode()
    assert "Jo Auditor" in page
    assert page.count("Not in the client’s list") == 1
    since, until = accounting.usual_time(told)
    give = {"since": f"{since}", "until": f"{until}", "to": "client"}
    for form in ("paper", "pdf"):
        answer = office.post(reverse("privacy:accounting_give", args=[told.pk]), give | {"form": form})
        said = text_of(answer.content) if form == "pdf" else answer.content.decode()
        assert "Dr. Lee Recent" in said
        assert not re.search(r"Auditor|Department of Health|suspen|left out", said, re.IGNORECASE)
    assert RecordGiven.objects.latest("pk").contents == {"disclosures": 2}
    end = reverse("privacy:accounting_suspension_end", args=[told.pk, row.pk])
    office.post(end, {f"suspension{row.pk}-reason": "They wrote that it is over"})
    row.refresh_from_db()
    assert row.ended_by == privacy_officer
    assert "They wrote that it is over" in office.get(url).content.decode()


def test_a_name_that_no_disclosure_has_is_said_to_leave_out_nothing(
    told: Client, privacy_officer: StaffMember, signed_in: SignIn
) -> None:
    facts = {
        "agency": "Departement of Health", "official": "Sam Sample, investigator", "statement": WHY,
        "stated_on": "2026-03-10", "ends_on": "2026-04-09",
    }  # fmt: skip
    url = reverse("privacy:accounting_suspensions", args=[told.pk])
    answer = signed_in(privacy_officer).post(url, facts, follow=True).content.decode()
    assert "It leaves out nothing yet: check the agency’s name." in answer
    assert "No audit or court order".lower() in answer.lower()


def test_no_one_else_sees_it_or_can_do_it(
    told: Client, privacy_officer: StaffMember, counselor: StaffMember, supervisor: StaffMember,
    other_clinic: Clinic, make_staff: Any, signed_in: SignIn,
) -> None:  # fmt: skip
    row = asked(told, privacy_officer)
    url = reverse("privacy:accounting_suspensions", args=[told.pk])
    end = reverse("privacy:accounting_suspension_end", args=[told.pk, row.pk])
    stranger = make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)
    for person, status in ((counselor, 403), (supervisor, 403), (stranger, 404)):
        browser = signed_in(person)
        assert [browser.get(url).status_code, browser.post(url).status_code, browser.post(end).status_code] == [
            status
        ] * 3
        assert not AccountingSuspension.objects.visible_to(person).exists()
        with pytest.raises(NotPermitted):
            asked(told, person)
        with pytest.raises(NotPermitted):
            suspensions.end(suspension=row, reason="They wrote that it is over", by=person)
    page = signed_in(counselor).get(reverse("privacy:disclosures", args=[told.pk])).content.decode()
    assert "Jo Auditor" in page
    assert "uspen" not in page


def test_who_opened_the_chart_tells_the_client_nothing_of_it(
    told: Client, privacy_officer: StaffMember, signed_in: SignIn, time_machine: Any
) -> None:
    signed_in(privacy_officer).get(reverse("privacy:accounting_suspensions", args=[told.pk]))
    time_machine.move_to(NOW + datetime.timedelta(minutes=1), tick=False)
    report = access_reports.give(client=told, since=TODAY, until=TODAY, asked_by="client", by=privacy_officer)
    deeds = [
        deed.words
        for person in access_reports.days_of(report, by=privacy_officer)
        for record in person.records
        for deed in record.deeds
    ]
    assert "read the accounting of disclosures" in deeds
    assert not any("suspen" in each for each in deeds)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"agency": "x"}, "agency"),
        ({"official": "…"}, "official"),
        ({"statement": "n/a"}, "statement"),
        ({"ends_on": TODAY}, "ends_on"),
    ],
)
def test_it_says_who_asked_why_and_until_when(
    told: Client, privacy_officer: StaffMember, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(suspensions.SuspensionNeedsMore) as refused:
        asked(told, privacy_officer, **facts)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"in_writing": False, "ends_on": TODAY + datetime.timedelta(days=31)}, "word_of_mouth_is_30_days"),
        ({"ends_on": TODAY}, "ends_after_the_statement"),
        ({"agency": ""}, "says_who_and_why"),
        ({"statement": ""}, "says_who_and_why"),
        ({"ended_at": NOW}, "ended_by_someone_for_a_reason"),
    ],
)
def test_the_database_holds_the_same(client_record: Client, facts: dict[str, Any], rule: str) -> None:
    assert AccountingSuspensionFactory(client=client_record, stated_on=TODAY, in_writing=False)
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        AccountingSuspensionFactory(client=client_record, stated_on=TODAY, **facts)


def test_it_stays_as_recorded_but_for_its_end(told: Client, privacy_officer: StaffMember) -> None:
    row = asked(told, privacy_officer)
    suspensions.end(suspension=row, reason="They wrote that it is over", by=privacy_officer)
    for statement in (
        f"UPDATE privacy_accountingsuspension SET ends_on = '2027-01-01' WHERE id = {row.pk}",
        f"UPDATE privacy_accountingsuspension SET end_reason = 'other' WHERE id = {row.pk}",
        f"DELETE FROM privacy_accountingsuspension WHERE id = {row.pk}",
        f"UPDATE privacy_accountingsuspensionevent SET agency = 'other' WHERE id = {row.pk}",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), as_owner(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_it_moves_in_a_merge_and_its_preview_is_silent(
    told: Client, privacy_officer: StaffMember, supervisor: StaffMember, counselor: StaffMember, clinic: Clinic
) -> None:
    row = asked(told, privacy_officer)
    keep = factories.ClientFactory(clinic=clinic, counselor=counselor)
    assert not any("suspen" in words for words, _ in merging.what_would_move(told))
    merged = merging.merge(keep=keep, absorb=told, by=supervisor)
    assert given(keep, privacy_officer) == [PROSECUTOR, HOSPITAL]
    merging.unmerge(merge=merged, by=supervisor)
    row.refresh_from_db()
    assert row.client == told
    told.refresh_from_db()
    assert given(told, privacy_officer) == [PROSECUTOR, HOSPITAL]


def test_the_page_reads_as_much_for_many(
    told: Client, privacy_officer: StaffMember, signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        asked(told, privacy_officer, agency=f"Agency {number}")
    office = signed_in(privacy_officer)
    for name in ("accounting_suspensions", "accounting"):
        with django_assert_max_num_queries(12):
            office.get(reverse(f"privacy:{name}", args=[told.pk]))

"""The one owner of what is in force is ConsentQuerySet.standing; of days that can be signed on,
consents.check_signature_days.
"""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases.models import Client, ContactPoint
from privacy import chart, consents
from privacy.models import Channel, Consent, ConsentStatus, Stands
from privacy.standing import with_standing
from staff.models import StaffMember

from .test_consents import COMPLETE
from .test_pages import FORM, text

D = datetime.date
ADDRESS = "robin@person.example"
TODAY = D(2026, 3, 2)


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(datetime.datetime(2026, 3, 2, 15, tzinfo=datetime.UTC), tick=False) as traveller:
        yield traveller


def allow(client: Client, by: StaffMember, channel: str = Channel.EMAIL, value: str = ADDRESS) -> Consent:
    return consents.allow_reminders(client=client, channel=channel, value=value, by=by, signed_on=D(2026, 1, 5))


def permitted(client: Client, value: str = f"email:{ADDRESS}") -> bool:
    return consents.permits(client, Consent.Type.REMINDER_CONTACT, value, TODAY)


def disclosure(client: Client, by: StaffMember, **elements: Any) -> Consent:
    return consents.record(client=client, type=Consent.Type.DISCLOSURE, by=by, **{**COMPLETE, **elements})


def signed_tomorrow(client: Client, by: StaffMember) -> Consent:
    """One on record from before such days were refused."""
    consent = consents.draft(client=client, type="disclosure", by=by, **{**COMPLETE, "signed_on": TODAY})
    Consent.objects.filter(pk=consent.pk).update(signed_on=D(2026, 3, 3))
    ConsentStatus.objects.create(consent=consent, status="active", at=timezone.now(), by=by)
    return consent


def test_revoking_the_newer_of_two_revokes_both(client_record: Client, counselor: StaffMember) -> None:
    older, newer = allow(client_record, counselor), allow(client_record, counselor)
    consents.revoke(consent=newer, by=counselor, reason="By phone")
    assert not permitted(client_record)
    assert (
        consents.why_not(client_record, Consent.Type.REMINDER_CONTACT, f"email:{ADDRESS}", TODAY) == "consent revoked"
    )
    assert older.statuses.get(status="revoked").note == "By phone"


def test_one_stays_if_the_person_says_so(client_record: Client, counselor: StaffMember) -> None:
    older, newer = allow(client_record, counselor), allow(client_record, counselor)
    consents.revoke(consent=newer, by=counselor, keep=[older.pk])
    assert permitted(client_record)


def test_a_number_is_meant_on_every_channel_and_another_is_not(client_record: Client, counselor: StaffMember) -> None:
    number = "+15550100123"
    texts = allow(client_record, counselor, Channel.SMS, number)
    allow(client_record, counselor, Channel.VOICE, number)
    allow(client_record, counselor)
    consents.revoke(consent=texts, by=counselor)
    assert not permitted(client_record, f"voice:{number}")
    assert permitted(client_record)


def test_a_disclosure_is_meant_by_purpose_and_recipient(client_record: Client, counselor: StaffMember) -> None:
    first = disclosure(client_record, counselor)
    same = disclosure(client_record, counselor, recipients="Dr. Sample\ncounty hospital")
    other_purpose = disclosure(client_record, counselor, purpose="Housing")
    other_recipient = disclosure(client_record, counselor, recipients="Dr. Sample")
    draft = consents.draft(client=client_record, type="disclosure", by=counselor, **COMPLETE)
    assert consents.for_the_same(first) == [same]
    consents.revoke(consent=first, by=counselor)
    standing = {each.pk: each.stands for each in Consent.objects.standing(TODAY)}
    assert standing == {
        first.pk: Stands.REVOKED,
        same.pk: Stands.REVOKED,
        other_purpose.pk: Stands.IN_FORCE,
        other_recipient.pk: Stands.IN_FORCE,
        draft.pk: Stands.DRAFT,
    }


def test_one_that_would_be_in_force_tomorrow_is_revoked_with_it(client_record: Client, counselor: StaffMember) -> None:
    now, tomorrow = disclosure(client_record, counselor), signed_tomorrow(client_record, counselor)
    asked = (client_record, "Coordination", "County Hospital", D(2026, 3, 3))
    consents.revoke(consent=now, by=counselor)
    assert tomorrow.statuses.filter(status="revoked").exists()
    assert consents.why_not(*asked) == "consent revoked"


def test_revoking_a_draft_touches_nothing_else(client_record: Client, counselor: StaffMember) -> None:
    signed = disclosure(client_record, counselor)
    draft = consents.draft(client=client_record, type="disclosure", by=counselor, **COMPLETE)
    consents.revoke(consent=draft, by=counselor)
    assert Consent.objects.in_force(TODAY).get() == signed


def test_another_clients_consent_for_the_address_stays(
    client_record: Client, make_client: Any, counselor: StaffMember, supervisor: StaffMember
) -> None:
    other = make_client()
    allow(other, supervisor)
    consents.revoke(consent=allow(client_record, counselor), by=counselor)
    assert permitted(other)


def test_the_page_shows_the_others_ticked_and_an_unticked_one_stays(
    client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    older, newer = allow(client_record, counselor), allow(client_record, counselor)
    browser = signed_in(counselor)
    page = reverse("privacy:consent", args=[client_record.pk, newer.pk])
    html = browser.get(page).content.decode()
    assert "Also revoke these consents for the same disclosure" in html
    [box] = [part.split(">")[0] for part in html.split("<input") if 'name="also"' in part.split(">")[0]]
    assert "checked" in box
    assert f'value="{older.pk}"' in box
    act = reverse("privacy:consent_revoke", args=[client_record.pk, newer.pk])
    browser.post(act, {"reason": "By phone", "shown": str(older.pk)})
    assert permitted(client_record)


@pytest.mark.parametrize("sent", [{}, {"also": "all"}, {"shown": "", "also": ""}, {"also": "x", "shown": "² 99 x"}])
def test_whatever_else_is_sent_revokes_all(
    sent: dict[str, str], client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    allow(client_record, counselor)
    newer = allow(client_record, counselor)
    signed_in(counselor).post(reverse("privacy:consent_revoke", args=[client_record.pk, newer.pk]), sent)
    assert not permitted(client_record)


def test_a_page_on_which_one_was_revoked_meanwhile_revokes_what_was_left_ticked(
    client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    """All three were ticked, and one of them is over when the page comes back; a fourth was unticked and stays."""
    left, over, newer = (allow(client_record, counselor) for _ in range(3))
    unticked = allow(client_record, counselor)
    consents.revoke(consent=over, by=counselor, keep=[left.pk, newer.pk, unticked.pk])
    sent = {"also": [left.pk, over.pk], "shown": f"{left.pk} {over.pk} {unticked.pk}", "reason": "x" * 301}
    signed_in(counselor).post(reverse("privacy:consent_revoke", args=[client_record.pk, newer.pk]), sent)
    stands = {each.pk: each.stands for each in Consent.objects.standing(TODAY)}
    assert {stands[each.pk] for each in (left, over, newer)} == {Stands.REVOKED}
    assert stands[unticked.pk] == Stands.IN_FORCE


def test_every_page_says_the_same_of_one_that_is_not_in_force_yet(
    client_record: Client, counselor: StaffMember, signed_in: Any, today: Any
) -> None:
    """Nobody says that it is in force."""
    consent = signed_tomorrow(client_record, counselor)
    asked = (client_record, "Coordination", "County Hospital")
    assert consents.why_not(*asked, TODAY) == "consent not signed yet"
    assert not Consent.objects.in_force(TODAY).exists()
    [row] = with_standing(Consent.objects.prefetch_related("statuses"), TODAY)
    assert (row.words, row.in_force) == ("Not active until Mar 3, 2026", False)
    panel = chart.panel(client=client_record, staff_member=counselor, now=timezone.now())
    assert panel is not None
    assert panel.context["standings"] == []
    browser = signed_in(counselor)
    for name, args in (("consent", [client_record.pk, consent.pk]), ("client_consents", [client_record.pk])):
        said = text(browser.get(reverse(f"privacy:{name}", args=args)))
        assert "Not active until Mar 3, 2026" in said
        assert "Active " not in said
    assert consents.permits(*asked, D(2026, 3, 3))


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (D(26, 1, 5), "Did you mean 2026"),
        (D(1899, 12, 31), "before 1900"),
        (D(1985, 5, 16), "before the client was born"),
        (D(2026, 3, 4), "in the future"),
        (D(2062, 1, 5), "in the future"),
    ],
)
def test_an_impossible_day_is_refused_by_form_function_and_database(
    day: datetime.date, words: str, client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    elements = {**COMPLETE, "signed_on": day, "expires_on": D(2070, 1, 1)}
    for put in (consents.draft, consents.record):
        with pytest.raises(consents.NotSignedThen, match=words):
            put(client=client_record, type="disclosure", by=counselor, **elements)
    draft = consents.draft(client=client_record, type="disclosure", by=counselor, **COMPLETE)
    with pytest.raises(consents.NotSignedThen, match=words):
        consents.amend(consent=draft, by=counselor, signed_on=day)
    new = reverse("privacy:consent_new", args=[client_record.pk]) + "?type=disclosure"
    for button in ({"activate": "1"}, {}):
        answer = signed_in(counselor).post(new, {**FORM, "signed_on": day.isoformat(), "expires_on": "", **button})
        field = answer.content.decode().split('id="div_id_signed_on"')[1]
        assert words in field.split("</form>")[0]
        assert f'value="{day.isoformat()}"' in field
    assert Consent.objects.get() == draft
    with pytest.raises(IntegrityError, match="signed"):
        force(draft, day, by=counselor)


def force(draft: Consent, day: datetime.date, *, by: StaffMember) -> None:
    """Past every function."""
    with transaction.atomic():
        Consent.objects.filter(pk=draft.pk).update(signed_on=day, expires_on=D(2070, 1, 1))
        ConsentStatus.objects.create(consent=draft, status="active", at=timezone.now(), by=by)


def test_tomorrow_is_not_signed_yet(client_record: Client, counselor: StaffMember) -> None:
    with pytest.raises(consents.NotSignedThen, match="in the future"):
        disclosure(client_record, counselor, signed_on=D(2026, 3, 3))


def test_a_signature_after_the_end_is_refused(client_record: Client, counselor: StaffMember) -> None:
    with pytest.raises(consents.NotSignedThen) as refused:
        disclosure(client_record, counselor, expires_on=D(2026, 1, 4))
    assert refused.value.field == "expires_on"


def test_a_form_from_before_the_rule_may_still_be_moved_by_a_merge(
    client_record: Client, make_client: Any, counselor: StaffMember
) -> None:
    older = make_client(birth_date=D(1950, 1, 1))
    consent = Consent.objects.create(client=older, type="disclosure", signed_on=D(1970, 1, 1), recorded_by=counselor)
    assert Consent.objects.filter(pk=consent.pk).update(client=client_record) == 1  # born in 1985


def test_reminders_stop_at_once(client_record: Client, counselor: StaffMember) -> None:
    """Scenario 8's rule with two consents: what waits finds neither."""
    from reminders import contacts

    ContactPoint.objects.create(
        client=client_record, kind="email", value=ADDRESS, normalized=ADDRESS, messages_ok=True, is_preferred=True
    )
    allow(client_record, counselor)
    newer = allow(client_record, counselor)
    [way] = contacts.ways(client_record, timezone.now())
    assert (way.point.normalized, way.why_not) == (ADDRESS, "")
    consents.revoke(consent=newer, by=counselor)
    [way] = contacts.ways(client_record, timezone.now())
    assert way.why_not == "consent revoked"

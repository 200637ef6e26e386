"""The pages of referrals to places: a story by forms alone, and who must not see it."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import safety
from cases.models import Client
from privacy.models import Disclosure
from referrals.models import ServicePlace, ServiceReferral
from referrals.other_help import chart, referring
from staff.models import Clinic, Role, StaffMember
from tests import factories

SignIn = Callable[[StaffMember], Browser]
DAY = datetime.timedelta(days=1)


def page(browser: Browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, url
    return " ".join(answer.content.decode().split())


def test_from_consent_to_keys_by_forms_alone(
    desk: Browser, client_record: Client, counselor: StaffMember, harbor: ServicePlace
) -> None:
    args, today = [client_record.pk], client_record.today
    new = reverse("referrals:service_refer", args=args) + "?kind=housing"
    assert "?kind=housing" in page(desk, reverse("referrals:client_services", args=args))
    tab = f'<a href="{reverse("referrals:client_referrals", args=args)}" aria-current="page">'
    assert tab in page(desk, reverse("referrals:client_services", args=args))
    shown = page(desk, new)
    assert "No active consent lets you say who" in shown
    assert "Referral for housing" in shown
    sent = {
        "kind": "housing", "place": harbor.pk, "need": "A room of his own", "how": "call", "spoke_with": "Dana Example",
        "name_client": "on", "what": "Name, phone number, and that they ask for housing", "why": "Referral for housing",
        "accepted": "on", "appointment_on": (today + DAY).isoformat(), "appointment_time": "09:30",
        "note": "Dana holds the room.", "happened_on": today.isoformat(),
    }  # fmt: skip
    refused = desk.post(new, sent)
    assert refused.status_code == 422
    assert "Ask the client to sign one that names it" in refused.content.decode()
    assert "Dana holds the room." in refused.content.decode()  # what was typed is kept
    assert not ServiceReferral.objects.exists()

    consent = reverse("privacy:consent_new", args=args) + "?type=disclosure"
    assert f"{consent}" in shown.replace("&amp;", "&")
    desk.post(
        consent,
        {
            "discloser": "Example Clinic", "recipients": "Harbor House", "purpose": "Help with housing",
            "description": "Name, phone number, and need for housing", "right_to_revoke_stated": "on",
            "expires_on": (today + 90 * DAY).isoformat(), "signed_on": today.isoformat(),
            "signed_by_name": client_record.full_name, "activate": "1",
        },
    )  # fmt: skip
    assert "What: Name, phone number, and need for housing" in page(desk, new)
    done = desk.post(new, sent)
    referral = ServiceReferral.objects.get()
    own = reverse("referrals:service", args=[client_record.pk, referral.pk])
    assert done["Location"] == own
    assert Disclosure.objects.get().recipient == "Harbor House"
    shown = page(desk, own)
    assert "The client’s name was shared with Harbor House, with written consent." in shown
    assert "9:30 AM" in shown
    assert "(518) 555-0130" in shown

    def move(name: str, **fields: str) -> int:
        url = reverse("referrals:service_move", args=[client_record.pk, referral.pk, name])
        answer = desk.post(url, {f"{name}-{key}": value for key, value in fields.items()})
        return answer.status_code

    day = today.isoformat()
    assert move("seen", happened_on=day) == 422  # who told?
    assert move("seen", happened_on=day, told_by="client") == 302
    assert move("result", outcome="got_it", happened_on=day, told_by="place") == 422  # in words
    assert move("result", outcome="got_it", note="Keys to 4 Elm Street", happened_on=day, told_by="place") == 302
    assert move("end", happened_on=day) == 422
    assert move("nonsense") == 404
    shown = page(desk, own)
    assert "Keys to 4 Elm Street" in shown
    assert "What happened next?" not in shown
    assert "Keys to 4 Elm Street" in page(desk, reverse("desk:chart", args=args))  # back in the chart
    assert "Keys to 4 Elm Street" in page(desk, reverse("referrals:client_services", args=args))
    assert move("note", note="He says thanks") == 302
    panel = chart.panel(client=client_record, staff_member=counselor, now=timezone.now())
    assert panel is not None
    assert [row.state for row in panel.context["services"]] == ["result"]


def test_a_call_that_was_filled_in_is_asked_about(
    desk: Browser, client_record: Client, counselor: StaffMember, harbor: ServicePlace
) -> None:
    new = reverse("referrals:service_refer", args=[client_record.pk])
    assert "checked" not in page(desk, new).split('id="div_id_how"')[1].split("</fieldset>")[0]  # nothing to start from
    sent = {
        "kind": "housing", "place": harbor.pk, "spoke_with": "Anna Example", "name_client": "on",
        "appointment_on": (client_record.today + DAY).isoformat(), "note": "She keeps a bed.",
        "happened_on": client_record.today.isoformat(),
    }  # fmt: skip
    for how, asked in (("", "Choose how it goes out."), ("client", "Did you call?")):
        refused = desk.post(new, sent | {"how": how})
        assert refused.status_code == 422
        shown = refused.content.decode()
        assert asked in shown.split('id="div_id_how"')[1].split("</fieldset>")[0]
        assert all(words in shown for words in ("Anna Example", "She keeps a bed."))
    assert not ServiceReferral.objects.exists()
    assert "Ask the client to sign one" in desk.post(new, sent | {"how": "call"}).content.decode()  # and the consent
    gone = {"how": "client", "spoke_with": "", "name_client": "", "appointment_on": ""}
    assert desk.post(new, {name: value for name, value in (sent | gone).items() if value}).status_code == 302
    assert "No one was told who they are." in page(
        desk, reverse("referrals:service", args=[client_record.pk, ServiceReferral.objects.get().pk])
    )


def test_a_danger_is_ticked_and_shown_beside_the_name(
    desk: Browser, client_record: Client, counselor: StaffMember, harbor: ServicePlace
) -> None:
    referral = referring.refer(client=client_record, kind="housing", place=harbor, by=counselor)
    url = reverse("referrals:service_move", args=[client_record.pk, referral.pk, "note"])
    shown = desk.post(url, {"note-note": "Dana is worried.", "note-reports_danger": "on"}, follow=True).content.decode()
    assert "Safety concern: evaluate now" in shown
    assert safety.open_concerns(client=client_record, on=client_record.today)


def test_a_danger_told_while_referring_is_one(desk: Browser, client_record: Client, harbor: ServicePlace) -> None:
    url = reverse("referrals:service_refer", args=[client_record.pk])
    assert 'name="reports_danger"' in page(desk, url)
    said = {"kind": "housing", "place": harbor.pk, "how": "client", "happened_on": client_record.today.isoformat()}
    shown = desk.post(url, {**said, "reports_danger": "on"}, follow=True).content.decode()
    assert "Safety concern: evaluate now" in shown
    assert safety.open_concerns(client=client_record, on=client_record.today)


def test_other_peoples_clients_are_not_there(
    signed_in: SignIn, client_record: Client, counselor: StaffMember, make_staff: Callable[..., StaffMember],
    make_client: Callable[..., Client], other_clinic: Clinic, harbor: ServicePlace,
) -> None:  # fmt: skip
    referral = referring.refer(
        client=client_record, kind="legal", elsewhere="Secret Legal Aid", need="A divorce", by=counselor
    )
    barred = make_staff(Role.SUPERVISOR)
    factories.ClientRestrictionFactory(client=client_record, staff_member=barred)
    outsider = factories.StaffMemberFactory(clinic=other_clinic, role=Role.SUPERVISOR)
    for stranger in (make_staff(Role.COUNSELOR), barred, outsider):
        browser = signed_in(stranger)
        for name, args in (
            ("client_services", [client_record.pk]),
            ("service_refer", [client_record.pk]),
            ("service", [client_record.pk, referral.pk]),
        ):
            assert browser.get(reverse(f"referrals:{name}", args=args)).status_code == 404, name
        end = reverse("referrals:service_move", args=[client_record.pk, referral.pk, "end"])
        assert browser.post(end, {"end-happened_on": client_record.today.isoformat()}).status_code == 404
        everything = browser.get(reverse("referrals:services"), {"state": "all"}).content.decode()
        assert "Secret Legal Aid" not in everything
        assert client_record.full_name not in everything
    own = make_client(counselor=counselor)  # a referral under another client's address is not there either
    crossed = reverse("referrals:service", args=[own.pk, referral.pk])
    assert signed_in(counselor).get(crossed).status_code == 404
    assert ServiceReferral.objects.with_state().get().state == "sent"


def test_reading_only_for_medical_staff(
    signed_in: SignIn, medical: StaffMember, client_record: Client, counselor: StaffMember, harbor: ServicePlace
) -> None:
    referral = referring.refer(client=client_record, kind="housing", place=harbor, by=counselor)
    browser = signed_in(medical)
    assert "What happened next?" not in page(
        browser, reverse("referrals:service", args=[client_record.pk, referral.pk])
    )
    move = reverse("referrals:service_move", args=[client_record.pk, referral.pk, "end"])
    assert browser.post(move).status_code == 403
    assert browser.get(reverse("referrals:service_refer", args=[client_record.pk])).status_code == 403


@pytest.mark.parametrize(
    "query", ["?kind=magic", "?place=0", "?place=x", "?place=99999999999999999999", "?kind=housing&place=-1"]
)
def test_nonsense_in_the_address_does_no_harm(desk: Browser, client_record: Client, query: str) -> None:
    assert desk.get(reverse("referrals:service_refer", args=[client_record.pk]) + query).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"kind": "magic"}, {"place": "99999999999999999999"}, {"how": "pigeon"}, {"happened_on": "0020-01-01"},
        {"happened_on": "2999-01-01"}, {"appointment_on": "1066-10-14"}, {"appointment_time": "25:61"},
        {"elsewhere": "x" * 500},
    ],
)  # fmt: skip
def test_no_input_is_an_error_page(desk: Browser, client_record: Client, sent: dict[str, str]) -> None:
    known = {
        "kind": "housing",
        "how": "client",
        "elsewhere": "Elm Rooms",
        "happened_on": client_record.today.isoformat(),
    }
    answer = desk.post(reverse("referrals:service_refer", args=[client_record.pk]), known | sent)
    assert answer.status_code == 422
    assert not ServiceReferral.objects.exists()


def test_the_number_of_queries_stays_the_same(
    desk: Browser, client_record: Client, counselor: StaffMember, harbor: ServicePlace
) -> None:
    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert desk.get(url).status_code == 200
        return len(caught)

    referral = referring.refer(client=client_record, kind="housing", place=harbor, by=counselor)
    urls = [
        reverse("referrals:services"),
        reverse("referrals:places"),
        reverse("referrals:client_services", args=[client_record.pk]),
        reverse("referrals:service", args=[client_record.pk, referral.pk]),
        reverse("desk:chart", args=[client_record.pk]),
    ]
    [desk.get(url) for url in urls]
    before = [cost(url) for url in urls]
    assert max(before) <= 12
    for kind in ("legal", "family", "medical"):
        referring.refer(client=client_record, kind=kind, place=harbor, by=counselor)
    for _ in range(3):
        referring.call(referral=referral, spoke_with="Dana", by=counselor)
    assert [cost(url) for url in urls] == before

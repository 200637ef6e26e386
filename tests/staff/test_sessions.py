"""A session is kept by whoever works, and written only when what is on record has fallen behind."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from staff import accounts, browsers
from staff.models import AuditEntry, Clinic, ClinicThreshold, Role, Session, StaffMember
from staff.refusals import NotPermitted
from tests.factories import PASSWORD
from tests.second_factor import code_of
from tests.staff.test_sign_in import SECRET

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 3, 9, 14, 0, tzinfo=datetime.UTC)


def written(browser: Browser) -> int:
    """How often the session was written for one page."""
    with CaptureQueriesContext(connection) as statements:
        assert browser.get("/").status_code == 200
    return sum('UPDATE "staff_session"' in each["sql"] for each in statements)


def test_page_after_page_the_session_is_written_twice_a_minute_at_most(
    signed_in: Callable[[StaffMember], Browser], counselor: StaffMember
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        browser = signed_in(counselor)
        assert written(browser) == 0, "signing in wrote it"
        clock.shift(20)
        assert written(browser) == 0
        clock.shift(20)
        assert written(browser) == 1
        assert Session.objects.get().expire_date == NOW + datetime.timedelta(minutes=15, seconds=40)
        assert written(browser) == 0


def test_who_works_stays_signed_in_and_who_is_idle_for_15_minutes_does_not(
    signed_in: Callable[[StaffMember], Browser], counselor: StaffMember
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        browser = signed_in(counselor)
        for _ in range(6):
            clock.shift(datetime.timedelta(minutes=14))
            assert browser.get("/").status_code == 200
        clock.shift(datetime.timedelta(minutes=15, seconds=1))
        assert browser.get("/").status_code == 302


def test_a_session_kept_alive_ends_after_twelve_hours_all_the_same(
    signed_in: Callable[[StaffMember], Browser], counselor: StaffMember
) -> None:
    """A page that asks for something every few minutes kept one open for 71 hours."""
    with time_machine.travel(NOW, tick=False) as clock:
        browser = signed_in(counselor)
        for _ in range(51):
            clock.shift(datetime.timedelta(minutes=14))
            assert browser.get("/stay/").status_code == 204
        clock.move_to(NOW + datetime.timedelta(hours=11, minutes=59, seconds=58))
        assert browser.get("/stay/").status_code == 204
        clock.move_to(NOW + datetime.timedelta(hours=12, seconds=1))
        assert browser.get("/stay/").status_code == 302
        assert browser.get("/stay/").status_code == 302, "a refused request begins nothing anew"


def test_a_clinic_has_its_own_number_of_hours_from_the_next_time_someone_signs_in(
    signed_in: Callable[[StaffMember], Browser], counselor: StaffMember
) -> None:
    with time_machine.travel(NOW, tick=False):
        signed_in(counselor)
        ClinicThreshold.objects.create(clinic=counselor.clinic, key="staff.longest_session", value=9, reason="Director")
        signed_in(counselor)
    ends = [each.ends_at - NOW for each in Session.objects.order_by("-ends_at")]
    assert ends == [datetime.timedelta(hours=12), datetime.timedelta(hours=9)]


def test_confirming_ones_password_gives_no_further_hours(
    signed_in: Callable[[StaffMember], Browser], counselor: StaffMember
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        browser = signed_in(counselor)
        clock.shift(datetime.timedelta(minutes=10))
        assert browser.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
        words = "four small plain words"
        browser.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": words, "password2": words})
    assert [each.ends_at for each in Session.objects.exclude(staff_member=None)] == [NOW + datetime.timedelta(hours=12)]


def test_no_session_of_a_person_is_without_an_end(
    signed_in: Callable[[StaffMember], Browser], counselor: StaffMember
) -> None:
    signed_in(counselor)
    for broken in ({"ends_at": None}, {"ends_at": NOW}, {"began_at": None}, {"handle": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Session.objects.update(**broken)


def test_what_has_ended_is_kept_nowhere(signed_in: Callable[[StaffMember], Browser], counselor: StaffMember) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        signed_in(counselor)
        clock.shift(datetime.timedelta(hours=13))
        signed_in(counselor)
    assert Session.objects.count() == 1


def test_ones_own_sessions_are_listed_and_ended(
    signed_in: Callable[[StaffMember], Browser], counselor: StaffMember, supervisor: StaffMember
) -> None:
    desk, phone, colleague = signed_in(counselor), Browser(), signed_in(supervisor)
    phone.post(
        "/account/login/",
        {"login": counselor.email, "password": PASSWORD},
        headers={"User-Agent": "Mozilla/5.0 (iPhone) Safari/604.1"},
        REMOTE_ADDR="203.0.113.7",
    )
    page = desk.get(reverse("staff:sessions")).content.decode()
    assert "Safari on iPhone" in page
    assert "203.0.113.7" in page
    assert page.count('name="handle"') == 1, "one button for the other session, none for this one or a colleague's"
    assert phone.session.session_key not in page
    handle = re.findall(r'name="handle" value="([^"]+)"', page)
    assert desk.post(reverse("staff:session_end"), {"handle": handle}).status_code == 302
    assert [each.get("/stay/").status_code for each in (desk, phone, colleague)] == [204, 302, 204]
    assert AuditEntry.objects.get(act="staff.end_sessions").details == {"ended": 1}


def test_everything_but_this_session_ends_at_once(
    signed_in: Callable[[StaffMember], Browser], counselor: StaffMember, supervisor: StaffMember
) -> None:
    desk, others, colleague = signed_in(counselor), [signed_in(counselor) for _ in range(2)], signed_in(supervisor)
    desk.post(reverse("staff:session_end"), {"all": "yes"})
    assert [each.get("/stay/").status_code for each in (desk, *others, colleague)] == [204, 302, 302, 204]


def test_nobody_ends_a_colleagues_session_but_an_administrator_of_the_clinic(
    signed_in: Callable[[StaffMember], Browser],
    counselor: StaffMember,
    supervisor: StaffMember,
    administrator: StaffMember,
    make_staff: Callable[..., StaffMember],
    other_clinic: Clinic,
) -> None:
    desk = signed_in(counselor)
    handle = str(Session.objects.get(staff_member=counselor).handle)
    assert signed_in(supervisor).post(reverse("staff:session_end"), {"handle": handle}).status_code == 404
    stranger = signed_in(make_staff(Role.ADMINISTRATOR, clinic=other_clinic))
    for by in (supervisor, make_staff(Role.ADMINISTRATOR, clinic=other_clinic)):
        with pytest.raises(NotPermitted):
            accounts.end_sessions(staff_member=counselor, by=by)
    assert stranger.post(reverse("staff:colleagues_session_end"), {"handle": handle}).status_code == 404
    assert counselor.family_name not in stranger.get(reverse("staff:colleagues_sessions")).content.decode()
    assert signed_in(supervisor).get(reverse("staff:colleagues_sessions")).status_code == 403
    assert desk.get("/stay/").status_code == 204
    office = signed_in(administrator)
    page = office.get(reverse("staff:colleagues_sessions"), {"who": counselor.pk}).content.decode()
    assert handle in page
    assert office.post(reverse("staff:colleagues_session_end"), {"handle": handle}).status_code == 302
    assert desk.get("/stay/").status_code == 302
    assert AuditEntry.objects.get(act="staff.end_sessions").staff_member == administrator


def test_the_list_of_the_clinic_asks_as_much_for_five_as_for_one(
    signed_in: Callable[[StaffMember], Browser], administrator: StaffMember, make_staff: Callable[..., StaffMember]
) -> None:
    office = signed_in(administrator)
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as statements:
            office.get(reverse("staff:colleagues_sessions"))
        asked.append(len(statements))
        for _ in range(4):
            signed_in(make_staff())
    assert asked[0] == asked[1] <= 12


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on Mac"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("", "Another browser"),
    ],
)
def test_a_browser_in_words(agent: str, words: str) -> None:
    assert browsers.in_words(agent) == words


def test_confirming_who_one_is_gives_the_session_a_new_key(
    signed_in: Callable[[StaffMember], Browser], counselor: StaffMember
) -> None:
    """ASVS 7.2.4: whoever has the key from before has nothing, and nothing of the session is lost."""
    browser = signed_in(counselor)
    browser.get("/account/sessions/")
    before = browser.session.session_key
    assert browser.post("/account/reauthenticate/", {"password": "wrong"}).status_code == 200
    assert browser.session.session_key == before
    assert browser.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
    after = browser.session.session_key
    assert after != before
    assert [each.session_key for each in Session.objects.exclude(staff_member=None)] == [after]
    assert browser.get("/").status_code == 200
    browser.cookies["sessionid"] = before
    assert browser.get("/").status_code == 302


def test_so_does_confirming_it_with_a_code(signed_in: Callable[[StaffMember], Browser], counselor: StaffMember) -> None:
    TOTP.activate(counselor, SECRET)
    browser = signed_in(counselor)
    browser.get("/account/sessions/")
    before = browser.session.session_key
    assert browser.post("/account/2fa/reauthenticate/", {"code": code_of(SECRET)}).status_code == 302
    assert browser.session.session_key != before
    assert browser.get("/").status_code == 200

"""Ending a tablet session by signing in on it or from another browser."""

from __future__ import annotations

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import reverse
from django.utils import timezone

from counseling.codes import HandoverEnd
from counseling.models import Handover
from counseling.tablet import tablet_session
from privacy.models import ChartAccess
from tests import factories
from tests.second_factor import code_of

from .tablets import PASSWORD, TABLET, say, sign_in, text

pytestmark = pytest.mark.django_db


class TestTakingBack:
    def test_the_sign_in_page_opens_only_for_who_says_that_they_are_staff(self, tablet):
        login = reverse("account_login")
        assert tablet.get(login)["Location"] == TABLET
        assert tablet.post(f"{TABLET}staff/")["Location"] == login
        page = text(tablet.get(login))
        assert "Back to the questions" in page
        for path in ("/", reverse("account_reset_password"), reverse("admin:index"), reverse("account_logout")):
            assert tablet.get(path)["Location"] == TABLET
        tablet.get(TABLET)
        assert tablet.get(login)["Location"] == TABLET, "going back to the questions closes it again"

    def test_the_counselor_signs_in_and_comes_to_the_result(self, tablet, counselor, client_record):
        say(tablet, 1, 2)
        answer = sign_in(tablet, counselor)
        assert answer["Location"] == reverse("counseling:measures", args=[client_record.pk])
        ended = Handover.objects.get()
        assert (ended.ended_how, ended.ended_by) == (HandoverEnd.TAKEN_BACK, counselor)
        page = text(tablet.get(answer["Location"]))
        assert "Completed by client on tablet" in page
        assert "No score (missing answer)" in page
        assert tablet_session.TOKEN not in tablet.session
        assert tablet.session.get_expiry_age() == 15 * 60, "an ordinary session again"
        assert tablet.get(TABLET)["Location"] == "/"

    @pytest.mark.parametrize("way", [f"?next={path}" for path in ("/clients/", "/admin/", "//evil.example/")])
    def test_wherever_the_address_says_to_go_on_to(self, tablet, counselor, client_record, way):
        tablet.post(f"{TABLET}staff/")
        answer = tablet.post(reverse("account_login") + way, {"login": counselor.email, "password": PASSWORD})
        assert answer["Location"] == reverse("counseling:measures", args=[client_record.pk])

    def test_a_wrong_password_ends_nothing(self, tablet, counselor):
        assert sign_in(tablet, counselor, "not-the-password").status_code == 200
        assert Handover.objects.get().ended_at is None
        assert tablet.get(reverse("desk:today"))["Location"] == TABLET

    def test_five_wrong_ones_lock_the_account_and_the_way_back_stays(self, tablet, counselor, settings):
        settings.AXES_ENABLED = True
        for _ in range(5):
            answer = sign_in(tablet, counselor, "not-the-password")
        assert answer.status_code == 429
        assert "Back to the questions" in text(answer)
        assert say(tablet, 1)["Location"] == f"{TABLET}2/"

    def test_a_colleague_who_may_not_see_the_client_is_signed_out_again(self, tablet, make_staff, other_clinic):
        say(tablet, 1)
        for stranger in (make_staff("counselor"), factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")):
            answer = sign_in(tablet, stranger)
            assert answer["Location"] == reverse("account_login")
            page = text(tablet.get(answer["Location"]))
            assert "This account can’t open this client’s record" in page
            assert "_auth_user_id" not in tablet.session
            assert tablet.get(reverse("desk:today"))["Location"] == TABLET
        assert Handover.objects.get().ended_at is None
        assert tablet.get(TABLET)["Location"] == f"{TABLET}2/"

    def test_the_front_desk_takes_it_back_and_reads_no_answer(self, tablet, intake):
        say(tablet, 1)
        assert sign_in(tablet, intake)["Location"] == "/"
        assert Handover.objects.get().ended_by == intake
        assert tablet.get(reverse("desk:today")).status_code == 200

    def test_after_the_end_anybody_of_the_staff_may_use_the_browser(self, tablet, make_staff, client_record):
        say(tablet, 1)
        tablet.post(f"{TABLET}done/")
        stranger = make_staff("counselor")
        assert sign_in(tablet, stranger)["Location"] == "/"
        assert tablet.get(reverse("counseling:measures", args=[client_record.pk])).status_code == 404
        assert Handover.objects.get().ended_how == HandoverEnd.FINISHED

    def test_the_second_step_is_asked_for_and_half_way_through_is_nowhere(self, tablet, counselor, client_record):
        secret = "JBSWY3DPEHPK3PXP"
        TOTP.activate(counselor, secret)
        answer = sign_in(tablet, counselor)
        assert answer["Location"] == reverse("mfa_authenticate")
        assert "Back to the questions" in text(tablet.get(answer["Location"]))
        assert tablet.get(reverse("desk:today"))["Location"] == TABLET
        tablet.get(TABLET)
        tablet.post(f"{TABLET}staff/")
        away = tablet.get(reverse("mfa_authenticate"))
        assert away.status_code == 302, "the first step is forgotten with the way back"
        sign_in(tablet, counselor)
        code = code_of(secret)
        answer = tablet.post(reverse("mfa_authenticate"), {"code": code})
        assert answer["Location"] == reverse("counseling:measures", args=[client_record.pk])

    def test_passkeys_are_asked_for_their_answer(self, tablet):
        options = reverse("mfa_login_webauthn")
        asked = {"headers": {"X-Requested-With": "XMLHttpRequest"}}
        assert tablet.get(options, **asked)["Location"] == TABLET
        tablet.post(f"{TABLET}staff/")
        assert "request_options" in tablet.get(options, **asked).json()


class TestFromAnotherBrowser:
    def test_one_sees_how_far_the_client_is(self, tablet, signed_in, counselor, supervisor, make_staff, client_record):
        say(tablet, 1, "declined", 2)
        since = timezone.localtime(Handover.objects.get().opened_at, client_record.clinic.zone)
        words = f"On a tablet since {since:%-I:%M %p}, 2 of 16 answered"
        page = reverse("counseling:measures", args=[client_record.pk])
        for person in (counselor, supervisor):
            assert words in text(signed_in(person).get(page))
        assert words in text(signed_in(counselor).get(reverse("desk:today")))
        stranger = signed_in(make_staff("counselor"))
        assert stranger.get(page).status_code == 404
        assert "Tablet with client" not in text(stranger.get(reverse("desk:today")))
        tablet.post(f"{TABLET}done/")
        assert "On a tablet since" not in text(signed_in(counselor).get(page))

    def test_and_ends_it(self, tablet, signed_in, counselor, client_record):
        say(tablet, 1)
        out = Handover.objects.get()
        url = reverse("counseling:hand_over_end", args=[client_record.pk, out.pk])
        browser = signed_in(counselor)
        assert browser.get(url).status_code == 405
        answer = browser.post(url, follow=True)
        assert "1 of 16 questions answered and saved" in text(answer)
        assert "had already ended" in text(browser.post(url, follow=True))
        assert "These questions have closed" in text(tablet.get(f"{TABLET}2/", follow=True))
        assert ChartAccess.objects.filter(view_name="counseling:hand_over_end", client_id=client_record.pk).exists()

    def test_nobody_ends_the_tablet_of_somebody_elses_client(self, tablet, signed_in, make_staff, make_client, clinic):
        out = Handover.objects.get()
        stranger = make_staff("counselor")
        own = factories.ClientFactory(clinic=clinic, counselor=stranger)
        browser = signed_in(stranger)
        for client_id in (out.client_id, own.pk):
            assert browser.post(reverse("counseling:hand_over_end", args=[client_id, out.pk])).status_code == 404
        assert Handover.objects.get().ended_at is None

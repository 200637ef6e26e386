"""The frame, the style guide, the sign-in pages and the administration: nothing for axe, nothing on the console."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import reverse
from playwright.sync_api import Page, expect

from staff.models import Program, StaffMember
from tests.second_factor import code_of

from .conftest import accessibility_faults, show

SCHEMES = ("light", "dark")
OPEN = ("/account/login/", "/account/password/reset/", "/account/password/reset/done/", "/account/inactive/")
OWN = ("/account/2fa/", "/account/password/change/", "/account/2fa/webauthn/", "/account/reauthenticate/")
GUIDE = ("/styleguide/?messages=1", "/styleguide/?errors=1", "/styleguide/chart/", "/styleguide/print/")
ADMIN = ("index", "staff_staffmember_changelist", "staff_staffmember_add", "staff_clinicthreshold_changelist",
         "staff_clinicthreshold_add", "staff_program_add", "staff_auditentry_changelist")  # fmt: skip


@pytest.fixture
def demo(settings: Any) -> None:
    settings.SHOW_DEMO_LOGINS = True


def wide_as_the_window(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def look_at(page: Page, path: str) -> None:
    """Opened once, in a narrow window: scripts look at the width as a page is opened, and only there they do more."""
    show(page, 390, "light")
    page.goto(path)
    for scheme in SCHEMES:
        for width in (390, 1280):
            show(page, width, scheme)
            assert accessibility_faults(page) == [], f"{path}, {scheme}, {width}"
            assert wide_as_the_window(page), f"{path} is wider than a window of {width}"


@pytest.mark.parametrize("path", OPEN)
def test_sign_in_pages(quiet_page: Page, path: str) -> None:
    look_at(quiet_page, path)


@pytest.mark.parametrize("path", OWN)
def test_account_pages(quiet_page: Page, enter: Callable, counselor: StaffMember, path: str) -> None:
    enter(counselor)
    look_at(quiet_page, path)


@pytest.mark.parametrize("path", GUIDE)
def test_the_style_guide(quiet_page: Page, demo: None, enter: Callable, counselor: StaffMember, path: str) -> None:
    enter(counselor)
    look_at(quiet_page, path)


@pytest.mark.parametrize("name", ADMIN)
def test_the_administration(quiet_page: Page, enter: Callable, administrator: StaffMember, name: str) -> None:
    enter(administrator)
    look_at(quiet_page, reverse(f"admin:{name}"))


def test_autocomplete_and_form_of_the_administration_work_under_the_policy(
    quiet_page: Page, enter: Callable, administrator: StaffMember, counselor: StaffMember, program: Program
) -> None:
    counselor.programs.clear()
    enter(administrator)
    look_at(quiet_page, reverse("admin:staff_staffmember_change", args=[counselor.pk]))
    quiet_page.set_viewport_size({"width": 1280, "height": 900})
    quiet_page.locator(".field-programs .select2-selection").click()
    quiet_page.locator(".select2-search__field").last.fill(program.name)
    quiet_page.locator(".select2-results__option", has_text=program.name).click()
    quiet_page.get_by_role("button", name="Save", exact=True).click()
    expect(quiet_page.get_by_text("was changed successfully")).to_be_visible()
    assert list(counselor.programs.all()) == [program]


def test_somebody_signs_in_by_keyboard_alone(quiet_page: Page, counselor: StaffMember) -> None:
    quiet_page.goto("/account/login/?next=/account/2fa/")
    quiet_page.keyboard.press("Tab")
    expect(quiet_page.get_by_text("Skip to main content")).to_be_focused()
    quiet_page.get_by_label("Email").focus()
    quiet_page.keyboard.type(counselor.email)
    quiet_page.keyboard.press("Tab")
    quiet_page.keyboard.type("sample-password-1")
    quiet_page.keyboard.press("Enter")
    expect(quiet_page.get_by_role("heading", name="Your account")).to_be_visible()


def test_the_second_step_is_set_up_with_a_code_to_scan(quiet_page: Page, counselor: StaffMember) -> None:
    quiet_page.goto("/account/login/?next=/account/2fa/totp/activate/")
    quiet_page.get_by_label("Email").fill(counselor.email)
    quiet_page.get_by_label("Password").fill("sample-password-1")
    quiet_page.get_by_role("button", name="Sign in", exact=True).click()
    expect(quiet_page.get_by_role("heading", name="Confirm it’s you")).to_be_visible()
    assert accessibility_faults(quiet_page) == []
    quiet_page.get_by_label("Password").fill("sample-password-1")
    quiet_page.get_by_role("button", name="Confirm").click()
    expect(quiet_page.get_by_role("img", name="QR code")).to_be_visible()
    assert accessibility_faults(quiet_page) == []
    quiet_page.get_by_text("Can’t scan it?").click()
    secret = quiet_page.locator(".ow-key").inner_text()
    quiet_page.get_by_label("Authenticator code").fill(code_of(secret))
    quiet_page.get_by_role("button", name="Turn on").click()
    expect(quiet_page.locator(".ow-codes li")).to_have_count(10)
    assert accessibility_faults(quiet_page) == []


def code_for(secret: str) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_the_question_for_the_second_step(quiet_page: Page, counselor: StaffMember) -> None:
    TOTP.activate(counselor, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    quiet_page.goto("/account/login/")
    quiet_page.get_by_label("Email").fill(counselor.email)
    quiet_page.get_by_label("Password").fill("sample-password-1")
    quiet_page.get_by_role("button", name="Sign in", exact=True).click()
    expect(quiet_page.get_by_role("heading", name="Second step")).to_be_visible()
    assert accessibility_faults(quiet_page) == []


def test_a_page_left_alone_warns_then_covers_what_it_shows(
    quiet_page: Page, demo: None, enter: Callable, counselor: StaffMember
) -> None:
    enter(counselor)
    quiet_page.clock.install()
    quiet_page.goto("/styleguide/chart/")
    warning = quiet_page.get_by_role("alertdialog")
    expect(warning).to_be_hidden()
    quiet_page.clock.run_for(13 * 60 * 1000 + 2000)
    expect(warning).to_be_visible()
    assert accessibility_faults(quiet_page) == []
    quiet_page.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    quiet_page.clock.run_for(15 * 60 * 1000 + 2000)
    expect(quiet_page.get_by_role("heading", name="You were signed out")).to_be_visible()
    expect(quiet_page.get_by_text("Robin Sample")).to_be_hidden()


def test_the_menu_of_a_phone_works_without_scripts(
    browser: Any, live_server: Any, demo: None, enter: Callable, page: Page, counselor: StaffMember
) -> None:
    enter(counselor)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    context.add_cookies(page.context.cookies())
    phone = context.new_page()
    phone.goto(f"{live_server.url}/styleguide/")
    menu = phone.get_by_role("navigation", name="Main menu")
    expect(menu).to_be_hidden()
    phone.get_by_text("Menu", exact=True).click()
    expect(menu).to_be_visible()
    context.close()

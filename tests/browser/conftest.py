"""A real Chromium against a live server. Without one the tests say so; where they are required, that is a failure."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse
from playwright.sync_api import CDPSession, ConsoleMessage, Page, Response, expect
from playwright.sync_api import Error as BrowserError

from staff.models import StaffMember

CHROMIUM = os.environ.get("ONWARD_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
REQUIRED = os.environ.get("ONWARD_BROWSER_TESTS") == "required"

PATIENCE = 20  # seconds
expect.set_options(timeout=PATIENCE * 1000)  # a busy machine is slow; how fast a page is, is not asked here

# Every rule of axe runs, and only faults come back: what is right fills megabytes. Preloading would copy sheets into
# the page, which the policy forbids.
FAULTS = """
async () => {
  const found = await axe.run({ preload: false, resultTypes: ["violations"] });
  return found.violations.map(({ id, impact, help, nodes }) => {
    const targets = JSON.stringify(nodes.slice(0, 3).map((node) => node.target));
    return `${id} (${impact}): ${help}: ${targets}`;
  });
}
"""

# Playwright runs an event loop in this thread; Django's ORM asks to be told that this is meant.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None and not REQUIRED:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    assert CHROMIUM, "Browser tests are required here and there is no Chromium: apt-get install chromium"
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    arguments += ["--disable-component-update", "--disable-sync", "--no-first-run"]
    return {"executable_path": CHROMIUM, "args": arguments}


@pytest.fixture
def browser_context_args(live_server: Any) -> dict[str, Any]:
    return {"base_url": live_server.url, "viewport": {"width": 1280, "height": 900}, "locale": "en-US"}


@pytest.fixture
def quiet_page(page: Page, live_server: Any) -> Iterator[Page]:
    """A page on which nothing is written to the console and nothing is asked of anybody but this server."""
    complaints: list[str] = []
    strangers: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        expected = ("favicon", "422 (")  # a form that is refused answers 422, and the browser says so
        if message.type in {"error", "warning"} and not any(each in message.text for each in expected):
            complaints.append(f"{page.url}: {message.text}")

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on(
        "request",
        lambda request: (
            strangers.append(request.url) if not request.url.startswith((live_server.url, "data:", "about:")) else None
        ),
    )
    yield page
    assert not complaints, complaints
    assert not strangers, strangers


@pytest.fixture
def enter(page: Page, live_server: Any) -> Callable[[StaffMember], None]:
    """Signs somebody in without the form (which has tests of its own), in place of whoever was there."""

    def sign_in(staff_member: StaffMember) -> None:
        browser = Browser()
        browser.force_login(staff_member, backend="django.contrib.auth.backends.ModelBackend")
        page.context.clear_cookies()
        page.context.add_cookies(
            [
                {
                    "name": settings.SESSION_COOKIE_NAME,
                    "value": browser.cookies[settings.SESSION_COOKIE_NAME].value,
                    "url": live_server.url,
                }
            ]
        )

    return sign_in


@pytest.fixture
def key(quiet_page: Page) -> tuple[CDPSession, str]:
    """A built-in key of the browser, with a holder whom it can verify."""
    session = quiet_page.context.new_cdp_session(quiet_page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    return session, made["authenticatorId"]


@pytest.fixture
def with_key(
    quiet_page: Page, enter: Callable[[StaffMember], None], key: tuple[CDPSession, str]
) -> Callable[[StaffMember], Page]:
    """Signs somebody in and adds the key on their account's page, as anybody would."""

    def register(staff_member: StaffMember) -> Page:
        page = quiet_page
        enter(staff_member)
        page.goto(reverse("mfa_index"))
        page.get_by_role("link", name="Add a key").click()
        page.get_by_label("Password").fill("sample-password-1")
        with page.expect_navigation():  # its script is there once the page is: a click before would send no key
            page.get_by_role("button", name="Confirm").click()
        page.get_by_label("Passwordless").check()
        page.get_by_role("button", name="Add this key").click()
        page.wait_for_url(lambda url: "webauthn/add" not in url)
        assert Authenticator.objects.filter(user=staff_member, type=Authenticator.Type.WEBAUTHN).count() == 1
        return page

    return register


def wait_until(page: Page, fact: Callable[[], object]) -> None:
    """Until it is so: for what no page shows, in the database or on its way there. The browser goes on meanwhile."""
    until = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < until, f"It was not so after {PATIENCE} s."
        page.wait_for_timeout(50)


def content_of(page: Page) -> str:
    """All of the page, seen and unseen, once it is there: while one gives way to the next there is none to read."""
    for left in reversed(range(10)):
        page.wait_for_load_state("load")
        try:
            return page.content()
        except BrowserError as refused:
            if "navigating" not in str(refused) or not left:
                raise
    raise AssertionError("The page never came to rest.")


def go_back(page: Page) -> Response | None:
    """The browser's back button, once the page is there. Returns None where there is nothing to go back to."""
    return _go(page, page.go_back)


def go_forward(page: Page) -> Response | None:
    """The forward button, likewise."""
    return _go(page, page.go_forward)


def _go(page: Page, press: Callable[..., Response | None]) -> Response | None:
    """Pressed while one page gives way to the next, the button does nothing, and Chromium says so: press it again."""
    for left in reversed(range(10)):
        page.wait_for_load_state("load")
        try:
            return press(wait_until="load")
        except BrowserError as refused:
            if "Not attached to an active page" not in str(refused) or not left:
                raise
    return None


def show(page: Page, width: int, scheme: str) -> None:
    """Gives the page a window of this width, light or dark, at once: colors on their way to others have no contrast."""
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.evaluate("document.getAnimations().forEach(each => each instanceof CSSTransition && each.finish())")


def accessibility_faults(page: Page) -> list[str]:
    """What axe finds on the page as it stands, a line each."""
    if page.evaluate("typeof axe") == "undefined":  # not when another look of the same page was judged before
        page.evaluate(AXE_SCRIPT)
    return list(page.evaluate(FAULTS))

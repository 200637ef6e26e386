"""A page that asks the database once for each row is an error in every test that opens it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.urls import path
from zeal import NPlusOneError

from cases.models import Client
from config.urls import urlpatterns as ours
from staff.models import StaffMember

LOOKED_UP_TWICE = 12  # models; may become fewer, and no more


def one_by_one(request: HttpRequest) -> HttpResponse:
    return HttpResponse(",".join(str(client.clinic) for client in Client.objects.all()))


def at_once(request: HttpRequest) -> HttpResponse:
    return HttpResponse(",".join(str(client.clinic) for client in Client.objects.select_related("clinic")))


urlpatterns = [*ours, path("one-by-one/", one_by_one), path("at-once/", at_once)]


@pytest.mark.urls(__name__)
def test_a_query_for_each_row_of_a_page_is_noticed(
    signed_in: Callable[[StaffMember], Browser], make_client: Callable[..., Client], counselor: StaffMember
) -> None:
    for _ in range(2):
        make_client()
    browser = signed_in(counselor)
    with pytest.raises(NPlusOneError, match=r"cases\.Client\.clinic"):
        browser.get("/one-by-one/")
    assert browser.get("/at-once/").status_code == 200


def test_what_is_let_pass_is_named_and_grows_no_longer() -> None:
    assert len(settings.ZEAL_ALLOWLIST) <= LOOKED_UP_TWICE
    for each in settings.ZEAL_ALLOWLIST:
        assert each["field"] == "get()", "a relation that is read for each row is mended, not let pass"
        assert "*" not in each["model"]

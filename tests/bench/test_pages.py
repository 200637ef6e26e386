"""The benchmark of the pages still builds its clinic and opens its pages: in-process, at fifty clients."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from django.test import Client as Browser
from zeal import zeal_ignore

from bench import catalog
from bench.browsing import Fields
from bench.building import build
from bench.copying import history_of
from bench.size import Size
from cases.models import Relapse, TreatmentEpisode
from counseling import signing
from counseling.models import Measure, NoteSignature, SessionNote
from groups.models import Attendance
from tests.ownership import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def of_the_bench(settings: Any) -> Any:
    settings.ROOT_URLCONF = "bench.urls"
    templates = deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"].append(settings.BASE_DIR / "bench" / "templates")
    settings.TEMPLATES = templates
    return settings


def test_a_small_clinic_holds_under_every_trigger_and_its_pages_open(of_the_bench: Any, signed_in: Any) -> None:
    size = Size(50)
    with as_owner():
        build(size, is_lean=False)

    assert TreatmentEpisode.objects.count() == 1.8 * size.clients
    assert Relapse.objects.count() >= 0.6 * size.clients
    assert SessionNote.objects.count() >= 10 * size.clients
    assert Measure.objects.count() >= 3 * size.clients
    assert Attendance.objects.count() == 400 * size.groups
    history = history_of(SessionNote)
    assert history is not None
    assert history._default_manager.count() >= SessionNote.objects.count()
    for signature in NoteSignature.objects.order_by("-pk")[:3]:
        assert signing.verify(signature.note).faults == []

    of = catalog.subjects()
    browsers = {role: signed_in(each) for role, each in of.people.items()}
    opened = []
    for page in catalog.pages(of):
        for url, browser in (
            (page.url, browsers[page.role]),
            (page.plain, browsers[page.role]),
            (page.admin, browsers["administrator"]),
        ):
            if url:
                with zeal_ignore():  # the admin asks once a row, as it comes
                    opened.append((page.name, url, browser.get(url).status_code))
    assert [each for each in opened if each[2] != 200] == []


def test_autosave_is_sent_as_the_page_would(of_the_bench: Any, signed_in: Any) -> None:
    with as_owner():
        build(Size(50), is_lean=False)
    of = catalog.subjects()
    browser: Browser = signed_in(of.people["counselor"])
    url = next(page.url for page in catalog.pages(of) if page.is_save)
    for typed in ("Sample: one.", "Sample: one, two."):
        fields = Fields(browser.get(url).content).as_dict() | {"section_data": typed}
        answer = browser.post(url, fields, headers={"X-Autosave": "1"})
        assert json.loads(answer.content)["state"] == "saved"
        assert json.loads(answer.content)["faults"] == {}
    of.draft.refresh_from_db()
    assert of.draft.sections["data"] == typed

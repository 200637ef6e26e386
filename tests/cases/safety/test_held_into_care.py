"""What is owed to somebody's safety is asked wherever care begins, changes or goes on, as it is at a discharge.

The one owner of what is owed and of the way on by a reason is cases.safety.safety_holds.
"""

import datetime
import html
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases import assessments, levels, safety
from cases.episodes import admissions, continued_stay_reviews
from cases.models import Client, ContinuedStayReview, LevelOfCareAssessment, TreatmentEpisode
from cases.safety import safety_holds
from counseling import measures
from staff.models import AuditEntry, Program, StaffMember
from tests import factories

HIGH = {"1": 1, "2": 1, "3": 0, "4": 1, "5": 0, "6": 0}
WHY = "Comes by ambulance in an hour; the evaluation is at the door."
SignIn = Callable[[StaffMember], Browser]


def words(answer: Any) -> str:
    return html.unescape(" ".join(answer.content.decode().split()))


@pytest.fixture
def today(client_record: Client) -> datetime.date:
    return timezone.localdate(timezone=client_record.clinic.zone)


@pytest.fixture
def danger(client_record: Client, counselor: StaffMember) -> Callable[[], object]:
    return lambda: measures.record(client=client_record, instrument="c-ssrs", answers=HIGH, by=counselor)


@pytest.fixture
def residence(clinic: Any) -> Program:
    return factories.ProgramFactory(clinic=clinic, name="Residence", level_code="3.5")


@pytest.fixture
def in_care(client_record: Client, program: Program, counselor: StaffMember) -> TreatmentEpisode:
    return admissions.admit(
        client=client_record,
        program=program,
        level_of_care="2.1",
        admitted_on=timezone.localdate(timezone=client_record.clinic.zone),
        admitted_at=timezone.now() - datetime.timedelta(minutes=5),
        by=counselor,
    )


def evaluated(client: Client, by: StaffMember) -> None:
    safety.evaluate(
        client=client, found="No plan.", done="Safety plan.", next_check_on=None, no_check_because="Seen daily", by=by
    )


def went_on(act: str) -> bool:
    details = AuditEntry.objects.filter(act=act).latest("pk").details
    assert WHY not in str(details)
    return bool(details["went_on"])


def test_an_admission_waits_for_the_evaluation_and_always_has_a_way_on(
    client_record: Client, program: Program, counselor: StaffMember, today: datetime.date, danger: Callable[[], object]
) -> None:
    danger()
    asked: dict[str, Any] = {"client": client_record, "program": program, "level_of_care": "2.1", "admitted_on": today}
    with pytest.raises(safety_holds.HeldOpen, match="No clinician has recorded"):
        admissions.admit(**asked, by=counselor)
    assert not client_record.episodes.exists()
    episode = admissions.admit(**asked, by=counselor, went_on_because=f" {WHY} ")
    assert episode.level_of_care_periods.get().went_on_because == WHY
    assert went_on("cases.admit")
    assert safety.open_concerns(client=client_record, on=today)  # the concern stays


def test_an_admission_without_anything_owed_keeps_no_reason(
    client_record: Client, program: Program, counselor: StaffMember, today: datetime.date, danger: Callable[[], object]
) -> None:
    danger()
    evaluated(client_record, counselor)
    episode = admissions.admit(
        client=client_record,
        program=program,
        level_of_care="2.1",
        admitted_on=today,
        by=counselor,
        went_on_because=WHY,
    )
    assert episode.level_of_care_periods.get().went_on_because == ""
    assert not went_on("cases.admit")


def change(episode: TreatmentEpisode, level: str, by: StaffMember, **more: Any) -> Any:
    return admissions.change_level_of_care(
        episode=episode, level_of_care=level, starts_at=timezone.now(), reason="Asked again.", by=by, **more
    )


def test_a_step_down_waits_and_a_step_up_never_does(
    in_care: TreatmentEpisode, counselor: StaffMember, danger: Callable[[], object]
) -> None:
    danger()
    with pytest.raises(safety_holds.HeldOpen):
        change(in_care, "1", counselor)
    period = change(in_care, "1", counselor, went_on_because=WHY)
    assert period.went_on_because == WHY
    assert went_on("cases.change_level_of_care")


def test_more_care_needs_no_reason(
    in_care: TreatmentEpisode, residence: Program, counselor: StaffMember, danger: Callable[[], object]
) -> None:
    danger()
    period = change(in_care, "3.5", counselor, program=residence)
    assert (period.level_code, period.went_on_because) == ("3.5", "")
    assert not went_on("cases.change_level_of_care")


def test_nor_does_an_admission_to_more_care_than_now(
    client_record: Client,
    in_care: TreatmentEpisode,
    residence: Program,
    counselor: StaffMember,
    clinic: Any,
    today: datetime.date,
    danger: Callable[[], object],
) -> None:
    danger()
    evening = factories.ProgramFactory(clinic=clinic, name="Evenings", level_code="1")
    with pytest.raises(safety_holds.HeldOpen):
        admissions.admit(client=client_record, program=evening, level_of_care="1", admitted_on=today, by=counselor)
    more = admissions.admit(
        client=client_record, program=residence, level_of_care="3.5", admitted_on=today, by=counselor
    )
    assert more.level_of_care_periods.get().went_on_because == ""


def test_a_step_up_within_residential_care_needs_none_either(
    in_care: TreatmentEpisode, residence: Program, counselor: StaffMember, danger: Callable[[], object]
) -> None:
    change(in_care, "3.1", counselor, program=residence)
    danger()
    assert change(in_care, "3.5", counselor).went_on_because == ""
    with pytest.raises(safety_holds.HeldOpen):
        change(in_care, "3.1", counselor)


def test_a_level_with_the_co_occurring_ending_is_as_high_as_without(
    in_care: TreatmentEpisode, counselor: StaffMember, danger: Callable[[], object]
) -> None:
    assert change(in_care, "2.1 COE", counselor).level_code == "2.1 COE"
    change(in_care, "2.5", counselor)
    change(in_care, "2.1 COE", counselor)
    danger()
    with pytest.raises(safety_holds.HeldOpen):
        change(in_care, "2.1", counselor)
    assert change(in_care, "2.5 COE", counselor).went_on_because == "", "more care waits for nothing"
    with pytest.raises(safety_holds.HeldOpen):
        change(in_care, "2.5", counselor)


@pytest.mark.parametrize("code", ["Detox", "2.x", "nan", "inf", "-", "\uff12.\uff11"])
def test_a_code_that_nobody_can_read_is_no_step_up_and_breaks_nothing(
    in_care: TreatmentEpisode, counselor: StaffMember, danger: Callable[[], object], code: str
) -> None:
    """From an old import. More care in another setting is a step up all the same."""
    in_care.level_of_care_periods.update(level_code=code)
    change(in_care, "2.1", counselor)
    in_care.level_of_care_periods.filter(ends_at=None).update(level_code=code)
    danger()
    with pytest.raises(safety_holds.HeldOpen):
        change(in_care, "2.5", counselor)
    assert change(in_care, "3.1", counselor).went_on_because == ""


def test_how_high_the_levels_are_is_not_asked_where_nothing_is_owed(
    in_care: TreatmentEpisode, counselor: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(levels, "is_step_up", lambda **_: pytest.fail("asked"))
    assert change(in_care, "2.5", counselor).level_code == "2.5"


def test_a_transfer_to_less_care_waits_and_leaves_all_as_it_was(
    in_care: TreatmentEpisode, counselor: StaffMember, clinic: Any, danger: Callable[[], object]
) -> None:
    evening = factories.ProgramFactory(clinic=clinic, name="Evenings", level_code="1")
    danger()
    with pytest.raises(safety_holds.HeldOpen):
        change(in_care, "1", counselor, program=evening)
    in_care.refresh_from_db()
    assert in_care.program != evening


@pytest.mark.parametrize(("outcome", "waits"), [("continue", True), ("discharge", True), ("change", False)])
def test_a_review_waits_unless_it_finds_that_another_level_fits(
    in_care: TreatmentEpisode, counselor: StaffMember, danger: Callable[[], object], outcome: str, waits: bool
) -> None:
    danger()
    asked: dict[str, Any] = {"episode": in_care, "outcome": outcome, "reason": "Works at it.", "by": counselor}
    if not waits:  # it asks for a change of level, and the change itself is held
        assert continued_stay_reviews.record(**asked).went_on_because == ""
        return
    with pytest.raises(safety_holds.HeldOpen):
        continued_stay_reviews.record(**asked)
    assert continued_stay_reviews.record(**asked, went_on_because=WHY).went_on_because == WHY
    assert went_on("cases.review_continued_stay")


def asks_why_and_keeps(
    typed: str, browser: Browser, url: str, form: dict[str, Any], client: Client, *, its_form: str = "form"
) -> None:
    """Refused at its own field with what was typed, then done with the reason, which stands on the page of stays."""
    refused = browser.post(url, form)
    assert refused.status_code == 422
    assert refused.context[its_form].errors["went_on_because"]
    assert typed in words(refused)
    assert browser.post(url, form | {"went_on_because": WHY}).status_code == 302
    assert WHY in words(browser.get(reverse("cases:episodes", args=[client.pk])))


def test_the_admission_form_asks_why_and_keeps_what_was_typed(
    client_record: Client,
    program: Program,
    counselor: StaffMember,
    today: datetime.date,
    danger: Callable[[], object],
    signed_in: SignIn,
) -> None:
    browser = signed_in(counselor)
    url = reverse("cases:admit", args=[client_record.pk])
    assert "went_on_because" not in words(browser.get(url))
    danger()
    page = words(browser.get(url))
    assert "Required before admission" in page
    assert reverse("cases:safety", args=[client_record.pk]) in page
    form = {"program": program.pk, "level_of_care": "2.1", "admitted_on": today.isoformat(), "admitted_time": ""}
    asks_why_and_keeps('value="2.1" selected', browser, url, form, client_record)


def test_the_level_form_asks_why_and_keeps_what_was_typed(
    client_record: Client,
    in_care: TreatmentEpisode,
    counselor: StaffMember,
    danger: Callable[[], object],
    signed_in: SignIn,
) -> None:
    danger()
    browser = signed_in(counselor)
    assert "Required before the change" in words(browser.get(reverse("cases:episodes", args=[client_record.pk])))
    now = timezone.localtime(timezone=client_record.clinic.zone)
    form = {"level_of_care": "1", "starts_at": f"{now:%Y-%m-%dT%H:%M}", "reason": "Fewer hours"}
    url = reverse("cases:change_level", args=[client_record.pk, in_care.pk])
    asks_why_and_keeps("Fewer hours", browser, url, form, client_record, its_form="level_form")


def test_the_review_form_asks_why_and_keeps_what_was_typed(
    client_record: Client,
    in_care: TreatmentEpisode,
    counselor: StaffMember,
    danger: Callable[[], object],
    signed_in: SignIn,
) -> None:
    danger()
    browser = signed_in(counselor)
    url = reverse("cases:review_stay", args=[client_record.pk, in_care.pk])
    assert "Required before the review" in words(browser.get(url))
    form = {"outcome": "continue", "reason": "Works at it."}
    asks_why_and_keeps("Works at it.", browser, url, form, client_record)
    assert ContinuedStayReview.objects.get().went_on_because == WHY


@pytest.fixture
def to_keep(client_record: Client, in_care: TreatmentEpisode, counselor: StaffMember) -> LevelOfCareAssessment:
    row = assessments.record(client=client_record, by=counselor)
    return assessments.decide(assessment=row, setting=2, reason="Goes well.", by=counselor)


def test_keeping_somebody_in_care_asks_why(
    client_record: Client,
    to_keep: LevelOfCareAssessment,
    counselor: StaffMember,
    danger: Callable[[], object],
    signed_in: SignIn,
) -> None:
    danger()
    browser = signed_in(counselor)
    page = words(browser.get(reverse("cases:assessment", args=[client_record.pk, to_keep.pk])))
    assert "Required before care continues" in page
    url = reverse("cases:assessment_keep", args=[client_record.pk, to_keep.pk])
    refused = browser.post(url, {"went_on_because": ""})
    assert refused.status_code == 422
    assert refused.context["keep_form"].errors["went_on_because"]
    assert not ContinuedStayReview.objects.exists()
    assert browser.post(url, {"went_on_because": WHY}).status_code == 302
    assert ContinuedStayReview.objects.get().went_on_because == WHY


def test_what_belongs_to_somebody_else_holds_nobody(
    client_record: Client,
    program: Program,
    counselor: StaffMember,
    today: datetime.date,
    danger: Callable[[], object],
    make_client: Any,
) -> None:
    danger()
    other = make_client(counselor=counselor)
    admitted = admissions.admit(client=other, program=program, level_of_care="2.1", admitted_on=today, by=counselor)
    assert admitted.level_of_care_periods.get().went_on_because == ""

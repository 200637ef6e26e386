"""The demo is clinically coherent: answers that the forms have, and use that is on record."""

from __future__ import annotations

import pytest

from appointments.codes import Step
from appointments.models import Appointment, Room
from cases.models import TreatmentEpisode
from counseling import measures
from counseling.codes import Instrument
from counseling.measures import use_reports
from counseling.models import Measure


@pytest.fixture
def demo(db, make_demo):
    make_demo(60)


def test_the_demo_holds_together(demo):
    """Every answer is one of its form's, and use that a BAM reports has its return to use."""
    taken = Measure.objects.counted()
    assert taken.filter(instrument=Instrument.BAM).count() > 20
    for each in taken:
        measures.score(each.instrument, each.answers)  # refuses what the form does not have
    bams = taken.filter(instrument=Instrument.BAM)
    assert {each.answers["14"] for each in bams} == {0, 4}
    reporting = [each for each in bams if each.subscales.get("use")]
    assert reporting, "some of them used"
    assert use_reports.without_record().count() == 0
    assert not TreatmentEpisode.objects.exclude(overlap_noted="").exists()
    risk = {
        used: [each.subscales["risk"] for each in bams if each.subscales and bool(each.subscales["use"]) == used]
        for used in (True, False)
    }
    assert sum(risk[True]) / len(risk[True]) > sum(risk[False]) / len(risk[False]), "who used is at more risk"
    appointments = Appointment.objects.with_step()
    became = set(appointments.values_list("step", flat=True))
    assert {Step.BOOKED, Step.KEPT, Step.NO_SHOW, Step.LATE_CANCEL} <= became
    assert appointments.filter(client=None).exists(), "a caller comes for an assessment"
    assert appointments.exclude(series=None).count() > 3
    assert not appointments.exclude(overlap_reason="").exists()
    assert Room.objects.count() == 4

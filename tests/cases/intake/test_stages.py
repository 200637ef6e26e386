"""The stages of an inquiry: one table says what follows what, one function writes it."""

from __future__ import annotations

import ast

import pytest

from cases import inquiry_rules as rules
from cases.inquiry_rules import ADMIT, LAPSE, MOVE, OFFER, TRANSITIONS, WITHDRAW
from cases.models import Inquiry
from tests.house.sources import APPS, ROOT, python_files

Stage = Inquiry.Stage


def test_every_stage_stands_in_the_table() -> None:
    assert set(TRANSITIONS) == set(Stage)
    assert {act for ways in TRANSITIONS.values() for acts in ways.values() for act in acts} == {
        MOVE, OFFER, ADMIT, WITHDRAW, LAPSE,
    }  # fmt: skip


@pytest.mark.parametrize("before", [stage for stage in Stage if stage != Stage.OFFERED])
@pytest.mark.parametrize("act", [WITHDRAW, LAPSE])
def test_only_an_offer_is_taken_back_or_lapses(before: str, act: str) -> None:
    with pytest.raises(rules.NothingOffered):
        rules.set_stage(Inquiry(stage=before), Stage.WAITLIST, act=act)


@pytest.mark.parametrize(("stage", "act"), [(Stage.SCREENING, MOVE), (Stage.OFFERED, OFFER), (Stage.CLOSED, MOVE)])
def test_who_was_admitted_stays_admitted(stage: Stage, act: str) -> None:
    with pytest.raises(rules.AlreadyAdmitted):
        rules.set_stage(Inquiry(stage=Stage.ADMITTED), stage, act=act)


def test_nothing_else_writes_a_stage() -> None:
    found = {
        str(path.relative_to(ROOT))
        for app in APPS
        for path in python_files(app)
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "stage" and isinstance(node.ctx, ast.Store)
    }
    assert found == {str(ROOT.joinpath(*rules.__name__.split(".")).with_suffix(".py").relative_to(ROOT))}

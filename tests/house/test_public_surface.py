"""The functions that other code calls are importable where a reader looks first, whichever room holds them."""

from __future__ import annotations

import pytest
from django.utils.module_loading import import_string

PUBLIC = (
    "cases.admissions.admit",
    "cases.admissions.change_level_of_care",
    "cases.admissions.discharge",
    "cases.relapses.record",
    "cases.relapses.close",
    "cases.placement.suggest",
    "cases.sobriety.standing",
    "cases.sobriety.milestones",
    "cases.merging.merge",
    "cases.merging.unmerge",
    "counseling.notes.save_draft",
    "counseling.signing.sign",
    "counseling.signing.cosign",
    "counseling.signing.add_addendum",
    "counseling.carry_over.gather",
    "counseling.carry_over.decide",
    "counseling.comparison.compare",
    "counseling.measures.score",
    "counseling.measures.record",
    "groups.rosters.join",
    "groups.mentoring.eligibility",
    "groups.mentoring.appoint",
    "groups.attendance.take",
    "referrals.referring.plan",
    "referrals.finder.find",
    "reminders.outbox.schedule",
    "reminders.delivery.claim_due",
    "reminders.delivery.deliver",
    "privacy.consents.revoke",
    "privacy.consents.permits",
    "privacy.disclosures.record",
    "privacy.emergency.open",
    "desk.needs.needs_of",
    "staff.access.can",
)


@pytest.mark.parametrize("path", PUBLIC)
def test_it_is_there_and_says_what_it_does(path: str) -> None:
    function = import_string(path)
    assert callable(function)
    assert function.__doc__

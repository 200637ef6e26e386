"""Who may see whom and sign in: a client's restriction, cover for a vacation, accounts that two people decide."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Sequence

from cases.people import covering, restrictions
from privacy import emergency
from staff import account_changes
from staff.models import Role, StaffMember

from .appointments import vacation_of
from .lives import DAY, Life


def decide(lives: Sequence[Life], *, staff: Sequence[StaffMember], today: datetime.date) -> int:
    """After all that colleagues did with these clients: from now on some may not, or may for a while. How many."""
    role_of = {role: [each for each in staff if each.role == role] for role in Role}
    officer, admin = role_of[Role.PRIVACY_OFFICER][0], role_of[Role.ADMINISTRATOR][0]
    counselors, supervisors = role_of[Role.COUNSELOR], role_of[Role.SUPERVISOR]
    here = [life for life in lives if life.open_episode]
    cousin = role_of[Role.INTAKE_COORDINATOR][-1]
    restrictions.restrict(
        client=here[9 % len(here)].client,
        staff_member=cousin,
        reason=f"“{cousin.given_name} is my cousin. I don’t want my family to know that I come here.”",
        by=officer,
    )
    away = counselors[-1]
    starts_at, ends_at = vacation_of(away, today=today)
    covering.cover(away=away, covering=counselors[-2], starts_at=starts_at, ends_at=ends_at, by=away)
    account_changes.invite(
        email="hana.mocklund@demo.example",
        given_name="Hana",
        family_name="Mocklund",
        role=Role.COUNSELOR,
        credential="CASAC-T",
        supervisor=supervisors[0],
        reason="Hired for the intensive outpatient program; starts on the first of the month.",
        by=admin,
    )
    wrong = account_changes.ask_for_email(
        staff_member=counselors[1],
        email="darius@mail.example",
        reason="A caller said that his mailbox is full and that he needs the link at his own address.",
        by=admin,
    )
    account_changes.decline(change=wrong, by=supervisors[1])
    with contextlib.suppress(emergency.NobodyFound):  # it stays to be looked at, like every use of the form
        emergency.look_up(
            given_name="Rowan",
            family_name="Nosuchfield",
            birth_date=today - DAY * 366 * 31,
            reason="Brought in by a friend, hardly breathing; the friend says she comes here",
            by=role_of[Role.MEDICAL][0],
        )
    return 5

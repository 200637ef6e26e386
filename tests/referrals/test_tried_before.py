"""What helped before comes first in the guide and the finder, for who may see the client."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from referrals import involvement, referring, ties, tried_before
from referrals.models import Meeting
from staff.models import StaffMember
from tests.places import NEW_YORK

Make = Callable[..., Meeting]
SignIn = Callable[[StaffMember], Browser]
MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
TUESDAY = datetime.date(2026, 3, 3)


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


def at(client: Client, stage: str) -> str:
    return reverse("referrals:guide_stage", args=[client.pk, stage])


def test_what_helped_comes_first(client_record: Client, counselor: StaffMember, make_meeting: Make) -> None:
    dull = referring.offer(client=client_record, meeting=make_meeting(name="Example dull"), by=counselor)
    referring.record_visit(
        referral=dull, visited_on=MONDAY.date(), attended=False, missed_because="no_ride", by=counselor
    )
    good = referring.offer(client=client_record, meeting=make_meeting(name="Example good"), by=counselor)
    referring.record_visit(
        referral=good, visited_on=MONDAY.date(), attended=True, note="The coffee after", by=counselor
    )
    involvement.record(client=client_record, fellowship="na", by=counselor)
    ties.sponsor(client=client_record, fellowship="aa", name="Lee", by=counselor)
    known = tried_before.known(client=client_record, by=counselor)
    assert [each.wording.split(": ")[-1] for each in known if each.helped] == ["Lee", "Example good"]
    assert known[1].notes == ("The coffee after",)
    assert "got in the way: no ride" in next(each.detail for each in known if "dull" in each.wording)


def helped_page(desk: Browser, url: str) -> str:
    """What helped before, as a page shows it."""
    page = desk.get(url).content.decode()
    part = page.partition("What helped before")[2]
    return " ".join(part.partition("</ul>")[0].split())


def test_what_helped_before_is_offered_first_with_what_it_did(
    desk: Browser,
    client_record: Client,
    counselor: StaffMember,
    make_client: Any,
    make_meeting: Make,
) -> None:
    good, gone, other = (make_meeting(name=f"Example {name}") for name in ("good", "gone", "other"))
    for meeting, days in ((good, (20, 6)), (gone, (40,))):
        earlier = referring.offer(client=client_record, meeting=meeting, by=counselor)
        for ago in days:
            on = MONDAY.date() - datetime.timedelta(days=ago)
            referring.record_visit(
                referral=earlier,
                visited_on=on,
                attended=True,
                note={6: "The coffee after"}.get(ago, ""),
                by=counselor,
            )
        referring.end(referral=earlier, by=counselor)
    dull = referring.offer(client=client_record, meeting=make_meeting(name="Example dull"), by=counselor)
    referring.record_visit(referral=dull, visited_on=MONDAY.date(), attended=False, by=counselor)
    ties.home_group(client=client_record, meeting=good, by=counselor)
    gone.retired_at = MONDAY
    gone.save()
    # somebody else, whom the counselor sees, too
    neighbor = make_client(counselor=counselor)
    ties.sponsor(client=neighbor, fellowship="na", name="Neighbor", by=counselor)

    pages = {
        "guide": at(client_record, "choose"),
        "finder": reverse("referrals:client_finder", args=[client_record.pk]),
        "referral form": reverse("referrals:client_meeting", args=[client_record.pk, other.pk]),
    }
    for name, url in pages.items():
        shown = helped_page(desk, url)
        assert "went 2 times, Feb 10, 2026 to Feb 24, 2026, by client report" in shown, name
        assert shown.count("<li") == 2, name  # the home group and the referral are one meeting
        assert "went once, Jan 21, 2026" in shown, name
        for absent in ("dull", "Neighbor"):
            assert absent not in shown, name
    guide_page = helped_page(desk, pages["guide"])
    assert f'name="meeting" value="{good.pk}"' in guide_page
    assert f'value="{gone.pk}"' not in guide_page
    assert "Not listed now." in guide_page
    assert "“The coffee after”" in guide_page
    desk.post(pages["guide"], {"meeting": good.pk})
    assert f'name="meeting" value="{good.pk}"' not in helped_page(desk, pages["guide"])
    assert reverse("referrals:client_meeting", args=[client_record.pk, good.pk]) in helped_page(desk, pages["finder"])
    # the answer to a change of the search is the list alone, and reads none of it
    part = desk.get(pages["finder"], headers={"HX-Request": "true"}).content.decode()
    assert "What helped before" not in part


def test_what_helped_is_not_there_for_who_may_not_see_the_client(
    client_record: Client, counselor: StaffMember, make_staff: Any, other_clinic: Any, make_meeting: Make
) -> None:
    ties.home_group(client=client_record, meeting=make_meeting(name="Example good"), by=counselor)
    assert len(tried_before.helped(client=client_record, by=counselor)) == 1
    for stranger in (make_staff(clinic=other_clinic), make_staff()):
        assert tried_before.helped(client=client_record, by=stranger) == []

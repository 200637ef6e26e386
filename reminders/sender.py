"""The sender's loop: claim a few, deliver them, and take more at a time while that goes fast."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from dataclasses import dataclass

from django.utils import timezone

from reminders import delivery, together

MOST = 500  # at a time
AIM = 1.0  # seconds for those taken at a time: what a dying worker holds waits until its lease ends


@dataclass
class Pace:
    """How many are taken at a time: one at first and after a failure, more while the provider keeps up."""

    size: int = 1

    def learn(self, seconds: float, *, failed: bool) -> None:
        """How long the last ones took."""
        fitting = int(self.size * AIM / max(seconds, 0.001))
        self.size = 1 if failed else max(1, min(fitting, self.size * 10, MOST))


def empty_outbox(*, seconds: float = math.inf) -> tuple[Counter[str], bool]:
    """Claim and deliver until nothing is due, or for that many seconds.

    Returns how many ended in each state, and whether nothing was left.
    """
    states, pace, until = Counter[str](), Pace(), time.monotonic() + seconds
    while time.monotonic() < until:
        began, size = time.monotonic(), pace.size
        claims = delivery.claim_due(timezone.now(), size)
        failed = _deliver(claims, until, states)
        pace.learn(time.monotonic() - began, failed=failed)
        if len(claims) < size:
            return states, time.monotonic() < until
    return states, False


def _deliver(claims: list[together.Claim], until: float, states: Counter[str]) -> bool:
    """Deliver these, and put back what was not tried. Returns whether a provider failed."""
    if not claims:
        return False
    try:
        result = together.deliver(claims, timezone.now())
        states.update(result.states)
        alone = deque(result.alone)
        while alone and time.monotonic() < until:
            one = alone.popleft()
            if not delivery.rests(one[0], timezone.now()):
                states[delivery.deliver(*one, timezone.now())] += 1
        return result.failed
    finally:
        delivery.give_back(claims)

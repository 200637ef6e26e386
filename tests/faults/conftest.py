from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults import clock
from faults.rig import Rig
from faults.rig import rig as taken_down
from launcher.ports import any_free
from launcher.valkey import Valkey
from tests.ownership import application

RATE = 60.0  # a minute in a second


@pytest.fixture
def rig(transactional_db: None, tmp_path: Path) -> Iterator[Rig]:
    """Workers, beat and a provider on the tests' database, with a broker that may be killed."""
    broker = Valkey(tmp_path / "valkey", any_free())
    broker.start()
    address = application()["DATABASE_URL"]
    try:
        with taken_down(tmp_path / "rig", database_url=address, broker=broker, rate=RATE) as made:
            back = clock.follow(made.clock)
            try:
                yield made
            finally:
                back()
    finally:
        broker.stop()

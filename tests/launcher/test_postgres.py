"""The embedded database survives what happens to a laptop."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from launcher.ports import any_free
from launcher.postgres import Postgres, stop_leftover


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    folder = tmp_path_factory.mktemp("cluster", numbered=True)
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)  # pytest closes its folders to others; a checkout is open
    postgres = Postgres(folder, any_free())
    yield postgres
    postgres.stop()
    stop_leftover(postgres.data)


def committed(postgres: Postgres) -> list[tuple[str]]:
    with psycopg.connect(postgres.url("clinic")) as connection:
        return connection.execute("SELECT word FROM kept").fetchall()


def test_data_outlive_a_kill_and_the_next_start_needs_no_hand(cluster: Postgres) -> None:
    cluster.start()
    cluster.ensure_database("clinic")
    with psycopg.connect(cluster.url("clinic")) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('promise')")
    os.kill(cluster.child.process.pid, signal.SIGKILL)
    cluster.child.process.wait()
    assert (cluster.data / "postmaster.pid").exists()  # nobody tidied up

    again = Postgres(cluster.folder, cluster.port)
    try:
        again.start()
        assert committed(again) == [("promise",)]
    finally:
        again.stop()


def test_a_database_made_anew_is_empty_although_somebody_is_connected(cluster: Postgres) -> None:
    cluster.start()
    cluster.ensure_database("clinic")
    with psycopg.connect(cluster.url("clinic"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        cluster.make_anew("clinic")
    with psycopg.connect(cluster.url("clinic")) as connection:
        connection.execute("CREATE TABLE kept (word text)")  # the same role may, and nothing of that name is left


def test_a_server_that_was_left_running_is_stopped_first(cluster: Postgres) -> None:
    cluster.start()
    cluster.ensure_database("clinic")
    left = cluster.child
    again = Postgres(cluster.folder, any_free())
    try:
        again.start()
        left.process.wait(5)
        assert left.ended() is not None
    finally:
        again.stop()


def test_the_site_connects_as_an_ordinary_role(cluster: Postgres) -> None:
    cluster.start()
    cluster.ensure_database("clinic")
    with psycopg.connect(cluster.url("clinic")) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert row.fetchone() == (False, True, False)


def test_a_wrong_password_is_refused(cluster: Postgres) -> None:
    cluster.start()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgres://onward:guess@127.0.0.1:{cluster.port}/postgres")


def test_a_half_made_folder_is_recreated(cluster: Postgres) -> None:
    cluster.data.mkdir(parents=True)
    (cluster.data / "rubbish").write_text("from an interrupted start")
    cluster.start()
    assert cluster.child.ended() is None


def test_stop_is_quick_and_leaves_nobody(cluster: Postgres) -> None:
    cluster.start()
    pid = cluster.child.process.pid
    began = time.monotonic()
    cluster.stop()
    assert time.monotonic() - began < 15
    assert not Path(f"/proc/{pid}").exists()

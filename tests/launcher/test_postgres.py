"""The embedded database survives what happens to a laptop."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from launcher.ports import any_free
from launcher.postgres import OWNER, ROLE, Postgres, stop_leftover


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
    with psycopg.connect(postgres.url("clinic", OWNER)) as connection:
        return connection.execute("SELECT word FROM kept").fetchall()


def test_data_outlive_a_kill_and_the_next_start_needs_no_hand(cluster: Postgres) -> None:
    cluster.start()
    cluster.ensure_database("clinic")
    with psycopg.connect(cluster.url("clinic", OWNER)) as connection:
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
    with psycopg.connect(cluster.url("clinic", OWNER), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        cluster.make_anew("clinic")
    with psycopg.connect(cluster.url("clinic", OWNER)) as connection:
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


def test_the_site_connects_as_an_ordinary_role_and_the_owner_of_its_tables_is_another(cluster: Postgres) -> None:
    cluster.start()
    cluster.ensure_database("clinic")
    asked = "SELECT rolsuper, rolcreaterole, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    with psycopg.connect(cluster.url("clinic")) as connection:
        assert connection.execute(asked).fetchone() == (False, False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (word text)")
    with psycopg.connect(cluster.url("clinic", OWNER)) as connection:
        assert connection.execute(asked).fetchone() == (False, False, False, True)
        connection.execute("CREATE TABLE mine (word text)")


def test_a_cluster_from_before_there_were_two_roles_gets_the_other(cluster: Postgres) -> None:
    cluster.start()
    kept = cluster.folder / "secrets.json"
    kept.write_text(json.dumps({role: word for role, word in json.loads(kept.read_text()).items() if role != ROLE}))
    cluster.stop()
    again = Postgres(cluster.folder, cluster.port)
    try:
        again.start()
        again.ensure_database("clinic")
        with psycopg.connect(again.url("clinic")) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (ROLE,)
    finally:
        again.stop()


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

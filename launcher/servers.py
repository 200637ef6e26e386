"""The database and the broker that a command uses: those of the environment, or the embedded ones."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from launcher.console import Problem, step
from launcher.places import LOCAL
from launcher.ports import choose
from launcher.postgres import Postgres
from launcher.valkey import Valkey


@dataclass(frozen=True)
class Servers:
    """Their addresses."""

    database_url: str
    redis_url: str

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment with these servers in it."""
        return {**os.environ, "DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


@contextlib.contextmanager
def servers(folder: Path, *, durable: bool, first_ports: tuple[int, int], database: str) -> Iterator[Servers]:
    """Start what the environment does not name, and stop it again at the end, whatever happens in between."""
    database_url, redis_url = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    remembered = folder / "ports.json"
    with contextlib.ExitStack() as stack:
        if not database_url:
            postgres = Postgres(folder / "postgres", choose("postgres", first_ports[0], remembered), durable=durable)
            stack.callback(postgres.stop)
            with step("Starting PostgreSQL"):
                postgres.start()
                postgres.ensure_database(database)
            database_url = postgres.url(database)
        if not redis_url:
            valkey = Valkey(folder / "valkey", choose("valkey", first_ports[1], remembered))
            stack.callback(valkey.stop)
            with step("Starting the broker"):
                valkey.start()
            redis_url = valkey.url
        yield Servers(database_url, redis_url)


@contextlib.contextmanager
def only_one(name: str) -> Iterator[Path]:
    """Hold the lock of a command: it runs once per checkout. Yields the file in which it can say where it is."""
    LOCAL.mkdir(exist_ok=True)
    path = LOCAL / f"{name}.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = path.read_text().strip()
            raise Problem(f"Running already{': ' + where if where else ''}. Stop that one first (Ctrl-C).") from None
        path.write_text("")
        try:
            yield path
        finally:
            path.write_text("")

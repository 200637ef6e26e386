"""The database and the broker for a command: those from the environment, or the embedded ones."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from launcher.console import Problem, step
from launcher.paths import LOCAL
from launcher.ports import PortTaken, choose
from launcher.postgres import OWNER, Postgres
from launcher.valkey import Valkey

Server = TypeVar("Server", Postgres, Valkey)


@dataclass(frozen=True)
class Servers:
    """Their addresses, and those this command started itself."""

    database_url: str
    redis_url: str
    owner_url: str = ""  # of the tables, if that is another role
    started: list[Postgres | Valkey] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment with these servers in it."""
        own = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "OWNER_DATABASE_URL": self.owner_url}
        return {**os.environ, **own}


@contextlib.contextmanager
def servers(folder: Path, *, durable: bool, first_ports: tuple[int, int], database: str) -> Iterator[Servers]:
    """Start what the environment does not name, and always stop it again at the end."""
    database_url, redis_url = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    owner_url = os.environ.get("OWNER_DATABASE_URL", "") if database_url else ""
    remembered = folder / "ports.json"
    started: list[Postgres | Valkey] = []
    with contextlib.ExitStack() as stack:
        if not database_url:
            with step("Starting PostgreSQL"):
                postgres = on_a_free_port(
                    lambda: Postgres(
                        folder / "postgres", choose("postgres", first_ports[0], remembered), durable=durable
                    ),
                    stack,
                )
                postgres.ensure_database(database)
            started.append(postgres)
            database_url, owner_url = postgres.url(database), postgres.url(database, OWNER)
        if not redis_url:
            with step("Starting the broker"):
                valkey = on_a_free_port(
                    lambda: Valkey(folder / "valkey", choose("valkey", first_ports[1], remembered)), stack
                )
            started.append(valkey)
            redis_url = valkey.url
        yield Servers(database_url, redis_url, owner_url, started)


def on_a_free_port(make: Callable[[], Server], stack: contextlib.ExitStack) -> Server:
    """Start a server, on another port if a program takes its port first; `stack` stops it."""
    for _ in range(5):
        server = make()
        stack.callback(server.stop)
        with contextlib.suppress(PortTaken):
            server.start()
            return server
    raise Problem("No free port found: other programs took each one first.")


@contextlib.contextmanager
def only_one(name: str) -> Iterator[Path]:
    """Hold a command's lock: it runs once per checkout. Yields the file in which it can record its address."""
    LOCAL.mkdir(exist_ok=True)
    path = LOCAL / f"{name}.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = path.read_text().strip() or f"“make {name}” is running in {LOCAL.parent}"
            raise Problem(f"Already running: {where}\nStop that one first (Ctrl-C where it was started).") from None
        path.write_text("")
        try:
            yield path
        finally:
            path.write_text("")

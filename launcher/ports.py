"""Free ports on the loopback interface, the same as last time if they are still free."""

from __future__ import annotations

import json
import socket
from pathlib import Path


class PortTaken(Exception):
    """Another program took the port between our check and our listening: choose another."""


def is_free(port: int) -> bool:
    """Whether this port of 127.0.0.1 is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose(name: str, first: int, remembered: Path, *, tries: int = 50) -> int:
    """The port remembered under `name`, else `first` or the next free one after it; remembered for the next time."""
    known = _known(remembered)
    taken = {port for other, port in known.items() if other != name}
    candidates = [known[name]] if name in known else []
    candidates += [port for port in range(first, first + tries) if port not in taken]
    port = next((port for port in candidates if is_free(port)), None) or any_free()
    remembered.parent.mkdir(parents=True, exist_ok=True)
    remembered.write_text(json.dumps(known | {name: port}))
    return port


def any_free() -> int:
    """A port that the system gives out."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _known(remembered: Path) -> dict[str, int]:
    try:
        known = json.loads(remembered.read_text())
    except (OSError, ValueError):  # none yet, or half written by a start that was killed
        return {}
    return {name: port for name, port in known.items() if isinstance(port, int)} if isinstance(known, dict) else {}

"""`python config/probe.py web|worker|beat`: a container's health check. Ends with 0 when well. No package needed."""

import http.client
import os
import subprocess
import sys
import time
from pathlib import Path

BEAT_SAVES = 180  # seconds between two times that beat writes down what it has done


def web() -> bool:
    """Whether the site answers, with its database and its broker."""
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".")
    connection.request("GET", "/health/", headers={"Host": host})
    return connection.getresponse().status == 200


def worker() -> bool:
    """Whether this container's worker answers through the broker."""
    ping = [sys.executable, "-m", "celery", "-A", "config", "inspect", "ping", "--timeout", "8"]
    ping += ["--destination", f"celery@{os.uname().nodename}"]
    return subprocess.run(ping, capture_output=True, timeout=30, check=False).returncode == 0  # noqa: S603  our own words


def beat() -> bool:
    """Whether the schedule was written lately."""
    written = [path.stat().st_mtime for path in Path(os.environ.get("BEAT_FOLDER", "/state")).iterdir()]
    return bool(written) and time.time() - max(written) < 3 * BEAT_SAVES


if __name__ == "__main__":
    try:
        well = {"web": web, "worker": worker, "beat": beat}[sys.argv[1]]()
    except (OSError, http.client.HTTPException, subprocess.TimeoutExpired) as trouble:
        sys.exit(f"{type(trouble).__name__}: {trouble}")
    sys.exit(0 if well else 1)

"""`make test`: every test, on a real PostgreSQL as an ordinary role and on a real broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from launcher.places import LOCAL, ROOT
from launcher.servers import only_one, servers


def run_tests(arguments: list[str]) -> int:
    """Run pytest with these arguments beside whatever `make run` does. Returns its exit code."""
    with (
        only_one("test"),
        servers(LOCAL / "test", durable=False, first_ports=(5540, 6490), database="onward") as found,
    ):
        environment = {**found.environment, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
        if not any(argument.startswith(("-n", "--numprocesses")) for argument in arguments):
            arguments = ["-n", str(min(4, os.cpu_count() or 1)), *arguments]
        pytest = subprocess.Popen([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment)
        try:
            return pytest.wait()
        except KeyboardInterrupt:
            pytest.send_signal(signal.SIGINT)
            pytest.wait()
            raise

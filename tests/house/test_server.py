"""How a clinic's web server is set up."""

from __future__ import annotations

import os
import subprocess
import sys

from config import gunicorn
from launcher.paths import ROOT

LOADED = """
import sys
import config.wsgi
from config import gunicorn
gunicorn.when_ready(None)
from django.db import connection
assert "counseling.views.printing" in sys.modules
assert connection.connection is None, "a connection would be shared by all workers"
print(*(name for name in ("fpdf", "fontTools") if name in sys.modules))
"""


def test_pages_are_loaded_before_the_workers_fork_and_nothing_connects() -> None:
    """What makes PDFs and its fonts are loaded with the first one."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
    assert gunicorn.preload_app

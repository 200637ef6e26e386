"""What an app declares when Django starts is declared even where nobody has imported the module yet."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

from .sources import APPS, ROOT, python_files

ASKS = """
import json, django
django.setup()
from cases.recovery import evidence
from staff import thresholds
print(json.dumps([sorted(thresholds.registry), [source.__module__ for source in evidence._sources]]))
"""
KEY = re.compile(r'Threshold\(\s*"([a-z_.]+)"')


def test_every_threshold_and_every_source_of_evidence_is_there_from_the_start() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    ran = subprocess.run(
        [sys.executable, "-c", ASKS], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    declared, sources = json.loads(ran.stdout)
    written = {
        key
        for app in APPS
        for path in python_files(app)
        if path.name != "thresholds.py" or app != "staff"
        for key in KEY.findall(path.read_text())
    }
    assert len(written) > 30
    assert written <= set(declared)
    assert sources == ["counseling.carry_over.learned"]

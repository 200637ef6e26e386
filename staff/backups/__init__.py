"""Encrypted backups of everything Onward keeps, and restoring them into an empty database (45 CFR 164.308(a)(7)(ii)).

`manage.py backup` and `manage.py restore` are what people use; docs/backups.md says when and how.
"""

from .contents import Contents, differences
from .encrypted_file import NotWhole
from .nightly import Made, make
from .restoring import Restored, restore
from .saving import Saved, save
from .server import BackupFailed

__all__ = [
    "BackupFailed",
    "Contents",
    "Made",
    "NotWhole",
    "Restored",
    "Saved",
    "differences",
    "make",
    "restore",
    "save",
]

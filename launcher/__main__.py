"""`python3 -m launcher COMMAND [arguments]`, with any Python from 3.11 on and nothing installed. See the Makefile."""

from __future__ import annotations

import os
import signal
import sys

from launcher import bootstrap
from launcher.child import die_with_parent
from launcher.console import Problem, say, use
from launcher.paths import LOCAL

COMMANDS = ("run", "test", "cover", "lint", "fmt", "types", "check", "shell", "manage", "bench", "faults", "servers")


def main(arguments: list[str]) -> int:
    """Set up what is missing, then run the command. Returns the exit code."""
    if len(arguments) < 1 or arguments[0] not in COMMANDS:
        say(f"usage: python3 -m launcher {' | '.join(COMMANDS)} [arguments]")
        return 2
    if arguments[0] == "run":
        use(sys.stdout)
    if "MAKELEVEL" in os.environ:
        die_with_parent(signal.SIGTERM)  # a make that was killed leaves nothing behind
    try:
        _own_our_folder()
        bootstrap.ensure(arguments)
        # From here on this is the Python of .venv, with everything installed.
        return _carried_out(*arguments)
    except Problem as problem:
        say(f"\n{problem}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


def _carried_out(command: str, *arguments: str) -> int:
    """Load each command's module only when it is called, so the first start of `run` waits for nothing else."""
    if command == "run":
        from launcher.demo import run

        return run()
    if command in {"test", "cover"}:
        from launcher.testing import run_tests

        return run_tests([*(("--cov", "--cov-report=term:skip-covered") if command == "cover" else ()), *arguments])
    if command in {"shell", "manage", "bench", "faults", "servers"}:
        from launcher import managing

        carry_out = {"shell": managing.shell, "manage": managing.manage, "servers": managing.keep_servers}
        carry_out |= {"bench": managing.bench, "faults": managing.faults}
        return carry_out[command]([*arguments])
    from launcher import checks

    if command != "check":
        return {"lint": checks.lint, "types": checks.types, "fmt": checks.fmt}[command]([*arguments])
    from launcher.testing import run_tests

    return checks.lint([]) or checks.types([]) or run_tests([*arguments])


def _own_our_folder() -> None:
    """Raises Problem if `.local` belongs to another user, such as root after one start with sudo."""
    try:
        LOCAL.mkdir(exist_ok=True)
        owner = LOCAL.stat().st_uid
    except PermissionError:
        raise Problem(f"Onward keeps its files in {LOCAL}, but this user can’t write there.") from None
    me = os.geteuid()
    if me not in (0, owner):
        who = "root" if owner == 0 else f"user number {owner}"
        raise Problem(
            f"{LOCAL} belongs to {who}, from an earlier start. Start as that user, or take ownership:\n"
            f"  sudo chown -R $(id -u):$(id -g) {LOCAL} {LOCAL.parent / '.venv'}"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

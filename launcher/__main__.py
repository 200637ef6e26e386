"""`python3 -m launcher run|test [arguments]`, with any Python from 3.11 on and nothing installed."""

from __future__ import annotations

import sys

from launcher import bootstrap
from launcher.console import Problem, say


def main(arguments: list[str]) -> int:
    """Set up what is missing, then run the demo or the tests. Returns the exit code."""
    if len(arguments) < 1 or arguments[0] not in {"run", "test"}:
        say("usage: python3 -m launcher run | test [pytest arguments]")
        return 2
    try:
        bootstrap.ensure(arguments)
        # From here on this is the Python of .venv, with everything installed.
        if arguments[0] == "run":
            from launcher.demo import run

            return run()
        from launcher.testing import run_tests

        return run_tests(arguments[1:])
    except Problem as problem:
        say(f"\n{problem}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

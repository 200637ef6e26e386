#!/usr/bin/env python
"""Django's command line for Onward."""

import os
import sys


def main() -> None:
    """Run one management command; development settings unless the environment says otherwise."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

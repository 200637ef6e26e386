"""Settings of the web server process that a test starts, kills and starts again: the tests' own, with static files."""

from config.settings.base import MIDDLEWARE as WHOLE
from config.settings.test import *  # noqa: F403

MIDDLEWARE = WHOLE
WHITENOISE_USE_FINDERS = True

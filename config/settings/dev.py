"""The demo and a developer's machine: started by `make run`, never by a clinic."""

from .base import *
from .base import INSTALLED_APPS, LOCAL_DIR, env

# With linear migrations, two branches that both add one conflict in git instead of in a clinic's database.
INSTALLED_APPS = ["demo", *INSTALLED_APPS, "django_linear_migrations"]

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="development-only-and-refused-by-production-settings")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

MAILBOX_DIR = env.str("MAILBOX_DIR", default=str(LOCAL_DIR / "mailbox"))
EMAIL_BACKEND = "reminders.mailbox.MailboxBackend"

SHOW_DEMO_LOGINS = True
DEMO_EMAIL_DOMAIN = "demo.example"
DEMO_PASSWORD = "onward-demo-password"  # public on purpose: no one in the demo is real

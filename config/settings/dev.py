"""The demo and a developer's machine: started by `make run`, never by a clinic."""

from config.own_key import own_key

from .base import *
from .base import INSTALLED_APPS, LOCAL_DIR, PHONE_CHANNELS, PHONE_LOOK_UPS, REMINDER_CHANNELS, env

# With linear migrations, two branches that both add one conflict in git instead of in a clinic's database.
INSTALLED_APPS = ["demo", *INSTALLED_APPS, "django_linear_migrations"]

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="development-only-and-refused-by-production-settings")
AUDIT_KEY = env.str("AUDIT_KEY", default="") or own_key(LOCAL_DIR / "audit" / "key")
FIELD_KEYS = env.list("FIELD_KEYS", default=[]) or [own_key(LOCAL_DIR / "fields" / "key")]
BACKUP_KEY = env.str("BACKUP_KEY", default="") or own_key(LOCAL_DIR / "backups" / "key")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

MAILBOX_DIR = env.str("MAILBOX_DIR", default=str(LOCAL_DIR / "mailbox"))
EMAIL_BACKEND = "reminders.mailbox.MailboxBackend"
REMINDER_CHANNELS_THAT_DROP_DOUBLES = ["email", "inbox"]  # the mailbox names its files by Message-ID

# The demo's own phone company (demo/phone_company.py), which `make run` starts: its texts are in the mailbox, too.
PHONE_COMPANY_URL = env.str("PHONE_COMPANY_URL", default="")
if PHONE_COMPANY_URL:
    TWILIO_API_URL = PHONE_COMPANY_URL
    TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN = "ACdemo00000000000000000000000000", "demo-phone-company"
    REMINDER_CHANNELS = {**REMINDER_CHANNELS, **PHONE_CHANNELS}
    REMINDER_LOOK_UPS = PHONE_LOOK_UPS

SHOW_DEMO_LOGINS = True
DEMO_EMAIL_DOMAIN = "demo.example"
DEMO_PASSWORD = "onward-demo-password"  # public on purpose: no one in the demo is real

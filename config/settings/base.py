"""Settings shared by every environment. Secrets and addresses come from the environment; the defaults are safe."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF

from .registries import *

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LOCAL_DIR = BASE_DIR / ".local"  # ignored by git: the embedded database, the broker's files, the demo's mailbox

DEBUG = False
ALLOWED_HOSTS: list[str] = []
SECRET_KEY = env.str("SECRET_KEY", default="")

INSTALLED_APPS = [
    # The house, top to bottom: each may import only from those below it.
    "desk",
    "counseling",
    "groups",
    "referrals",
    "appointments",
    "reminders",
    "privacy",
    "cases",
    "staff",
    # Dependencies.
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "pgtrigger",
    "pghistory",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "referrals.middleware.NothingOfUsMiddleware",
    "staff.middleware.ReadableRequestMiddleware",
    "staff.double_clicks.OnceMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "staff.compression.CompressedPagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "staff.middleware.KeepSignedInMiddleware",
    "staff.middleware.ClinicNumbersMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "staff.middleware.ClinicScopeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "counseling.middleware.HandedOverMiddleware",
    "staff.middleware.NoSuchRowMiddleware",
    "staff.middleware.ClinicTimeZoneMiddleware",
    "staff.middleware.NoCopiesMiddleware",
    "staff.middleware.SecondFactorMiddleware",
    "privacy.middleware.ChartAccessMiddleware",
    "cases.middleware.MergedRecordMiddleware",
    "staff.unreadable_pages.UnreadableMiddleware",
    "axes.middleware.AxesMiddleware",
    "staff.middleware.PanicMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "staff.navigation.rail",
                "staff.navigation.demo_logins",
                "privacy.banner.emergency_access",
            ],
            "builtins": ["django.templatetags.static"],
            "libraries": {"lucide": "staff.templatetags.icons"},  # lucide, with each icon drawn once
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

_address = env.db("DATABASE_URL", default="postgres://onward@127.0.0.1:5432/onward")
# Who owns the tables, where that is another role: for `migrate`, backups and their like (staff/owner.py).
OWNER_DATABASE = env.db("OWNER_DATABASE_URL", default="") if env.str("OWNER_DATABASE_URL", default="") else {}
APPLICATION_ROLE = _address.get("USER", "")
_options = _address.get("OPTIONS", {})
# How PostgreSQL plans. A page's facts are one statement of many short parts (staff/reading/): compiling it, or
# starting helpers for it, would take longer than it runs. Plans that are kept (`answer(…, keep_plan=True)`; SQL in
# triggers) suit any values. Rows come from memory or a solid-state disk: a caseload is looked up, not searched for.
PLANNING = (
    "jit=off",
    "max_parallel_workers_per_gather=0",
    "plan_cache_mode=force_generic_plan",
    "random_page_cost=1.1",
)
DATABASES = {
    "default": {
        **_address,
        "ENGINE": "staff.database",  # PostgreSQL, where each statement says which clinic it is about
        "OPTIONS": {
            "prepare_threshold": 0,
            **_options,
            "options": " ".join([_options.get("options", ""), *(f"-c {each}" for each in PLANNING)]).strip(),
        },
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,  # after a database restart no request fails
    }
}
# Limits of sign-in are counted where the accounts are: they hold, and nobody is refused, while the broker is down.
# What is only for convenience is in `brief`, and does without it.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "staff_signinlimit",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # or whoever asks under many names would push the counts out
    },
    "brief": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Database triggers write the history, so bulk and raw writes are recorded too.
PGHISTORY_APPEND_ONLY = True

AUTH_USER_MODEL = "staff.StaffMember"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # email addresses are unique whatever their capitals: a constraint on Lower()
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "given_name", "family_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},  # Django's list of 20,000
    {"NAME": "staff.passwords.GuessValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 3600  # seconds that a link to choose a password works, once
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"

# An administrator creates staff accounts; no one signs up.
ACCOUNT_ADAPTER = "staff.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = False
# Wrong passwords are counted by axes; wrong codes of the second factor here ("login_failed", by person).
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {
    "login_failed": "5/15m/key",
    "login": "120/m/ip",
    "unlock": "20/m/ip,3/15m/key",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Onward"
MFA_ADAPTER = "staff.second_factors.MFAAdapter"
MFA_FORMS = {
    "authenticate": "staff.second_factor_forms.AuthenticateForm",
    "reauthenticate": "staff.second_factor_forms.ReauthenticateForm",
    "reauthenticate_webauthn": "staff.second_factor_forms.ReauthenticateWebAuthnForm",
}
MFA_TOTP_TOLERANCE = 1  # steps of 30 s: a code read just before it changes still counts (RFC 6238, section 5.2)
REQUIRE_SECOND_FACTOR = False  # production turns it on

# How many proxies are in front: the client's address is that many from the right of X-Forwarded-For
# (staff/client_address.py). The library's limits by address ask there, too.
PROXY_COUNT = 0
# By account and address together: nobody can lock somebody out from elsewhere, and no address locks another.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "staff.client_address.counted"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # fifteen minutes are fifteen minutes
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "staff.sign_in.tried_address"
AXES_VERBOSE = False
# Slow limits beside it [D]: of one account from all addresses, and of one address over all accounts. Who signed in to
# the account from the address before isn't held up by others' tries, and a link by email opens the account.
AXES_HANDLER = "staff.sign_in_limits.Handler"
AXES_ENABLE_ACCESS_FAILURE_LOG = True
SIGN_IN_FAILURES_OF_ACCOUNT_A_DAY = 100
SIGN_IN_FAILURES_FROM_ADDRESS_AN_HOUR = 50

# Log-off after 15 minutes without a request (45 CFR 164.312(a)(2)(iii)), and at the latest after a clinic’s own
# number of hours (staff/sessions.py).
SESSION_COOKIE_AGE = 15 * 60
SESSION_ENGINE = "staff.sessions"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "staff.resending.outdated"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's form controls draw their marks as data: images in CSS
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"  # stored in UTC; each page reasons in its clinic's zone (staff.middleware)
USE_I18N = True
FORMAT_MODULE_PATH = "config.formats"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "collected"))
STATICFILES_DIRS = [BASE_DIR / "static"]

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default="Appointments <no-reply@localhost>"
)  # neutral: names no field
EMAIL_TIMEOUT = 20
SHOW_DEMO_LOGINS = False
DEMO_EMAIL_DOMAIN = ""
DEMO_PASSWORD = ""
MAILBOX_DIR: str | None = None  # set in development only: reminders are readable there

# Reminders. A channel without an entry has no provider: what is due on it fails to a task for staff.
REMINDER_CHANNELS = {
    "email": "reminders.channels.send_email",
    "inbox": "reminders.channels.inbox.put",
}
# Who can say what it took: `function(message) -> bool | None`. A try in doubt is looked up before it is repeated.
REMINDER_LOOK_UPS: dict[str, str] = {}
# Texts and calls, over the HTTP API of Twilio or of a provider that speaks it. Without an account there are none.
TWILIO_API_URL = env.str("TWILIO_API_URL", default="https://api.twilio.com").rstrip("/")
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", default="")
TWILIO_TIMEOUT = 20  # seconds, as for email: each that is given up may have been taken, and is asked about
PHONE_CHANNELS = {"sms": "reminders.channels.phone.send_text", "voice": "reminders.channels.phone.place_call"}
PHONE_LOOK_UPS = {"sms": "reminders.channels.phone.has_text", "voice": "reminders.channels.phone.has_call"}
if TWILIO_ACCOUNT_SID:
    REMINDER_CHANNELS |= PHONE_CHANNELS
    REMINDER_LOOK_UPS |= PHONE_LOOK_UPS
# Where the provider reaches Onward with replies and reports: https://onward.clinic.example, as it is in its signatures.
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")
REMINDER_REPLY_TO = env.str("REMINDER_REPLY_TO", default="")  # a mailbox piped into `manage.py receive_reply`
# Channels whose provider drops a second message with the same key. On others a message that may have arrived is never
# repeated: a person is told. SMTP promises nothing of the kind (RFC 5321, 6.1): a server that drops a second message
# with the same Message-ID is one that the clinic knows to do so.
EMAIL_DROPS_DOUBLES = env.bool("EMAIL_DROPS_DOUBLES", default=False)
REMINDER_CHANNELS_THAT_DROP_DOUBLES = ["email", "inbox"] if EMAIL_DROPS_DOUBLES else ["inbox"]
REMINDER_SENDERS = 2  # workers that empty the outbox side by side
REMINDER_LEASE_SECONDS = 360  # longer than CELERY_TASK_TIME_LIMIT: a worker that still runs is never raced

# The key of the logs' seals (staff/seals.py), which the database never holds; keys it replaced, so that entries they
# sealed can still be verified. Where the ends of the chains are kept: an append-only folder that the database's owner
# does not reach. Neither has a default that production accepts.
AUDIT_KEY = env.str("AUDIT_KEY", default="")
AUDIT_KEYS_BEFORE: list[str] = env.list("AUDIT_KEYS_BEFORE", default=[])
AUDIT_HEADS_DIR = env.str("AUDIT_HEADS_DIR", default=str(LOCAL_DIR / "audit"))

# Keys of the encrypted fields (staff/field_keys.py), newest first, kept outside the database like AUDIT_KEY. Older ones
# stay in the list until `rotate_field_keys` has left nothing under them.
FIELD_KEYS: list[str] = env.list("FIELD_KEYS", default=[])

# Backups (staff/backups/) are encrypted with this key.
BACKUP_KEY = env.str("BACKUP_KEY", default="")
# The nightly ones: `manage.py backup` without a name, run by the host's timer as the owner of the tables.
BACKUP_DIR = env.str("BACKUP_DIR", default="")
BACKUPS_KEPT = env.int("BACKUPS_KEPT", default=14)
BACKUPS_EXPECTED = False  # whether people are told where there are none; production turns it on

# The broker. These are the values with which a killed worker's task came back in seconds instead of an hour.
CELERY_BROKER_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,  # longer than the longest task; no task has a countdown or an ETA
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Whatever talks to a provider has queues and workers of its own: a slow mail server must not keep the other jobs
# waiting, and neither it nor a backlog an answer to someone in danger.
CELERY_TASK_ROUTES = {
    "reminders.tasks.empty_outbox": {"queue": "sending"},
    "reminders.tasks.answer_danger": {"queue": "answers"},
    "reminders.tasks.confirm_replies": {"queue": "answers"},
    "reminders.tasks.nudge_colleagues": {"queue": "answers"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BEAT_SCHEDULER = "config.beat.Scheduler"  # not silenced by a clock that was set back
CELERY_TIMEZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"onward": {"level": "INFO"}},
}

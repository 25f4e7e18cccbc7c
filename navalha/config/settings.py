"""Everything that differs between installations comes from the environment; this file is the whole list."""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import Env

from .database import database_url
from .logging import configure_logging

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR = Path(env.str("NAVALHA_VAR", str(BASE_DIR / "var")))
env.read_env(str(VAR / "navalha.env"), recurse=False)  # the secrets that make demo made once; the environment wins

# --- who we are -------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", False)
TESTING = "PYTEST_VERSION" in os.environ
SECRET_KEY = env.str("SECRET_KEY", "only-for-tests" if TESTING else "")
if not SECRET_KEY:
    raise RuntimeError("Set SECRET_KEY to a long random text (make demo does it by itself).")
# Fernet keys, newest first: the first encrypts, all decrypt (rotation = put a new one in front).
FIELD_KEYS = env.list("FIELD_KEYS", ["dGVzdC1vbmx5LWtleS10ZXN0LW9ubHkta2V5LTEyMzQ="] if TESTING else [])
if not FIELD_KEYS:
    raise RuntimeError("Set FIELD_KEYS to a Fernet key: it encrypts the keys of the Evolution servers.")
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
# The address at which an Evolution server reaches us; often an inner one.
WEBHOOK_BASE_URL = env.str("WEBHOOK_BASE_URL", SITE_URL).rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
SECURE = SITE_URL.startswith("https://")

# --- parts ------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "allauth",
    "allauth.account",
    "procrastinate.contrib.django",
    "navalha.web",
    "navalha.live",
    "navalha.accounts",
    "navalha.customers",
    "navalha.whatsapp",
    "navalha.messaging",
    "navalha.scheduling",
    "navalha.booking",
    "navalha.console",
    "navalha.reports",
    "navalha.setup",
    "navalha.worker",
    "navalha.doctor",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "navalha.web.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "navalha.web.middleware.HtmxMiddleware",
    "navalha.web.middleware.RefusedMiddleware",
]
ROOT_URLCONF = "navalha.config.urls"
ASGI_APPLICATION = "navalha.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the packages': allauth's own pages of the same names are never shown.
        "DIRS": [BASE_DIR / "navalha" / "accounts" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "navalha.web.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- rows -------------------------------------------------------------------------------------------------------
DATABASE_URL = database_url(env.str("DATABASE_URL", ""), VAR)
DATABASES = {"default": env.dj_db_url("DATABASE_URL", DATABASE_URL)}
WEB_THREADS = env.int("WEB_THREADS", 8)  # Django pages answered at once by one web process
# Threads borrow a connection for one request. The pool and CONN_MAX_AGE exclude each other. Tests have no pool: it
# would hold on to the test database while that is dropped.
if not TESTING:
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": env.int("DATABASE_POOL", 12),
        "timeout": 5,
    }
if TESTING:
    DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_DATABASE", "test_navalha")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Shared by all processes: the rate limits of the log-in need that.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}}

# --- people -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/entrar/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_ADAPTER = "navalha.accounts.adapter.Adapter"
ACCOUNT_FORMS = {
    "login": "navalha.accounts.forms.LoginForm",
    "reset_password": "navalha.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "navalha.accounts.forms.ResetPasswordKeyForm",
    "change_password": "navalha.accounts.forms.ChangePasswordForm",
}
ACCOUNT_EMAIL_NOTIFICATIONS = True  # who changes a password tells its owner
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Navalha: "
# By address: a whole team shares one. By key: the e-mail that somebody tries passwords on.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,5/5m/key", "reset_password": "10/m/ip,3/10m/key"}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if TESTING:  # a slow hash is right for people and wrong for a thousand test log-ins
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# --- words and clocks -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "pt-br"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGES = [("pt-br", _("Português")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "navalha" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "America/Sao_Paulo"  # only for pages without a shop; a shop has its own

# --- files ------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "navalha" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING or DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False  # nobody else's page has a use for our files

# --- walls ------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # the QR is a data: picture drawn here
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # the manage link carries its own key
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
# Only where the proxy tells which way a request came: without that it would be redirected for ever.
SECURE_SSL_REDIRECT = SECURE and BEHIND_PROXY
SECURE_REDIRECT_EXEMPT = [r"^saude/$"]  # asked from inside, without TLS
# HSTS for every subdomain, and for ever in the browsers' lists, is for the owner of the domain to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
# What one address may do on the public pages. Mobile networks put many phones behind one address.
PUBLIC_READS_PER_10_MINUTES = env.int("PUBLIC_READS_PER_10_MINUTES", 3000)
PUBLIC_WRITES_PER_10_MINUTES = env.int("PUBLIC_WRITES_PER_10_MINUTES", 1200)
PUBLIC_BOOKINGS_PER_HOUR = env.int("PUBLIC_BOOKINGS_PER_HOUR", 30)
PUBLIC_HOLDS_PER_10_MINUTES = env.int("PUBLIC_HOLDS_PER_10_MINUTES", 60)  # and shop; beyond, times are not kept
# What may be booked with one phone, whoever types it.
PUBLIC_BOOKINGS_PER_PHONE_PER_DAY = env.int("PUBLIC_BOOKINGS_PER_PHONE_PER_DAY", 10)
PUBLIC_MOVES_PER_VISIT_PER_DAY = env.int("PUBLIC_MOVES_PER_VISIT_PER_DAY", 10)

# --- work unasked -----------------------------------------------------------------------------------------------
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
# Jobs of one worker process at once; each holds a thread and a database connection. Webhooks ask only our own database;
# the others wait for Evolution servers, and one that hangs must not hold up the rest.
WORKER_ROWS = env.int("WORKER_ROWS", 4)
WORKER_NETWORK = env.int("WORKER_NETWORK", 16)
# A send that is not answered within this many seconds is *unconfirmed*: Evolution itself hangs up to 60 s.
EVOLUTION_READ_TIMEOUT = env.float("EVOLUTION_READ_TIMEOUT", 75.0)
# A row that is `sending` for longer belongs to a worker that died.
SEND_LEASE_SECONDS = env.float("SEND_LEASE_SECONDS", EVOLUTION_READ_TIMEOUT + 45)
# Absence is proof only after the remote side can no longer be about to send.
UNCONFIRMED_SETTLE_SECONDS = env.float("UNCONFIRMED_SETTLE_SECONDS", 90.0)

# How fast a number writes (`messaging/pace.py`). "off": as fast as it can, for measurements.
MESSAGES_PACING = env.str("MESSAGES_PACING", "off" if TESTING else "on") != "off"
MESSAGES_GAP_SCALE = env.float("MESSAGES_GAP_SCALE", 1.0)  # all gaps between sends, times this
MESSAGES_NEW_IN_FIRST_WEEK = env.int("MESSAGES_NEW_IN_FIRST_WEEK", 20)  # new people a day; doubled each week
# The most that an owner may choose for a number and day.
MESSAGES_MOST_PER_DAY = env.int("MESSAGES_MOST_PER_DAY", 1000)
MESSAGES_MOST_NEW_PER_DAY = env.int("MESSAGES_MOST_NEW_PER_DAY", 200)
# Every number's server is asked this often (a divisor of 60): two missed answers, and every page says so, which must
# be within a minute. Less than two of them after the first missed one, so that two checks in a row are enough.
CONNECTION_CHECK_SECONDS = env.int("CONNECTION_CHECK_SECONDS", 20)
SERVER_GONE_AFTER_SECONDS = env.float("SERVER_GONE_AFTER_SECONDS", CONNECTION_CHECK_SECONDS * 0.75)
# A drop is told once it has lasted (it mostly mends itself before), and its end once the connection has held.
ALERT_AFTER_SECONDS = env.float("ALERT_AFTER_SECONDS", 300.0)
ALERT_STEADY_SECONDS = env.float("ALERT_STEADY_SECONDS", 180.0)
# Pairings of one Evolution server at once: each is a socket that draws codes, and dozens of them bring it down.
PAIRINGS_AT_ONCE = max(1, env.int("PAIRINGS_AT_ONCE", 10))
# Fetch the photo of a WhatsApp once after it has connected, from WhatsApp (https) or the Evolution server.
PROFILE_PICTURES = env.bool("PROFILE_PICTURES", True)

# Whose images and commands are processed in every shop, beside each shop's own list: 558399330465@s.whatsapp.net,…
ALLOWED_PHONE_NUMBERS: list[str] = [entry for entry in map(str.strip, env.list("ALLOWED_PHONE_NUMBERS", [])) if entry]

# --- the demo ---------------------------------------------------------------------------------------------------
# Where `make demo` runs its pretend Evolution API; nothing else reads these.
SIMULATOR_URL = f"http://127.0.0.1:{env.int('SIMULATOR_PORT', 8090)}"
SIMULATOR_KEY = env.str("SIMULATOR_KEY", "simulator-key")

# --- the operator -----------------------------------------------------------------------------------------------
# Whom the pages name where only the operator can help: an e-mail, a phone, a sentence.
SUPPORT_CONTACT = env.str("SUPPORT_CONTACT", "")
# What the inbox keeps: events that were applied, and those that wait for a person in quarantine.
EVENTS_KEPT_DAYS = env.int("EVENTS_KEPT_DAYS", 7)
QUARANTINED_EVENTS_KEPT_DAYS = env.int("QUARANTINED_EVENTS_KEPT_DAYS", 90)
# A shop that signs up waits for the operator's yes before its page opens and its messages go out.
SIGN_UP_NEEDS_APPROVAL = env.bool("SIGN_UP_NEEDS_APPROVAL", False)

# --- outside ----------------------------------------------------------------------------------------------------
vars().update(env.dj_email_url("EMAIL_URL", "console:"))  # sets Django's EMAIL_* settings
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 20)  # seconds: a mail server that hangs must not hold the worker
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Navalha <nao-responda@localhost>")

LOGGING_CONFIG = None
configure_logging(json=env.bool("LOG_JSON", not DEBUG and not TESTING), level=env.str("LOG_LEVEL", "INFO"))

"""What the environment says of this installation: keys, addresses, mail, clocks, files."""

import json
import shutil
import smtplib
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.mail import get_connection
from django.http.request import validate_host

from navalha.accounts.brazil import BRAZILIAN_TIME_ZONES

from .findings import Finding, broken, doubtful, fine

LONG_ENOUGH, VARIED_ENOUGH = 50, 5  # as Django's own check of deployments asks (security.W009)
FEW, NONE_LEFT = 1024**3, 200 * 1024**2  # bytes
MAIL_PATIENCE = 5  # seconds
HERE = frozenset({"127.0.0.1", "localhost", "::1"})


def secret_key(now: datetime) -> Finding:
    key = str(settings.SECRET_KEY)
    if len(key) < LONG_ENOUGH or len(set(key)) < VARIED_ENOUGH or key.startswith("django-insecure-"):
        return doubtful(
            "SECRET_KEY é curta ou fácil de adivinhar.",
            f"Use um texto ao acaso de {LONG_ENOUGH} letras ou mais; quem está dentro terá de entrar de novo.",
        )
    return fine("SECRET_KEY é longa e variada.")


def field_keys(now: datetime) -> Finding:
    for position, key in enumerate(settings.FIELD_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            return broken(
                f"A {position}ª chave de FIELD_KEYS não é uma chave Fernet.",
                "Gere uma com `python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key())'`.",
            )
    return fine(f"FIELD_KEYS tem {len(settings.FIELD_KEYS)} chave(s) em ordem.")


def addresses(now: datetime) -> Finding:
    """People, browsers and Evolution servers find us where the settings say."""
    if settings.DEBUG:
        return broken("DEBUG está ligado: erros mostram segredos.", "Tire DEBUG do ambiente e reinicie o site.")
    if "*" in settings.ALLOWED_HOSTS:
        return doubtful("ALLOWED_HOSTS aceita qualquer endereço.", "Ponha nele só os nomes de SITE_URL.")
    for name in ("SITE_URL", "WEBHOOK_BASE_URL"):
        parts = urlsplit(getattr(settings, name))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return broken(f"{name} não é um endereço.", f"Escreva {name} assim: https://navalha.example")
    return _hosts()


def _hosts() -> Finding:
    site = urlsplit(settings.SITE_URL)
    host = site.hostname or ""
    if not validate_host(host, settings.ALLOWED_HOSTS):
        return broken(f"ALLOWED_HOSTS não tem {host}, o endereço do site.", f"Acrescente {host} a ALLOWED_HOSTS.")
    if site.scheme == "http" and host not in HERE:
        return doubtful(
            "SITE_URL usa http: senhas e cookies passam às claras.",
            "Ponha um proxy com TLS na frente e troque SITE_URL para https.",
        )
    return fine(f"O site responde por {settings.SITE_URL}; os avisos chegam em {settings.WEBHOOK_BASE_URL}.")


def mail(now: datetime) -> Finding:
    """Who forgot a password, and whose number fell, is told by e-mail."""
    backend = settings.EMAIL_BACKEND.rsplit(".", 2)[-2]
    if backend in ("console", "dummy", "filebased"):
        return doubtful(
            "Nenhum e-mail sai desta instalação.", "Configure EMAIL_URL, como smtp+tls://conta:senha@host:587"
        )
    if backend == "smtp":
        try:
            connected = get_connection(timeout=MAIL_PATIENCE)
            connected.open()
            connected.close()
        except (OSError, smtplib.SMTPException) as error:
            return broken(
                f"O servidor de e-mail não aceitou a conexão ({type(error).__name__}).",
                "Confira endereço, porta, usuário e senha de EMAIL_URL.",
            )
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"):
        return doubtful("O remetente dos e-mails é @localhost.", "Configure DEFAULT_FROM_EMAIL com um endereço seu.")
    return fine(
        "O servidor de e-mail aceitou a conexão." if backend == "smtp" else "O envio de e-mail está configurado."
    )


def zones(now: datetime) -> Finding:
    """The time zone data of this machine knows every zone that a shop can choose."""
    return known([name for name, _words in BRAZILIAN_TIME_ZONES])


def known(names: list[str]) -> Finding:
    missing = [name for name in names if not _is_known(name)]
    if missing:
        return broken(f"Faltam dados de fuso horário: {', '.join(missing[:3])}.", "Instale tzdata (sistema ou pip).")
    return fine(f"Os {len(names)} fusos do Brasil são conhecidos.")


def _is_known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError):
        return False
    return True


def static_files(now: datetime) -> Finding:
    """Every file that the templates name was collected, as the storage of this installation wants it."""
    if "Manifest" not in settings.STORAGES["staticfiles"]["BACKEND"]:
        return fine("Os arquivos do site vêm direto das pastas (modo de desenvolvimento).")
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    try:
        names = json.loads(manifest.read_text())["paths"]
    except (OSError, ValueError, KeyError):
        names = {}
    if not all((Path(settings.STATIC_ROOT) / name).exists() for name in names.values()):
        names = {}
    if "css/app.css" not in names:
        return broken("Os arquivos do site não foram reunidos.", "Rode `manage.py collectstatic --noinput`.")
    return fine(f"{len(names)} arquivos do site reunidos.")


def disk(now: datetime) -> Finding:
    folder = Path(settings.VAR)
    free = shutil.disk_usage(folder if folder.exists() else Path.cwd()).free
    return room(free)


def room(free: int) -> Finding:
    """`free` in bytes."""
    words = f"{free / 1024**3:.1f} GB livres no disco."
    mend = "Apague o que não precisa ou aumente o disco: sem espaço o banco para de gravar."
    if free < NONE_LEFT:
        return broken(words, mend)
    return doubtful(words, mend) if free < FEW else fine(words)

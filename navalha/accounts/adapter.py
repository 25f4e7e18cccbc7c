"""Where allauth speaks or sends, it does so with our words and to our addresses."""

from smtplib import SMTPException
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .models import User

log = structlog.get_logger(__name__)


class Adapter(DefaultAccountAdapter):
    """Named in settings as ACCOUNT_ADAPTER."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("E-mail ou senha não conferem. Verifique os dois e tente de novo."),
        "too_many_login_attempts": _(
            "Muitas tentativas seguidas. Espere cinco minutos ou crie uma nova senha em “Esqueci a senha”."
        ),
        "enter_current_password": _("Esta não é a sua senha atual. Digite-a de novo."),
        "invalid_password_reset": _("Este link de nova senha não vale mais. Peça outro."),
    }

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the configured address: a forged Host header must not send somebody's key to another site."""
        uid, _dash, rest = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": rest})
        return f"{settings.SITE_URL}{path}"

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell the person what changed in their account. The change stands also when the mail cannot go out."""
        try:
            super().send_notification_mail(template_prefix, user, context, email or user.email)
        except (SMTPException, OSError) as error:
            log.error("mail", sent=False, user=user.pk, error=type(error).__name__)

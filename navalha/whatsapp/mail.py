"""The words of the mails about drops, in Portuguese and on the shop's clock. Nothing is sent here."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from navalha.web import elapsed

from .causes import SERVER_STEP, cause_of
from .health import SERVER_CODES
from .models import Alert, AlertKind, ConnectionIncident, ServerOutage, ServerState

DOMAIN = settings.SITE_URL.partition("://")[2].partition(":")[0]


def alert_mail(alert: Alert) -> EmailMessage:
    """What the owner reads: what happened, since when, what to do, and where."""
    incident, number = alert.incident, alert.incident.instance
    with override(settings.LANGUAGE_CODE), timezone.override(ZoneInfo(alert.shop.timezone)):
        by_server = incident.code in SERVER_CODES
        context = {
            "shop": alert.shop,
            "number": number,
            "incident": incident,
            "cause": cause_of(incident.code),
            "by_server": by_server,
            "lasted": lasted(incident),
            "page": f"{settings.SITE_URL}{reverse('whatsapp:detail', args=[number.pk])}",
            "settings_page": f"{settings.SITE_URL}{reverse('whatsapp:alerts')}",
        }
        body = render_to_string(f"whatsapp/mail/{alert.kind}.txt", context)
        subject = _subject(alert, by_server)
    headers = {"Message-ID": f"<alert-{alert.pk}@{DOMAIN}>"}
    return EmailMessage(subject, body, to=[alert.user.email], headers=headers)


def _subject(alert: Alert, by_server: bool) -> str:
    name = {"name": alert.incident.instance.name}
    if by_server:
        down, back = _("O WhatsApp da barbearia está sem conexão"), _("O WhatsApp da barbearia voltou")
    else:
        down, back = _("O WhatsApp “%(name)s” está sem conexão") % name, _("O WhatsApp “%(name)s” voltou") % name
    return f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{down if alert.kind == AlertKind.DOWN else back}"


def lasted(incident: ConnectionIncident) -> str:
    """How long it was out of service; empty while it still is."""
    return elapsed.lasting(incident.returned_at - incident.began_at) if incident.returned_at else ""


def outage_mail(outage: ServerOutage, *, back: bool, numbers: int, shops: int, to: list[str]) -> EmailMessage:
    """What the operator reads of a whole server: one mail, whatever it carries."""
    with override(settings.LANGUAGE_CODE):
        name = {"name": outage.server.name}
        fails = outage.server.state == ServerState.FAILING
        down = _("Servidor “%(name)s” responde com erro") if fails else _("Servidor “%(name)s” não responde")
        subject = (_("Servidor “%(name)s” voltou") if back else down) % name
        context = {"outage": outage, "numbers": numbers, "shops": shops, "back": back, "fails": fails}
        context["step"] = SERVER_STEP
        if outage.returned_at:
            context["lasted"] = elapsed.lasting(outage.returned_at - outage.began_at)
        context["page"] = f"{settings.SITE_URL}/servidores/"
        body = render_to_string("whatsapp/mail/server.txt", context)
    headers = {"Message-ID": f"<outage-{outage.pk}-{'back' if back else 'down'}@{DOMAIN}>"}
    return EmailMessage(f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{subject}", body, to=to, headers=headers)

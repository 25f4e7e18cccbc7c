"""By which ways people were told of a drop, for its history. Pure: rows in, sentences out."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from navalha.web.sentences import to_read

from .models import Alert, AlertKind, AlertState, AlertWay, ConnectionIncident

S = AlertState
END = 4  # of a phone: who gave it knows it by these


def ways(incident: ConnectionIncident) -> list[str]:
    """`no sistema`, `por e-mail a 2 pessoas`, `por WhatsApp ao telefone final 0001`…; what did not go out says why."""
    alerts = [alert for alert in incident.alerts.all() if alert.kind == AlertKind.DOWN]
    by_mail = [alert for alert in alerts if alert.way == AlertWay.EMAIL]
    by_whatsapp = [alert for alert in alerts if alert.way == AlertWay.WHATSAPP]
    return [_("no sistema"), *_by_mail(by_mail), *(_by_whatsapp(alert) for alert in by_whatsapp)]


def _by_mail(alerts: Sequence[Alert]) -> Iterable[str]:
    sent = sum(alert.state == S.SENT for alert in alerts)
    if sent:
        yield ngettext("por e-mail a %(count)d pessoa", "por e-mail a %(count)d pessoas", sent) % {"count": sent}
    if any(alert.state in (S.QUEUED, S.SENDING) for alert in alerts):
        yield _("e-mail a caminho")
    for alert in alerts:
        if alert.state == S.FAILED:
            yield _("o e-mail não saiu: %(why)s") % {"why": _why(alert)}


def _by_whatsapp(alert: Alert) -> str:
    end = {"end": alert.phone[-END:], "why": _why(alert)}
    match alert.state:
        case S.SENT:
            return _("por WhatsApp ao telefone final %(end)s") % end
        case S.SENDING:
            return _("WhatsApp a caminho do telefone final %(end)s") % end
        case S.QUEUED:
            return _("WhatsApp ao telefone final %(end)s: esperando outro número conectado") % end
    return _("o WhatsApp ao telefone final %(end)s não saiu: %(why)s") % end


def _why(alert: Alert) -> str:
    """The reason of its last move, as a part of a sentence."""
    last = next(iter(alert.changes.all()), None)
    return to_read(last.reason).rstrip(".").lower() if last and last.reason else ""

"""Why a message waits for the pace, in the words that a person reads, and until when."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import MessageState, WhatsAppMessage
from .pace import Hold

WHY: Mapping[str, str | Promise] = {
    Hold.QUIET: gettext_lazy("É hora de silêncio: só sai o que o cliente acabou de pedir."),
    Hold.NEW_CONTACTS: gettext_lazy(
        "O número já escreveu a todos os contatos novos de hoje. Assim ele não é bloqueado."
    ),
    Hold.DAILY: gettext_lazy("O número já chegou ao limite de mensagens de hoje. Assim ele não é bloqueado."),
    Hold.UNANSWERED: gettext_lazy("O cliente ainda não respondeu às duas mensagens anteriores sobre este horário."),
    Hold.PAUSED: gettext_lazy("O WhatsApp recusou mensagens para contatos novos, e o número parou de escrever a eles."),
    Hold.CUSTOMER_FIRST: gettext_lazy("Espera o cliente escrever primeiro, pelo botão da página."),
}


def why_waits(message: WhatsAppMessage, now: datetime) -> str:
    """`É hora de silêncio: … Sai amanhã às 09:00.`; only why of one that waits no more; empty without a hold."""
    why = str(WHY.get(message.hold_code, ""))
    if not why or message.state != MessageState.QUEUED:
        return why
    if message.hold_code == Hold.UNANSWERED:
        return f"{why} {_('Sai quando ele responder.')}"
    return f"{why} {_('Sai %(when)s.') % {'when': moment_words(message.due_at, now)}}"


def moment_words(moment: datetime, now: datetime) -> str:
    """`hoje às 21:00`, `amanhã às 09:00`, `28/11 às 09:00`, on the clock that is in force (the shop's)."""
    at, today = timezone.localtime(moment), timezone.localtime(now).date()
    words = {today: _("hoje às %(hour)s"), today + timedelta(days=1): _("amanhã às %(hour)s")}
    sentence = words.get(at.date(), _("%(day)s às %(hour)s"))
    return sentence % {"day": f"{at:%d/%m}", "hour": f"{at:%H:%M}"}

"""One vocabulary of badges: the same state has the same colour and icon on every page.

A key is the word in a row's state column. Colours mean one thing each: green = connected or delivered, amber =
waiting, blue = the next step is yours, orange and red = trouble, violet = needs a person, grey = over.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Badge:
    """How one state looks: `tone` names a colour of tokens.css, `icon` one of bootstrap-icons."""

    tone: str
    icon: str
    words: str | Promise
    pulse: bool = False


CONNECTION = {
    "created": Badge("mute", "circle", _("Criado")),
    "awaiting_qr": Badge("blue", "qr-code", _("Aguardando QR")),
    "connecting": Badge("amber", "arrow-repeat", _("Conectando"), pulse=True),
    "connected": Badge("green", "check-circle-fill", _("Conectado")),
    "unstable": Badge("orange", "exclamation-triangle-fill", _("Instável")),
    "disconnected": Badge("red", "plug-fill", _("Desconectado")),
    "error": Badge("red-outline", "x-octagon-fill", _("Com erro")),
    "needs_passkey": Badge("violet", "key-fill", _("Precisa de chave de acesso")),
    "blocked": Badge("black", "slash-circle-fill", _("Bloqueado pelo WhatsApp")),
    "removed": Badge("mute", "trash3", _("Removido")),
}
MESSAGE = {
    "queued": Badge("amber", "clock", _("Na fila")),
    "sending": Badge("amber", "send", _("Enviando"), pulse=True),
    "sent": Badge("mute", "check2", _("Enviada")),
    "delivered": Badge("green", "check2-all", _("Entregue")),
    "read": Badge("blue", "check2-all", _("Lida")),
    "played": Badge("blue", "mic-fill", _("Reproduzida")),
    "failed": Badge("red", "exclamation-circle-fill", _("Falhou")),
    "unconfirmed": Badge("orange", "question-circle-fill", _("Sem confirmação")),
    "expired": Badge("mute", "hourglass-bottom", _("Expirou")),
    "received": Badge("mute", "arrow-down-left", _("Recebida")),
    "needs_person": Badge("violet", "person-raised-hand", _("Precisa de você")),
}
REMINDERS = {
    "reminder_planned": Badge("blue", "calendar-check", _("Planejado")),
    "reminder_not_sent": Badge("mute", "slash-circle", _("Não enviado")),
}
PACE = {
    "pace_normal": Badge("green", "speedometer2", _("Ritmo normal")),
    "pace_quiet": Badge("blue", "moon-stars", _("Hora de silêncio")),
    "pace_slow": Badge("amber", "hourglass-split", _("Mais devagar")),
    "pace_paused": Badge("red", "pause-circle-fill", _("Contatos novos em pausa")),
    "pace_off": Badge("mute", "speedometer2", _("Ritmo desligado")),
}
APPOINTMENT = {
    "pending": Badge("amber", "circle-half", _("Pendente")),
    "confirmed": Badge("green", "circle-fill", _("Confirmado")),
    "arrived": Badge("blue", "geo-alt-fill", _("Chegou")),
    "in_service": Badge("blue", "scissors", _("Em atendimento")),
    "done": Badge("mute", "check2-circle", _("Concluído")),
    "no_show": Badge("red", "person-x-fill", _("Faltou")),
    "cancelled": Badge("mute", "x-circle", _("Cancelado")),
}
QUEUE = {
    "called": Badge("blue", "bell-fill", _("Chamado")),
    "served": Badge("mute", "check2-circle", _("Atendido")),
    "left": Badge("mute", "box-arrow-left", _("Desistiu")),
}
DEPOSIT = {
    "deposit_pending": Badge("amber", "cash-coin", _("Sinal pendente")),
    "deposit_receipt": Badge("violet", "receipt", _("Sinal a conferir")),
    "deposit_paid": Badge("green", "cash-coin", _("Sinal pago")),
    "deposit_lapsed": Badge("mute", "hourglass-bottom", _("Sinal não pago")),
    "deposit_waived": Badge("mute", "cash-coin", _("Sinal dispensado")),
    "deposit_void": Badge("mute", "slash-circle", _("Sinal sem efeito")),
    "deposit_owed": Badge("orange", "arrow-return-left", _("Sinal a devolver")),
    "deposit_returned": Badge("mute", "arrow-return-left", _("Sinal devolvido")),
    "deposit_kept": Badge("mute", "safe", _("Sinal retido")),
}
WAITLIST = {
    "wait_waiting": Badge("amber", "clock", _("Esperando")),
    "offer_telling": Badge("amber", "send", _("Avisando"), pulse=True),
    "offer_open": Badge("blue", "hourglass-split", _("Esperando resposta")),
    "offer_accepted": Badge("green", "check-circle-fill", _("Aceita")),
    "offer_declined": Badge("mute", "x-circle", _("Não quis")),
    "offer_lapsed": Badge("mute", "hourglass-bottom", _("Sem resposta")),
    "offer_withdrawn": Badge("mute", "arrow-counterclockwise", _("Retirada")),
}
SERVER = {
    "well": Badge("green", "check-circle-fill", _("Respondendo")),
    "slow": Badge("amber", "hourglass-split", _("Lento")),
    "silent": Badge("red", "plug-fill", _("Sem resposta")),
    "failing": Badge("red-outline", "exclamation-triangle-fill", _("Responde com erro")),
    "key_refused": Badge("red", "key-fill", _("Chave recusada")),
    "licence": Badge("violet", "file-earmark-lock", _("Pede licença")),
    "unsupported": Badge("red-outline", "exclamation-octagon-fill", _("Versão não aceita")),
    "unknown": Badge("mute", "question-circle", _("Ainda não conferido")),
}
SHOP = {
    "shop_pending": Badge("amber", "hourglass-split", _("Aguardando aprovação")),
    "shop_active": Badge("green", "check-circle-fill", _("Ativa")),
    "shop_suspended": Badge("red", "pause-circle-fill", _("Suspensa")),
}
COMMAND = {
    "waiting": Badge("amber", "clock", _("Na fila")),
    "running": Badge("amber", "arrow-repeat", _("Em andamento"), pulse=True),
    "skipped": Badge("mute", "skip-forward", _("Não se aplica")),
}
EVENT = {
    "event_stored": Badge("amber", "inbox", _("Esperando")),
    "event_later": Badge("orange", "arrow-repeat", _("Tentando de novo")),
    "event_processed": Badge("green", "check2", _("Processado")),
    "event_quarantined": Badge("red", "bug-fill", _("Quarentena")),
}
IMPORT = {
    "import_uploaded": Badge("blue", "table", _("Falta escolher as colunas")),
    "import_running": Badge("amber", "arrow-repeat", _("Importando"), pulse=True),
    "import_done": Badge("green", "check-circle-fill", _("Importada")),
    "import_cancelled": Badge("mute", "stop-circle", _("Interrompida")),
    "import_failed": Badge("red", "exclamation-circle-fill", _("Parou por um erro")),
    "import_undoing": Badge("amber", "arrow-counterclockwise", _("Desfazendo"), pulse=True),
    "import_undone": Badge("mute", "arrow-counterclockwise", _("Desfeita")),
}
BADGES: dict[str, Badge] = {
    **IMPORT,
    **EVENT,
    **SHOP,
    **CONNECTION,
    **MESSAGE,
    **REMINDERS,
    **PACE,
    **APPOINTMENT,
    **QUEUE,
    **DEPOSIT,
    **WAITLIST,
    **SERVER,
    **COMMAND,
}

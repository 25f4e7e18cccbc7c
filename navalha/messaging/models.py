"""Messages out and in: the outbox and the inbox of people's words are one table."""

from collections.abc import Mapping
from datetime import time
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned, StateChange


class Direction(models.TextChoices):
    OUT = "out", _("Enviada")
    IN = "in", _("Recebida")


class MessageState(models.TextChoices):
    QUEUED = "queued", _("Na fila")
    SENDING = "sending", _("Enviando")
    UNCONFIRMED = "unconfirmed", _("Sem confirmação")
    SENT = "sent", _("Enviada")
    DELIVERED = "delivered", _("Entregue")
    READ = "read", _("Lida")
    PLAYED = "played", _("Reproduzida")
    FAILED = "failed", _("Falhou")
    EXPIRED = "expired", _("Expirou")
    CANCELLED = "cancelled", _("Cancelada")
    RECEIVED = "received", _("Recebida")


S = MessageState
# An ack may overtake the answer to the send, or prove an unconfirmed one: each state on the way may jump up the
# ladder, and none may go down it (RECORDED 5, REC 08).
ACKED = frozenset({S.DELIVERED, S.READ, S.PLAYED})
MESSAGE_MOVES: Mapping[str, frozenset[str]] = {
    # To sent and up: one that looked absent and was queued again, and turns out to have gone out after all.
    S.QUEUED: frozenset({S.SENDING, S.SENT, S.FAILED, S.EXPIRED, S.CANCELLED}) | ACKED,
    S.SENDING: frozenset({S.QUEUED, S.SENT, S.FAILED, S.UNCONFIRMED}) | ACKED,
    S.UNCONFIRMED: frozenset({S.SENT, S.QUEUED, S.FAILED, S.EXPIRED, S.CANCELLED}) | ACKED,
    S.SENT: frozenset({S.FAILED}) | ACKED,
    S.DELIVERED: frozenset({S.READ, S.PLAYED}),
    S.READ: frozenset({S.PLAYED}),
    S.PLAYED: frozenset(),
    S.FAILED: frozenset({S.QUEUED}) | ACKED,
    S.EXPIRED: frozenset(),
    S.CANCELLED: frozenset(),
    S.RECEIVED: frozenset(),
}


class WhatsAppMessage(ShopOwned):
    """One message between a shop's number and a person."""

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = MESSAGE_MOVES

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="messages", verbose_name=_("barbearia"))
    # Null while queued: the number is chosen when it is sent. Kept with it ever after.
    instance = models.ForeignKey(
        "whatsapp.WhatsAppInstance",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("número da barbearia"),
    )
    # Null on a notice to the shop's own people.
    customer = models.ForeignKey(
        "customers.Customer",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("cliente"),
    )
    direction = models.CharField(_("direção"), max_length=3, choices=Direction)
    # Out: E.164 with plus, or a whole `…@lid`. In: who wrote, in the same two forms.
    address = models.CharField(_("endereço"), max_length=80)
    kind = models.CharField(_("tipo"), max_length=20, default="text")
    text = models.TextField(_("texto"))
    # Why it exists: `booked`, `cancelled`, `notice`, `reply`… With `dedupe_key` (`booked:<id>`) it is queued once.
    purpose = models.CharField(_("motivo"), max_length=30, blank=True)
    dedupe_key = models.CharField(_("chave de repetição"), max_length=120, null=True, blank=True)  # noqa: DJ001 - null: unique only where there is one

    state = models.CharField(_("situação"), max_length=12, choices=MessageState)
    state_changed_at = models.DateTimeField(_("desde"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("tentativas"), default=0)
    due_at = models.DateTimeField(_("enviar a partir de"), default=timezone.now)
    expires_at = models.DateTimeField(_("perde o sentido em"), null=True, blank=True)
    # The last attempt: when, and on which remote instance. One that was paired anew is another one, and what it does
    # not know proves nothing.
    attempted_at = models.DateTimeField(_("última tentativa em"), null=True, blank=True)
    remote_name = models.CharField(_("nome técnico do número"), max_length=62, blank=True)
    # The shop's phone (`core.phones.phone_key`) it went out from or came to, or whose pace holds it: a row of a number
    # may be paired with another phone, and WhatsApp counts by phone.
    own_phone = models.CharField(_("pelo telefone"), max_length=20, blank=True)
    # The first thing that this phone sent to this person.
    first_contact = models.BooleanField(_("primeiro contato"), default=False)
    # WhatsApp answered with an error; kept when a person sends it again.
    refused_at = models.DateTimeField(_("recusada em"), null=True, blank=True)
    # Why the pace holds it until `due_at` (a word of `pace.Hold`); kept when it expires of that.
    hold_code = models.CharField(_("espera por"), max_length=20, blank=True)
    hold_waived_at = models.DateTimeField(_("mandada sair já em"), null=True, blank=True)
    # While sending: until when the worker that took it may still be about it.
    lease_until = models.DateTimeField(_("reservada até"), null=True, blank=True)
    error_code = models.CharField(_("código do erro"), max_length=40, blank=True)
    error_message = models.CharField(_("erro"), max_length=200, blank=True)

    wa_id = models.CharField(_("identificador no WhatsApp"), max_length=80, null=True, blank=True)  # noqa: DJ001 - null: unique only where known
    quoted_wa_id = models.CharField(_("responde a"), max_length=80, blank=True)
    written_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("escrita por")
    )
    created_at = models.DateTimeField(_("criada em"), default=timezone.now)
    sent_at = models.DateTimeField(_("enviada em"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("entregue em"), null=True, blank=True)
    read_at = models.DateTimeField(_("lida em"), null=True, blank=True)
    # What was decided about an inbound message: a code of `decisions.WORDS` and what its sentence names.
    decision_code = models.CharField(_("decisão"), max_length=20, blank=True)
    decision_values = models.JSONField(_("dados da decisão"), default=dict, blank=True)
    # The sentence of a decision from before there were codes.
    decision = models.CharField(_("decisão por extenso"), max_length=200, blank=True)
    # Of an image or a document that came: whether its sender's are processed (`customers.allowed`). Null of all else.
    sender_allowed = models.BooleanField(_("remetente autorizado"), null=True, blank=True)
    needs_person = models.BooleanField(_("precisa de uma pessoa"), default=False)

    class Meta(ShopOwned.Meta):
        verbose_name = _("mensagem")
        verbose_name_plural = _("mensagens")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "dedupe_key"], condition=models.Q(dedupe_key__isnull=False), name="queued_once"
            ),
            models.UniqueConstraint(
                fields=["instance", "wa_id"], condition=models.Q(wa_id__isnull=False), name="one_row_per_wa_id"
            ),
            models.CheckConstraint(
                condition=models.Q(direction="in", state="received")
                | (models.Q(direction="out") & ~models.Q(state="received")),
                name="received_means_in",
            ),
        ]
        indexes = [
            models.Index(
                fields=["shop", "due_at", "id"],
                condition=models.Q(state__in=["queued", "sending", "unconfirmed"]),
                name="outbox_of_shop",
            ),
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state="sent", attempts__gt=0),
                name="waiting_for_an_ack",
            ),
            models.Index(
                fields=["shop", "own_phone", "-attempted_at"],
                condition=models.Q(attempted_at__isnull=False),
                name="sends_of_phone",
            ),
            models.Index(fields=["customer", "-created_at"], name="conversation"),
            models.Index(fields=["shop", "-created_at"], name="messages_of_shop"),
            models.Index(fields=["created_at"], name="messages_in_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} #{self.pk}"


class MessageChange(StateChange):
    """One move of a message: what a thread and a person in doubt read."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="+", verbose_name=_("barbearia"))
    message = models.ForeignKey(WhatsAppMessage, models.CASCADE, related_name="changes", verbose_name=_("mensagem"))

    class Meta(StateChange.Meta):
        verbose_name = _("mudança de mensagem")
        verbose_name_plural = _("mudanças de mensagens")


class Pace(ShopOwned):
    """How one WhatsApp number of a shop may write: the rules that the owner chose, and what was decided about it.

    By phone, not by row of a number: one that is removed and added again, or paired anew, keeps its history and its
    limits; another phone on the same row starts its own.
    """

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="paces", verbose_name=_("barbearia"))
    phone = models.CharField(_("telefone"), max_length=20, blank=True, help_text=_("Só dígitos, sem o nono."))
    # The days of the warm-up are counted from here.
    began_at = models.DateTimeField(_("conectado a primeira vez em"))
    is_on = models.BooleanField(_("ritmo ligado"), default=True)
    quiet_from = models.TimeField(_("silêncio a partir de"), default=time(20))
    quiet_until = models.TimeField(_("silêncio até"), default=time(9))
    per_day = models.PositiveIntegerField(_("mensagens por dia"), default=300, validators=[MinValueValidator(1)])
    new_per_day = models.PositiveIntegerField(
        _("contatos novos por dia"), default=80, validators=[MinValueValidator(1)]
    )
    # Refusals before this moment count no more: a person lifted the pause.
    lifted_at = models.DateTimeField(_("pausa retirada em"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("retirada por")
    )
    # Nothing that is due may go before this moment: only the worker's guide to when it need look again.
    next_send_at = models.DateTimeField(_("próximo envio a partir de"), null=True, blank=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("ritmo de envio")
        verbose_name_plural = _("ritmos de envio")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "phone"], name="one_pace_per_phone"),
            models.CheckConstraint(condition=models.Q(per_day__gte=1, new_per_day__gte=1), name="pace_lets_some_go"),
        ]

    def __str__(self) -> str:
        return f"…{self.phone[-4:]}"


class PendingDelivery(ShopOwned):
    """An ack for a message whose WhatsApp id we do not know yet: it came before the answer to the send.

    Applied and removed as soon as the id is learnt; swept when nobody claims it.
    """

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="+", verbose_name=_("barbearia"))
    instance = models.ForeignKey(
        "whatsapp.WhatsAppInstance",
        models.CASCADE,
        related_name="pending_deliveries",
        verbose_name=_("número da barbearia"),
    )
    wa_id = models.CharField(_("identificador no WhatsApp"), max_length=80)
    status = models.CharField(_("situação"), max_length=20)
    at = models.DateTimeField(_("quando"))

    class Meta(ShopOwned.Meta):
        verbose_name = _("entrega à espera da mensagem")
        verbose_name_plural = _("entregas à espera da mensagem")
        constraints = [
            models.UniqueConstraint(fields=["instance", "wa_id", "status"], name="one_pending_ack_per_status"),
        ]

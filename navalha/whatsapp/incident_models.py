"""Drops of a number and of a whole server, and what tells people of them."""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned, StateChange


class ConnectionIncident(ShopOwned):
    """A time for which a number was out of service. It ends only after the connection has held for a while, so that
    one that comes and goes is one incident, and told once."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="incidents", verbose_name=_("barbearia"))
    instance = models.ForeignKey(
        "whatsapp.WhatsAppInstance", models.CASCADE, related_name="incidents", verbose_name=_("número de WhatsApp")
    )
    began_at = models.DateTimeField(_("caiu em"))
    # The cause (`causes.CAUSES`) as it was told, or as it is while nobody has been told.
    code = models.CharField(_("código da causa"), max_length=40, blank=True)
    # When people were told, in the page at least; never set for a drop that mended itself before.
    told_at = models.DateTimeField(_("avisado em"), null=True, blank=True)
    returned_at = models.DateTimeField(_("voltou em"), null=True, blank=True)
    ended_at = models.DateTimeField(_("encerrado em"), null=True, blank=True)
    dismissed_by = models.ManyToManyField("accounts.User", related_name="+", blank=True, verbose_name=_("fechado por"))

    class Meta(ShopOwned.Meta):
        verbose_name = _("queda de conexão")
        verbose_name_plural = _("quedas de conexão")
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["instance"], condition=models.Q(ended_at__isnull=True), name="one_open_incident_per_number"
            ),
        ]
        indexes = [models.Index(fields=["shop", "-told_at"], name="incidents_of_shop")]

    def __str__(self) -> str:
        return f"{self.instance_id} · {self.began_at:%d/%m/%Y %H:%M}"


class AlertKind(models.TextChoices):
    DOWN = "down", _("caiu")
    BACK = "back", _("voltou")


class AlertWay(models.TextChoices):
    EMAIL = "email", _("e-mail")
    # Through another number of the same shop: `messaging.drops`.
    WHATSAPP = "whatsapp", _("WhatsApp")


class AlertState(models.TextChoices):
    QUEUED = "queued", _("Na fila")
    SENDING = "sending", _("Enviando")
    SENT = "sent", _("Enviado")
    FAILED = "failed", _("Falhou")


A = AlertState
ALERT_MOVES: Mapping[str, frozenset[str]] = {
    # Back to the queue: the mail server did not take it, or the worker died; then it may arrive twice (`alerts`).
    # By WhatsApp it is `sending` while its message is in the outbox, whose own states keep it from going out twice.
    A.QUEUED: frozenset({A.SENDING, A.FAILED}),
    A.SENDING: frozenset({A.SENT, A.QUEUED, A.FAILED}),
    A.SENT: frozenset(),
    A.FAILED: frozenset(),
}


class Alert(ShopOwned):
    """One turn of one incident, told to one person by one way."""

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = ALERT_MOVES

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="alerts", verbose_name=_("barbearia"))
    incident = models.ForeignKey(
        ConnectionIncident, models.CASCADE, related_name="alerts", verbose_name=_("queda de conexão")
    )
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("para"))
    kind = models.CharField(_("sobre"), max_length=4, choices=AlertKind)
    way = models.CharField(_("por"), max_length=8, choices=AlertWay, default=AlertWay.EMAIL)
    # E.164, of one by WhatsApp: the phone that the person had given when it was told.
    phone = models.CharField(_("telefone"), max_length=20, blank=True)
    state = models.CharField(_("situação"), max_length=8, choices=AlertState, default=AlertState.QUEUED)
    state_changed_at = models.DateTimeField(_("desde"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("tentativas"), default=0)
    due_at = models.DateTimeField(_("enviar a partir de"))
    lease_until = models.DateTimeField(_("reservado até"), null=True, blank=True)
    created_at = models.DateTimeField(_("criado em"), default=timezone.now)

    class Meta(ShopOwned.Meta):
        verbose_name = _("aviso de queda")
        verbose_name_plural = _("avisos de queda")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "user", "kind", "way"], name="one_alert_per_person_turn_way"),
            models.CheckConstraint(condition=models.Q(way="email") | ~models.Q(phone=""), name="alert_has_its_phone"),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(state__in=["queued", "sending"]), name="alerts_to_send"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


class AlertChange(StateChange):
    """One move of an alert."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="+", verbose_name=_("barbearia"))
    alert = models.ForeignKey(Alert, models.CASCADE, related_name="changes", verbose_name=_("aviso de queda"))

    class Meta(StateChange.Meta):
        verbose_name = _("mudança de aviso")
        verbose_name_plural = _("mudanças de avisos")


class AlertPreference(ShopOwned):
    """How a member wants to hear of drops. Who said nothing: the owners get mails, nobody else does."""

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="alert_preferences", verbose_name=_("barbearia")
    )
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("pessoa"))
    by_email = models.BooleanField(_("avisar por e-mail quando o WhatsApp cair"))
    # E.164; empty: not over WhatsApp.
    phone = models.CharField(_("avisar também por WhatsApp em"), max_length=20, blank=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("preferência de aviso")
        verbose_name_plural = _("preferências de aviso")
        ordering = ["shop_id", "user_id"]
        constraints = [models.UniqueConstraint(fields=["shop", "user"], name="one_alert_preference_per_member")]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.by_email}"


class ServerOutage(models.Model):
    """A time for which a whole server did not answer: told to the operator once, whatever the number of its shops.

    A mail is due while its `…_told_at` is empty and its moment has come.
    """

    server = models.ForeignKey(
        "whatsapp.EvolutionServer", models.CASCADE, related_name="outages", verbose_name=_("servidor")
    )
    began_at = models.DateTimeField(_("caiu em"))
    returned_at = models.DateTimeField(_("voltou em"), null=True, blank=True)
    ended_at = models.DateTimeField(_("encerrado em"), null=True, blank=True)
    down_told_at = models.DateTimeField(_("queda avisada em"), null=True, blank=True)
    back_told_at = models.DateTimeField(_("volta avisada em"), null=True, blank=True)
    due_at = models.DateTimeField(_("próxima tentativa"))
    attempts = models.PositiveSmallIntegerField(_("tentativas"), default=0)

    class Meta:
        verbose_name = _("queda de servidor")
        verbose_name_plural = _("quedas de servidor")
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["server"], condition=models.Q(ended_at__isnull=True), name="one_open_outage_per_server"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.server_id} · {self.began_at:%d/%m/%Y %H:%M}"

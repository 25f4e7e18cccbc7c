"""Who wants a time that is taken, and the times that were offered to them."""

from collections.abc import Mapping
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned, StateChange


class DayPart(models.TextChoices):
    """By the hour at which a visit begins; `suiting` says which hours."""

    MORNING = "morning", _("Manhã")
    AFTERNOON = "afternoon", _("Tarde")
    EVENING = "evening", _("Noite")


class WaitState(models.TextChoices):
    WAITING = "waiting", _("Esperando")
    OFFERED = "offered", _("Com oferta")
    FULFILLED = "fulfilled", _("Marcado")
    LEFT = "left", _("Saiu da lista")
    PASSED = "passed", _("Os dias passaram")


W = WaitState
WAIT_STEPS: Mapping[str, frozenset[str]] = {
    W.WAITING: frozenset({W.OFFERED, W.LEFT, W.PASSED}),
    W.OFFERED: frozenset({W.WAITING, W.FULFILLED, W.LEFT}),
    W.FULFILLED: frozenset(),
    W.LEFT: frozenset(),
    W.PASSED: frozenset(),
}
# Somebody was taken off the list by mistake: only `actions.undo` does it.
WAIT_UNDOS: Mapping[str, frozenset[str]] = {W.LEFT: frozenset({W.WAITING})}
ON_THE_LIST = (W.WAITING, W.OFFERED)


class WaitlistEntry(ShopOwned):
    """One wish of one customer, in the order of `joined_at`: any time that suits, on one of the days.

    Nobody wanted is "qualquer um"; no part of the day is any. `starts_from` and `starts_until`, on the shop's clock,
    narrow it down further: the visit begins between the two, both included.
    """

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        state: WAIT_STEPS[state] | WAIT_UNDOS.get(state, frozenset()) for state in WaitState
    }

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="waitlist", verbose_name=_("barbearia"))
    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="waitlist_entries", verbose_name=_("cliente")
    )
    services = models.ManyToManyField("scheduling.Service", related_name="+", verbose_name=_("serviços"))
    professional = models.ForeignKey(
        "scheduling.Professional",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("profissional"),
        help_text=_("Vazio: qualquer um."),
    )
    first_day = models.DateField(_("do dia"))
    last_day = models.DateField(_("até o dia"))
    parts = ArrayField(
        models.CharField(max_length=10, choices=DayPart), verbose_name=_("partes do dia"), default=list, blank=True
    )
    starts_from = models.TimeField(_("começando das"), null=True, blank=True)
    starts_until = models.TimeField(_("até às"), null=True, blank=True)
    state = models.CharField(_("situação"), max_length=10, choices=WaitState, default=WaitState.WAITING)
    state_changed_at = models.DateTimeField(_("desde"), default=timezone.now)
    # The customer's own word, or that of the member (`added_by`) to whom they said it: since then they may be written.
    joined_at = models.DateTimeField(_("na lista desde"), default=timezone.now)
    added_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("posto por")
    )

    class Meta(ShopOwned.Meta):
        verbose_name = _("espera por um horário")
        verbose_name_plural = _("lista de espera")
        ordering = ["joined_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="wish_has_days"),
            models.CheckConstraint(
                condition=Q(starts_from=None) | Q(starts_until=None) | Q(starts_until__gte=F("starts_from")),
                name="wish_has_hours",
            ),
        ]
        indexes = [models.Index(fields=["shop", "joined_at"], condition=Q(state="waiting"), name="waitlist_of_shop")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_state_display()}"


class WaitlistChange(StateChange):
    """One move of somebody on the list."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="+", verbose_name=_("barbearia"))
    entry = models.ForeignKey(WaitlistEntry, models.CASCADE, related_name="changes", verbose_name=_("espera"))

    class Meta(StateChange.Meta):
        verbose_name = _("mudança na lista de espera")
        verbose_name_plural = _("mudanças na lista de espera")

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class OfferState(models.TextChoices):
    TELLING = "telling", _("Avisando")
    OPEN = "open", _("Esperando resposta")
    ACCEPTED = "accepted", _("Aceita")
    DECLINED = "declined", _("Recusada")
    LAPSED = "lapsed", _("Sem resposta")
    WITHDRAWN = "withdrawn", _("Retirada")


OFFER_MOVES: Mapping[str, frozenset[str]] = {
    # An answer may overtake the news that the message went out.
    OfferState.TELLING: frozenset({OfferState.OPEN, OfferState.ACCEPTED, OfferState.DECLINED, OfferState.WITHDRAWN}),
    OfferState.OPEN: frozenset({OfferState.ACCEPTED, OfferState.DECLINED, OfferState.LAPSED, OfferState.WITHDRAWN}),
    OfferState.ACCEPTED: frozenset(),
    OfferState.DECLINED: frozenset(),
    OfferState.LAPSED: frozenset(),
    OfferState.WITHDRAWN: frozenset(),
}
LIVE = (OfferState.TELLING, OfferState.OPEN)
# So begins the name under which a time is kept for an answer: no visitor's does.
FOR_WAITLIST = "oferta:"


class WaitlistOffer(ShopOwned):
    """A free time that is kept (`holder` names the `SlotHold`) while one person is asked whether they want it.

    The time to answer, `minutes`, begins at `told_at`, when WhatsApp had the message; `expires_at` is its end.
    """

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = OFFER_MOVES

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="waitlist_offers", verbose_name=_("barbearia")
    )
    entry = models.ForeignKey(WaitlistEntry, models.CASCADE, related_name="offers", verbose_name=_("espera"))
    professional = models.ForeignKey(
        "scheduling.Professional", models.CASCADE, related_name="+", verbose_name=_("profissional")
    )
    starts_at = models.DateTimeField(_("início"))
    ends_at = models.DateTimeField(_("fim"))
    state = models.CharField(_("situação"), max_length=10, choices=OfferState, default=OfferState.TELLING)
    state_changed_at = models.DateTimeField(_("desde"), default=timezone.now)
    minutes = models.PositiveSmallIntegerField(_("minutos para responder"))
    holder = models.CharField(_("reservado como"), max_length=64)
    message = models.ForeignKey(
        "messaging.WhatsAppMessage",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("mensagem"),
    )
    made_at = models.DateTimeField(_("feita em"), default=timezone.now)
    told_at = models.DateTimeField(_("avisada em"), null=True, blank=True)
    expires_at = models.DateTimeField(_("vale até"), null=True, blank=True)
    # The member who chose the time; nobody when the product found it.
    by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("por")
    )
    appointment = models.OneToOneField(
        "scheduling.Appointment",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="waitlist_offer",
        verbose_name=_("agendamento"),
    )

    class Meta(ShopOwned.Meta):
        verbose_name = _("oferta da lista de espera")
        verbose_name_plural = _("ofertas da lista de espera")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="accepted", appointment__isnull=False)
                | (~Q(state="accepted") & Q(appointment__isnull=True)),
                name="accepted_has_a_visit",
            ),
            models.CheckConstraint(
                condition=~Q(state="open") | Q(told_at__isnull=False, expires_at__isnull=False),
                name="open_offer_has_an_end",
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(state__in=["telling", "open"]), name="one_offer_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_state_display()}"


class OfferChange(StateChange):
    """One move of an offer."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="+", verbose_name=_("barbearia"))
    offer = models.ForeignKey(WaitlistOffer, models.CASCADE, related_name="changes", verbose_name=_("oferta"))

    class Meta(StateChange.Meta):
        verbose_name = _("mudança de oferta")
        verbose_name_plural = _("mudanças de ofertas")

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"

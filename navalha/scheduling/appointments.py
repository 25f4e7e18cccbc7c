"""The visits: where double booking is impossible, what was booked, what was done, and every move of each."""

from collections.abc import Mapping
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned, StateChange

from .appointment_states import APPOINTMENT_MOVES, AppointmentState
from .chair import BLOCKED, TakesTheChair, only
from .offer import Professional, Service
from .series.models import VisitSeries

# Visits that left the chair: the constraints do not count them.
NOT_FREED = ~Q(state__in=["cancelled", "no_show"])


class CancelledBy(models.TextChoices):
    CUSTOMER = "customer", _("cliente")
    SHOP = "shop", _("barbearia")
    UNPAID = "unpaid", _("falta do sinal")


class Payment(models.TextChoices):
    PIX = "pix", _("Pix")
    CASH = "cash", _("Dinheiro")
    CARD = "card", _("Cartão")


class Appointment(TakesTheChair, ShopOwned):
    """One visit: one customer, one professional, one stretch of time, one or several services."""

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = APPOINTMENT_MOVES

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="appointments", verbose_name=_("barbearia"))
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="appointments", verbose_name=_("cliente")
    )
    professional = models.ForeignKey(
        Professional, models.PROTECT, related_name="appointments", verbose_name=_("profissional")
    )
    state = models.CharField(_("situação"), max_length=12, choices=AppointmentState, default=AppointmentState.PENDING)
    state_changed_at = models.DateTimeField(_("desde"), default=timezone.now)
    # Counts the changes of time, length and professional: who moves a visit says which of them they have seen.
    version = models.PositiveIntegerField(_("versão"), default=0, editable=False)
    # Counts how often the shop has changed the customer's link: only the newest opens (`links.py`).
    links_version = models.PositiveSmallIntegerField(_("versão do link"), default=0, editable=False)
    total_cents = models.PositiveIntegerField(_("valor, em centavos"), default=0)
    # What was really paid in the end, beside what was agreed; null while nobody has said.
    paid_cents = models.PositiveIntegerField(_("valor pago, em centavos"), null=True, blank=True)
    paid_with = models.CharField(_("forma de pagamento"), max_length=10, choices=Payment, blank=True)
    cancelled_by = models.CharField(_("cancelado por"), max_length=10, choices=CancelledBy, blank=True)
    source = models.CharField(_("origem"), max_length=20, default="public")
    # Of a public one: which of the shop's links led to it (`shop.channels`); empty for the bare link.
    channel = models.CharField(_("canal"), max_length=20, blank=True)
    series = models.ForeignKey(
        VisitSeries, models.SET_NULL, null=True, blank=True, related_name="visits", verbose_name=_("repetição")
    )
    # One attempt of one form: the second of a double submit finds the visit that the first one made.
    booking_key = models.CharField(_("chave de repetição"), max_length=64, null=True, blank=True, editable=False)  # noqa: DJ001 - null: unique only where there is one
    # When the worker is to look at its reminders (`reminders.planning`); null while nothing more is to come. Whatever
    # changes the visit sets it to that moment.
    remind_at = models.DateTimeField(
        _("olhar os lembretes em"), null=True, blank=True, default=timezone.now, editable=False
    )
    created_at = models.DateTimeField(_("criado em"), default=timezone.now)

    class Meta(ShopOwned.Meta):
        verbose_name = _("agendamento")
        verbose_name_plural = _("agendamentos")
        ordering = ["starts_at", "pk"]
        constraints = [
            ExclusionConstraint(
                name="one_visit_at_a_time",
                expressions=[(only("professional_id"), "&&"), (BLOCKED, "&&")],
                condition=NOT_FREED,
            ),
            ExclusionConstraint(
                name="one_visit_in_a_chair",
                expressions=[(only("shop_id"), "&&"), (only("chair"), "&&"), (BLOCKED, "&&")],
                condition=NOT_FREED & Q(chair__isnull=False),
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="visit_ends_after_start"),
            models.CheckConstraint(condition=Q(channel__regex=r"^[a-z0-9-]*$"), name="channel_is_a_word"),
            models.CheckConstraint(
                condition=Q(paid_cents__isnull=True) | Q(paid_cents=0) | ~Q(paid_with=""), name="paid_with_something"
            ),
            models.UniqueConstraint(
                fields=["shop", "booking_key"],
                condition=Q(booking_key__isnull=False),
                name="one_visit_per_booking_key",
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "starts_at"], name="agenda"),
            models.Index(fields=["customer", "starts_at"], name="visits_of_customer"),
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="reminders_to_look_at"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_state_display()}"


class AppointmentService(ShopOwned):
    """What was booked, with the name, price and duration of that day: later price changes do not rewrite it."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="+", verbose_name=_("barbearia"))
    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="items", verbose_name=_("agendamento"))
    service = models.ForeignKey(Service, models.PROTECT, related_name="+", verbose_name=_("serviço"))
    name = models.CharField(_("nome"), max_length=80)
    price_cents = models.PositiveIntegerField(_("preço, em centavos"))
    duration_minutes = models.PositiveSmallIntegerField(_("duração, em minutos"))
    position = models.PositiveSmallIntegerField(_("ordem"), default=0)

    class Meta(ShopOwned.Meta):
        verbose_name = _("serviço do agendamento")
        verbose_name_plural = _("serviços do agendamento")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class DoneService(ShopOwned):
    """What was really done in a visit, with its price of that day, beside what had been booked."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="+", verbose_name=_("barbearia"))
    appointment = models.ForeignKey(
        Appointment, models.CASCADE, related_name="done_items", verbose_name=_("agendamento")
    )
    service = models.ForeignKey(Service, models.PROTECT, related_name="+", verbose_name=_("serviço"))
    name = models.CharField(_("nome"), max_length=80)
    price_cents = models.PositiveIntegerField(_("preço, em centavos"))
    position = models.PositiveSmallIntegerField(_("ordem"), default=0)

    class Meta(ShopOwned.Meta):
        verbose_name = _("serviço feito")
        verbose_name_plural = _("serviços feitos")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["appointment", "service"], name="each_service_done_once")]

    def __str__(self) -> str:
        return self.name


class AppointmentChange(StateChange):
    """One move of an appointment: of its state, or of its place on the agenda (then `version` is what it became)."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="+", verbose_name=_("barbearia"))
    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="changes", verbose_name=_("agendamento"))
    version = models.PositiveIntegerField(_("versão"), null=True, blank=True)
    from_professional = models.ForeignKey(
        Professional, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("de quem")
    )
    from_starts_at = models.DateTimeField(_("do início"), null=True, blank=True)
    from_ends_at = models.DateTimeField(_("do fim"), null=True, blank=True)
    to_professional = models.ForeignKey(
        Professional, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("para quem")
    )
    to_starts_at = models.DateTimeField(_("para o início"), null=True, blank=True)
    to_ends_at = models.DateTimeField(_("para o fim"), null=True, blank=True)

    class Meta(StateChange.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    version__isnull=True,
                    from_professional=None,
                    from_starts_at=None,
                    from_ends_at=None,
                    to_professional=None,
                    to_starts_at=None,
                    to_ends_at=None,
                )
                | Q(
                    version__isnull=False,
                    from_professional__isnull=False,
                    from_starts_at__isnull=False,
                    from_ends_at__isnull=False,
                    to_professional__isnull=False,
                    to_starts_at__isnull=False,
                    to_ends_at__isnull=False,
                ),
                name="whole_place_or_none",
            ),
            models.UniqueConstraint(
                fields=["appointment", "version"], condition=Q(version__isnull=False), name="one_change_per_version"
            ),
        ]
        verbose_name = _("mudança de agendamento")
        verbose_name_plural = _("mudanças de agendamentos")

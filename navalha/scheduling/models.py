"""What a shop offers, who works when, and the appointments: where double booking is impossible."""

from collections.abc import Mapping
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned, StateChange

from .chair import BLOCKED, LONGEST_BUFFER, TakesTheChair, only
from .openings import DateHours, ShopHoliday, TimeOff, Weekday, WorkingHours
from .walk_ins import QueueChange, QueueEntry, QueueState

__all__ = [
    "Appointment",
    "AppointmentChange",
    "AppointmentService",
    "AppointmentState",
    "CalendarFeed",
    "CancelledBy",
    "DateHours",
    "Preference",
    "Professional",
    "QueueChange",
    "QueueEntry",
    "QueueState",
    "Service",
    "ServiceTerms",
    "ShopHoliday",
    "SlotHold",
    "TimeOff",
    "Weekday",
    "WorkingHours",
]

# Visits that left the chair: the constraints do not count them.
NOT_FREED = ~Q(state__in=["cancelled", "no_show"])


class Service(ShopOwned):
    """Something a customer can book. One with `parts` is a combo: those together, at its own price and duration."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="services", verbose_name=_("barbearia"))
    name = models.CharField(_("nome"), max_length=80)
    duration_minutes = models.PositiveSmallIntegerField(
        _("duração, em minutos"), validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    price_cents = models.PositiveIntegerField(_("preço, em centavos"))
    # They block the chair and are not shown as the visit's time.
    buffer_before_minutes = models.PositiveSmallIntegerField(
        _("preparo antes, em minutos"), default=0, validators=[MaxValueValidator(LONGEST_BUFFER)]
    )
    buffer_after_minutes = models.PositiveSmallIntegerField(
        _("limpeza depois, em minutos"), default=0, validators=[MaxValueValidator(LONGEST_BUFFER)]
    )
    parts = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="combos", verbose_name=_("serviços do combo")
    )
    position = models.PositiveSmallIntegerField(_("ordem"), default=0)
    is_active = models.BooleanField(_("oferecido"), default=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("serviço")
        verbose_name_plural = _("serviços")
        ordering = ["position", "name", "pk"]

    def __str__(self) -> str:
        return self.name


class Professional(ShopOwned):
    """Who serves: a chair that can hold one customer at a time."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="professionals", verbose_name=_("barbearia"))
    name = models.CharField(_("nome"), max_length=80)
    # The log-in of the same person, if they have one.
    user = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("pessoa")
    )
    phone = models.CharField(_("telefone para avisos"), max_length=20, blank=True)
    services = models.ManyToManyField(Service, related_name="professionals", verbose_name=_("serviços"))
    position = models.PositiveSmallIntegerField(_("ordem"), default=0)
    is_active = models.BooleanField(_("atende"), default=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("profissional")
        verbose_name_plural = _("profissionais")
        ordering = ["position", "name", "pk"]

    def __str__(self) -> str:
        return self.name


class ServiceTerms(ShopOwned):
    """Where one professional differs from the shop's list: their own price, their own duration, or both."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="service_terms", verbose_name=_("barbearia"))
    professional = models.ForeignKey(Professional, models.CASCADE, related_name="terms", verbose_name=_("profissional"))
    service = models.ForeignKey(Service, models.CASCADE, related_name="terms", verbose_name=_("serviço"))
    price_cents = models.PositiveIntegerField(_("preço, em centavos"), null=True, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(
        _("duração, em minutos"), null=True, blank=True, validators=[MinValueValidator(5), MaxValueValidator(480)]
    )

    class Meta(ShopOwned.Meta):
        verbose_name = _("condição própria")
        verbose_name_plural = _("condições próprias")
        ordering = ["professional", "service"]
        constraints = [
            models.UniqueConstraint(fields=["professional", "service"], name="one_terms_of_a_service"),
            models.CheckConstraint(
                condition=Q(price_cents__isnull=False) | Q(duration_minutes__isnull=False), name="terms_say_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.professional_id} · {self.service_id}"


class AppointmentState(models.TextChoices):
    PENDING = "pending", _("Pendente")
    CONFIRMED = "confirmed", _("Confirmado")
    ARRIVED = "arrived", _("Chegou")
    IN_SERVICE = "in_service", _("Em atendimento")
    DONE = "done", _("Concluído")
    NO_SHOW = "no_show", _("Faltou")
    CANCELLED = "cancelled", _("Cancelado")


S = AppointmentState
Moves = Mapping[str, frozenset[str]]
# The way of a visit through its day: what a command may do.
APPOINTMENT_STEPS: Moves = {
    S.PENDING: frozenset({S.CONFIRMED, S.ARRIVED, S.NO_SHOW, S.CANCELLED}),
    S.CONFIRMED: frozenset({S.ARRIVED, S.NO_SHOW, S.CANCELLED}),
    S.ARRIVED: frozenset({S.IN_SERVICE, S.NO_SHOW}),
    S.IN_SERVICE: frozenset({S.DONE}),
    S.DONE: frozenset(),
    S.NO_SHOW: frozenset(),
    S.CANCELLED: frozenset(),
}
# One step back, because somebody pressed the wrong button: only `undoing` does it, and says why in the history.
APPOINTMENT_UNDOS: Moves = {
    S.ARRIVED: frozenset({S.PENDING, S.CONFIRMED}),
    S.IN_SERVICE: frozenset({S.ARRIVED}),
    S.DONE: frozenset({S.IN_SERVICE}),
    S.NO_SHOW: frozenset({S.PENDING, S.CONFIRMED, S.ARRIVED}),
}
# Another time or professional: only `moving` does it. A yes to one time is no yes to another; an undo brings it back.
APPOINTMENT_STAYS: Moves = {
    S.PENDING: frozenset({S.PENDING, S.CONFIRMED}),
    S.CONFIRMED: frozenset({S.CONFIRMED, S.PENDING}),
    S.ARRIVED: frozenset({S.ARRIVED}),
    S.IN_SERVICE: frozenset({S.IN_SERVICE}),
}
# Somebody was taken from the line by mistake: only `queueing.undo` does it.
APPOINTMENT_BACK_IN_LINE: Moves = {S.IN_SERVICE: frozenset({S.CANCELLED})}
NOWHERE: frozenset[str] = frozenset()
APPOINTMENT_MOVES: Moves = {
    state: frozenset().union(
        *(
            table.get(state, NOWHERE)
            for table in (APPOINTMENT_STEPS, APPOINTMENT_UNDOS, APPOINTMENT_STAYS, APPOINTMENT_BACK_IN_LINE)
        )
    )
    for state in S
}


class CancelledBy(models.TextChoices):
    CUSTOMER = "customer", _("cliente")
    SHOP = "shop", _("barbearia")


class Payment(models.TextChoices):
    PIX = "pix", _("Pix")
    CASH = "cash", _("Dinheiro")
    CARD = "card", _("Cartão")


class VisitSeries(ShopOwned):
    """Visits that were booked together, one every few weeks."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="visit_series", verbose_name=_("barbearia"))
    every_weeks = models.PositiveSmallIntegerField(_("a cada quantas semanas"))
    created_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("por")
    )
    created_at = models.DateTimeField(_("criado em"), default=timezone.now)

    class Meta(ShopOwned.Meta):
        verbose_name = _("repetição")
        verbose_name_plural = _("repetições")
        ordering = ["-created_at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(every_weeks__gte=1), name="every_week_at_most")]

    def __str__(self) -> str:
        return f"#{self.pk}"


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
    # Of a public one: which of the shop's links led to it (`channels`); empty for the bare link.
    channel = models.CharField(_("canal"), max_length=20, blank=True)
    series = models.ForeignKey(
        VisitSeries, models.SET_NULL, null=True, blank=True, related_name="visits", verbose_name=_("repetição")
    )
    # One attempt of one form: the second of a double submit finds the visit that the first one made.
    booking_key = models.CharField(_("chave de repetição"), max_length=64, null=True, blank=True, editable=False)  # noqa: DJ001 - null: unique only where there is one
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


class Preference(ShopOwned):
    """By whom a customer likes to be served. The newest one counts; nobody named takes it back.

    Rows are only added, so that two customers who become one keep the wishes of both.
    """

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="preferences", verbose_name=_("barbearia"))
    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="preferences", verbose_name=_("cliente")
    )
    professional = models.ForeignKey(
        Professional, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("profissional")
    )
    said_at = models.DateTimeField(_("dito em"))

    class Meta(ShopOwned.Meta):
        verbose_name = _("profissional preferido")
        verbose_name_plural = _("profissionais preferidos")
        ordering = ["-said_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.customer_id} · {self.professional_id}"


class CalendarFeed(ShopOwned):
    """That a professional's own calendar may read their visits. Its address is signed over this row, kept nowhere.

    Another `made_at` is another address; without the row there is none.
    """

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="calendar_feeds", verbose_name=_("barbearia")
    )
    professional = models.OneToOneField(
        Professional, models.CASCADE, related_name="calendar_feed", verbose_name=_("profissional")
    )
    made_at = models.DateTimeField(_("criado em"))

    class Meta(ShopOwned.Meta):
        verbose_name = _("endereço de calendário")
        verbose_name_plural = _("endereços de calendário")
        ordering = ["professional", "pk"]

    def __str__(self) -> str:
        return str(self.professional)


class SlotHold(TakesTheChair, ShopOwned):
    """A time kept for one visitor while the form is open. Ends by itself; the expired ones are swept as others come."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="slot_holds", verbose_name=_("barbearia"))
    professional = models.ForeignKey(
        Professional, models.CASCADE, related_name="slot_holds", verbose_name=_("profissional")
    )
    visitor = models.CharField(_("visitante"), max_length=64)
    expires_at = models.DateTimeField(_("reservado até"))

    class Meta(ShopOwned.Meta):
        verbose_name = _("horário reservado")
        verbose_name_plural = _("horários reservados")
        constraints = [
            ExclusionConstraint(
                name="one_hold_at_a_time",
                expressions=[(only("professional_id"), "&&"), (BLOCKED, "&&")],
            ),
            ExclusionConstraint(
                name="one_hold_in_a_chair",
                expressions=[(only("shop_id"), "&&"), (only("chair"), "&&"), (BLOCKED, "&&")],
                condition=Q(chair__isnull=False),
            ),
            models.UniqueConstraint(fields=["shop", "visitor"], name="one_hold_per_visitor"),
        ]

    def __str__(self) -> str:
        return f"{self.professional} {self.starts_at:%H:%M}"

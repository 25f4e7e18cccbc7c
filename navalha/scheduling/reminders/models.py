"""What a shop reminds its customers of, and what became of each reminder of each visit."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned

LEAST_MINUTES, MOST_MINUTES = 5, 30 * 24 * 60
MOST_OFFSETS = 10
LONGEST_TEXT = 700


class ReminderPolicy(ShopOwned):
    """What a shop chose about its reminders and review requests. One row a shop; without it the usual holds.

    The usual (`terms.USUAL`): reminders a day and two hours before, in the product's words, and no review requests.
    """

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="reminder_policies", verbose_name=_("barbearia")
    )
    is_on = models.BooleanField(_("lembretes ligados"), default=True)
    # Moments before this one are gone: what was switched on does not make up for the time in which it was off.
    on_since = models.DateTimeField(_("ligados desde"), default=timezone.now)
    off_at = models.DateTimeField(_("desligados em"), null=True, blank=True)
    # The shop's own words (`messaging.own_words`); empty for the product's.
    text = models.TextField(_("texto do lembrete"), max_length=LONGEST_TEXT, blank=True)
    text_soon = models.TextField(_("texto do lembrete em cima da hora"), max_length=LONGEST_TEXT, blank=True)
    review_is_on = models.BooleanField(_("pede avaliação"), default=False)
    # Visits that ended before are not asked about.
    review_since = models.DateTimeField(_("pede avaliação desde"), default=timezone.now)
    review_hours = models.PositiveSmallIntegerField(
        _("horas depois do atendimento"), default=2, validators=[MaxValueValidator(72)]
    )
    review_off_at = models.DateTimeField(_("deixou de pedir avaliação em"), null=True, blank=True)
    # Nobody is asked twice within so many days.
    review_days = models.PositiveSmallIntegerField(
        _("dias entre dois pedidos ao mesmo cliente"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(730)],
    )
    review_link = models.URLField(_("link de avaliação"), max_length=300, blank=True)
    review_text = models.TextField(_("texto do pedido de avaliação"), max_length=LONGEST_TEXT, blank=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("regra dos lembretes")
        verbose_name_plural = _("regras dos lembretes")
        ordering = ["shop", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["shop"], name="one_reminder_policy"),
            models.CheckConstraint(condition=Q(review_is_on=False) | ~Q(review_link=""), name="review_leads_somewhere"),
            models.CheckConstraint(condition=Q(review_days__gte=1), name="review_not_again_at_once"),
        ]

    def __str__(self) -> str:
        return str(_("ligados") if self.is_on else _("desligados"))


class ReminderOffset(ShopOwned):
    """How long before a visit its customer is reminded. What was removed stays, so that an undo loses nothing."""

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="reminder_offsets", verbose_name=_("barbearia")
    )
    minutes = models.PositiveIntegerField(
        _("minutos antes"), validators=[MinValueValidator(LEAST_MINUTES), MaxValueValidator(MOST_MINUTES)]
    )
    # Moments before this one are gone.
    since = models.DateTimeField(_("desde"), default=timezone.now)
    removed_at = models.DateTimeField(_("removido em"), null=True, blank=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("antecedência de lembrete")
        verbose_name_plural = _("antecedências de lembretes")
        ordering = ["-minutes", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "minutes"], name="each_offset_once"),
            models.CheckConstraint(
                condition=Q(minutes__gte=LEAST_MINUTES, minutes__lte=MOST_MINUTES), name="offset_makes_sense"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minutes} min"


class Kind(models.TextChoices):
    REMINDER = "reminder", _("Lembrete")
    REVIEW = "review", _("Pedido de avaliação")


class Dropped(models.TextChoices):
    """Why a message that was planned did not go out, or was taken back before it could."""

    LATE = "late", _("O horário já passou.")
    FOLLOWED = "followed", _("O lembrete seguinte tomou o lugar deste.")
    NO_ADDRESS = "no_address", _("O cliente não tem telefone.")
    ASKED_LATELY = "asked_lately", _("Este cliente já recebeu um pedido há pouco tempo.")
    # These two may come back: an undo of the move, or of the change of the settings.
    MOVED = "moved", _("O horário mudou, começou ou foi cancelado.")
    OFF = "off", _("O lembrete foi desligado.")


COMES_BACK = (Dropped.MOVED, Dropped.OFF)


class VisitReminder(ShopOwned):
    """One reminder of one visit at one of its times, or its review request: that its moment has come, and what was
    done then. Written once, so that nobody is told twice; its message says how far it got."""

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="visit_reminders", verbose_name=_("barbearia")
    )
    appointment = models.ForeignKey(
        "scheduling.Appointment", models.CASCADE, related_name="reminders", verbose_name=_("agendamento")
    )
    kind = models.CharField(_("tipo"), max_length=10, choices=Kind, default=Kind.REMINDER)
    # Of a reminder: how long before. Zero of a review request, of which a visit has one.
    minutes = models.PositiveIntegerField(_("minutos antes"))
    # The time of the visit that it tells of; a visit that was moved is reminded of its new time.
    of_starts_at = models.DateTimeField(_("do horário"))
    planned_at = models.DateTimeField(_("planejado para"))
    message = models.OneToOneField(
        "messaging.WhatsAppMessage",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="visit_reminder",
        verbose_name=_("mensagem"),
    )
    dropped = models.CharField(_("por que não saiu"), max_length=12, choices=Dropped, blank=True)
    # How often it was queued: once, and once more for each time that it was taken back and came again.
    times = models.PositiveSmallIntegerField(_("vezes na fila"), default=0)
    created_at = models.DateTimeField(_("criado em"), default=timezone.now)

    class Meta(ShopOwned.Meta):
        verbose_name = _("lembrete de agendamento")
        verbose_name_plural = _("lembretes de agendamentos")
        ordering = ["planned_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "kind", "minutes", "of_starts_at"], name="each_reminder_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it: what was taken back may come again."""
        return self.dropped not in COMES_BACK

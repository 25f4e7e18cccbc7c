"""When a shop is open: the week, the dates that differ, who is away, and the holidays."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned


class Weekday(models.IntegerChoices):
    """As `date.weekday()` counts."""

    MONDAY = 0, _("segunda-feira")
    TUESDAY = 1, _("terça-feira")
    WEDNESDAY = 2, _("quarta-feira")
    THURSDAY = 3, _("quinta-feira")
    FRIDAY = 4, _("sexta-feira")
    SATURDAY = 5, _("sábado")
    SUNDAY = 6, _("domingo")


class WorkingHours(ShopOwned):
    """One stretch of a weekday on the shop's clock; two stretches make a break between them.

    One that ends no later than it starts ends on the next day: 20:00 to 02:00, or to 00:00 for midnight.
    """

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="working_hours", verbose_name=_("barbearia"))
    professional = models.ForeignKey(
        "scheduling.Professional", models.CASCADE, related_name="working_hours", verbose_name=_("profissional")
    )
    weekday = models.PositiveSmallIntegerField(_("dia"), choices=Weekday)
    starts = models.TimeField(_("das"))
    ends = models.TimeField(_("às"))

    class Meta(ShopOwned.Meta):
        verbose_name = _("expediente")
        verbose_name_plural = _("expedientes")
        ordering = ["professional", "weekday", "starts", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(ends=F("starts")), name="hours_have_a_length")]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


class DateHours(ShopOwned):
    """One stretch of one date. The stretches of a date replace the professional's week on it, also on a holiday."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="date_hours", verbose_name=_("barbearia"))
    professional = models.ForeignKey(
        "scheduling.Professional", models.CASCADE, related_name="date_hours", verbose_name=_("profissional")
    )
    on = models.DateField(_("dia"))
    starts = models.TimeField(_("das"))
    ends = models.TimeField(_("às"))

    class Meta(ShopOwned.Meta):
        verbose_name = _("horário especial")
        verbose_name_plural = _("horários especiais")
        ordering = ["on", "professional", "starts", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(ends=F("starts")), name="date_hours_have_a_length")]
        indexes = [models.Index(fields=["shop", "on"], name="date_hours_of_shop")]

    def __str__(self) -> str:
        return f"{self.on:%d/%m/%Y} {self.starts:%H:%M}–{self.ends:%H:%M}"


class TimeOff(ShopOwned):
    """A stretch in which one professional, or with none named the whole shop, is away."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="times_off", verbose_name=_("barbearia"))
    professional = models.ForeignKey(
        "scheduling.Professional",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="times_off",
        verbose_name=_("profissional"),
        help_text=_("Vazio: a barbearia inteira."),
    )
    starts_at = models.DateTimeField(_("de"))
    ends_at = models.DateTimeField(_("até"))
    reason = models.CharField(_("motivo"), max_length=120, blank=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("folga")
        verbose_name_plural = _("folgas")
        ordering = ["starts_at", "pk"]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="time_off_ends_after")]

    def __str__(self) -> str:
        return self.reason or str(_("Folga"))


class ShopHoliday(ShopOwned):
    """What the shop does on one date, whatever the calendar says: open on a holiday, or closed on one of its city.

    With `every_year` the day and month count; a 29 February then comes in leap years only.
    """

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="holidays", verbose_name=_("barbearia"))
    on = models.DateField(_("dia"))
    name = models.CharField(_("nome"), max_length=80, blank=True)
    is_open = models.BooleanField(_("trabalhamos neste feriado"), default=False)
    every_year = models.BooleanField(_("todo ano"), default=False)
    is_own = models.BooleanField(_("anotado pela barbearia"), default=False)

    class Meta(ShopOwned.Meta):
        verbose_name = _("feriado")
        verbose_name_plural = _("feriados")
        ordering = ["on", "pk"]
        constraints = [models.UniqueConstraint(fields=["shop", "on"], name="one_word_on_each_holiday")]

    def __str__(self) -> str:
        return f"{self.on:%d/%m/%Y} {self.name}".strip()

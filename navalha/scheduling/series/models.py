"""Visits that come back every few weeks, and those of them that had no place."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned

from ..offer import Professional


class VisitSeries(ShopOwned):
    """One visit every few weeks, at the weekday and time of `anchor_at` on the shop's clock.

    Its visits may be moved or cancelled one by one: the rhythm stays. Nobody for `professional` is a series of before
    there was one to go on with.
    """

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="visit_series", verbose_name=_("barbearia"))
    every_weeks = models.PositiveSmallIntegerField(_("a cada quantas semanas"))
    professional = models.ForeignKey(
        Professional, models.PROTECT, null=True, blank=True, related_name="visit_series", verbose_name=_("profissional")
    )
    anchor_at = models.DateTimeField(_("conta a partir de"), default=timezone.now)
    # Up to here each time of the rhythm was looked at: it was booked, or it is a gap.
    planned_until = models.DateTimeField(_("marcada até"), default=timezone.now)
    # Up to here the customer knows the days.
    told_until = models.DateTimeField(_("avisada até"), default=timezone.now)
    ended_at = models.DateTimeField(_("encerrada em"), null=True, blank=True)
    created_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("por")
    )
    created_at = models.DateTimeField(_("criado em"), default=timezone.now)

    class Meta(ShopOwned.Meta):
        verbose_name = _("repetição")
        verbose_name_plural = _("repetições")
        ordering = ["-created_at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(every_weeks__gte=1), name="every_week_at_most")]
        indexes = [models.Index(fields=["planned_until"], condition=Q(ended_at=None), name="running_series")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class SeriesGap(ShopOwned):
    """A time of a series that could not be booked, and why; a person settles it."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="series_gaps", verbose_name=_("barbearia"))
    series = models.ForeignKey(VisitSeries, models.CASCADE, related_name="gaps", verbose_name=_("repetição"))
    starts_at = models.DateTimeField(_("início"))
    problem = models.CharField(_("motivo"), max_length=300)
    found_at = models.DateTimeField(_("desde"))
    settled_at = models.DateTimeField(_("resolvida em"), null=True, blank=True)
    settled_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("por")
    )

    class Meta(ShopOwned.Meta):
        verbose_name = _("visita que não coube")
        verbose_name_plural = _("visitas que não couberam")
        ordering = ["starts_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["series", "starts_at"], name="one_gap_at_a_time")]

    def __str__(self) -> str:
        return f"{self.series_id} · {self.starts_at:%d/%m/%Y}"

"""What takes a chair for a stretch of time: the columns, and the ranges that the exclusion constraints compare."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Func, Value
from django.utils.translation import gettext_lazy as _

LONGEST_BUFFER = 120  # minutes


def only(column: str) -> Func:
    """The column as a one-number range: what btree_gist would allow without a range (no contrib extension needed)."""
    return Func(F(column), F(column), Value("[]"), function="int8range")


def _shifted(column: str, sign: str, minutes: str) -> Func:
    """`column` and so many minutes. By way of UTC: PostgreSQL calls the direct sum unsteady, and generates it not."""
    return Func(
        F(column),
        F(minutes),
        template="(((%(expressions)s)) AT TIME ZONE 'UTC')",
        arg_joiner=f" AT TIME ZONE 'UTC') {sign} make_interval(mins => ",
        output_field=models.DateTimeField(),
    )


# Half-open, so that back-to-back visits do not overlap.
BLOCKED = Func(F("blocked_from"), F("blocked_until"), Value("[)"), function="tstzrange")


class TakesTheChair(models.Model):
    """A visit from `starts_at` to `ends_at` that needs the chair a little longer.

    People see the visit's own time. The chair is blocked from `blocked_from` to `blocked_until`, which the database
    keeps: whoever moves the visit moves them too.
    """

    starts_at = models.DateTimeField(_("início"))
    ends_at = models.DateTimeField(_("fim"))
    buffer_before_minutes = models.PositiveSmallIntegerField(
        _("preparo antes, em minutos"), default=0, validators=[MaxValueValidator(LONGEST_BUFFER)]
    )
    buffer_after_minutes = models.PositiveSmallIntegerField(
        _("limpeza depois, em minutos"), default=0, validators=[MaxValueValidator(LONGEST_BUFFER)]
    )
    # Which of the shop's chairs; none while the shop has not said how many it has.
    chair = models.PositiveSmallIntegerField(_("cadeira"), null=True, blank=True)
    blocked_from = models.GeneratedField(
        expression=_shifted("starts_at", "-", "buffer_before_minutes"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    blocked_until = models.GeneratedField(
        expression=_shifted("ends_at", "+", "buffer_after_minutes"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )

    class Meta:
        abstract = True

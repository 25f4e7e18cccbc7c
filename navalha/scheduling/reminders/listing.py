"""The reminders of one visit as its page lists them: planned, on their way, read, or why not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from navalha.messaging import waits
from navalha.messaging.models import MessageState, WhatsAppMessage

from .. import queries
from ..models import Appointment, AppointmentState
from . import moments, planning, reviews, terms
from .models import Dropped, Kind, VisitReminder
from .moments import Moment, WhyNot
from .terms import Terms

PLANNED, NOT_SENT = "reminder_planned", "reminder_not_sent"
MOVED = gettext_lazy("Na hora certa seria hora de silêncio.")
WHY_NOT: dict[WhyNot, str | Promise] = {
    WhyNot.KNOWN_LATER: gettext_lazy("O horário foi marcado depois da hora deste lembrete."),
    WhyNot.SET_LATER: gettext_lazy("A hora dele foi antes de este lembrete existir nos ajustes."),
    WhyNot.TOGETHER: gettext_lazy("À noite não se escreve: ele ficaria junto do lembrete seguinte."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """`state` is a word of `web.badges`; `why` is empty for what goes well."""

    label: str
    at: datetime
    state: str
    why: str | Promise = ""
    message: WhatsAppMessage | None = None


def of(visit: Appointment, *, now: datetime) -> list[Line]:
    """By time. Seven queries at most."""
    rows = list(visit.reminders.select_related("message").order_by("planned_at", "pk"))
    lines = [_line_of(row, visit) for row in rows]
    # Null: nothing is to come of it. A visit of the demo's past never had any.
    if visit.remind_at is not None or lines:
        found = terms.of(visit.shop)
        lines += [*_coming(visit, rows, found, now), *_review(visit, rows, found)]
    return sorted(lines, key=lambda line: line.at)


def before(minutes: int) -> str:
    """`24 horas antes`, `2 dias antes`, `15 minutos antes`."""
    count, unit = moments.in_units(minutes)
    if unit == "d":
        return ngettext("%(count)d dia antes", "%(count)d dias antes", count) % {"count": count}
    if unit == "h":
        return ngettext("%(count)d hora antes", "%(count)d horas antes", count) % {"count": count}
    return ngettext("%(count)d minuto antes", "%(count)d minutos antes", count) % {"count": count}


def _line_of(row: VisitReminder, visit: Appointment) -> Line:
    label = str(Kind.REVIEW.label) if row.kind == Kind.REVIEW else before(row.minutes)
    if row.kind == Kind.REMINDER and row.of_starts_at != visit.starts_at:
        label = _("%(label)s do horário anterior") % {"label": label}
    if row.dropped or row.message is None:
        return Line(label, row.planned_at, NOT_SENT, Dropped(row.dropped).label if row.dropped else "")
    if row.message.state == MessageState.EXPIRED:
        return Line(label, row.planned_at, NOT_SENT, waits.WHY.get(row.message.hold_code, Dropped.LATE.label))
    return Line(label, row.planned_at, row.message.state, message=row.message)


def _coming(visit: Appointment, rows: list[VisitReminder], found: Terms, now: datetime) -> Iterator[Line]:
    """What was not done yet, with what will not be and why."""
    if visit.state not in queries.OPEN or visit.starts_at <= now:
        return
    known_at = planning.known_since(visit.shop, [visit])[visit.pk]
    done = {row.minutes for row in rows if row.kind == Kind.REMINDER and row.of_starts_at == visit.starts_at}
    for one in moments.moments(visit.starts_at, found.offsets, known_at=known_at, quiet=found.quiet):
        if one.minutes not in done:
            yield _planned(one, visit)


def _planned(one: Moment, visit: Appointment) -> Line:
    if one.why_not is None:
        is_moved = one.at != visit.starts_at - timedelta(minutes=one.minutes)
        return Line(before(one.minutes), one.at, PLANNED, MOVED if is_moved else "")
    return Line(before(one.minutes), one.at, NOT_SENT, WHY_NOT[one.why_not])


def _review(visit: Appointment, rows: list[VisitReminder], found: Terms) -> Iterator[Line]:
    is_done = any(row.kind == Kind.REVIEW for row in rows)
    if visit.state == AppointmentState.DONE and not is_done and reviews.is_asked(visit, found):
        yield Line(str(Kind.REVIEW.label), reviews.due_at(visit, found), PLANNED)

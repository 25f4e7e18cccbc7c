"""What a reminder and a review request say. Rendered when the moment has come, and again while one waits to go out."""

from collections.abc import Mapping
from datetime import datetime

from navalha.messaging import own_words

from .. import notices, queries
from ..deposits import notices as deposit_notices
from ..models import Appointment, AppointmentState, Deposit
from . import moments
from .models import ReminderPolicy

# Without the time a reminder is none, and without the link nobody finds the page for the review.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "reminder": ("quando",),
    "reminder_soon": ("quando",),
    "review": ("link",),
}


def template_of(minutes: int) -> str:
    """Which text tells of a visit so long before."""
    return "reminder_soon" if moments.is_soon(minutes) else "reminder"


def own_text(policy: ReminderPolicy, template: str) -> str:
    """The shop's own words for a text; empty for the product's."""
    return {"reminder": policy.text, "reminder_soon": policy.text_soon, "review": policy.review_text}[template]


def reminder(
    visit: Appointment, minutes: int, policy: ReminderPolicy, *, deposit: Deposit | None, now: datetime
) -> str:
    template = template_of(minutes)
    context = {**notices.context_of(visit), "ask": ask(visit, deposit, now)}
    return own_words.fill(own_text(policy, template), template, context)


def review(visit: Appointment, policy: ReminderPolicy) -> str:
    context = {**notices.context_of(visit), "link": policy.review_link}
    return own_words.fill(policy.review_text, "review", context)


def ask(visit: Appointment, deposit: Deposit | None, now: datetime) -> str:
    """What the customer may answer as things stand at `now`: nothing that would be refused."""
    if deposit is not None:
        said = deposit_notices.words_of(deposit, visit, now)
        return f"Falta só o *sinal de {said['amount']}*, por Pix até {said['until']}, para garantir o horário."
    can_cancel = now <= queries.cancel_until(visit)
    if visit.state == AppointmentState.PENDING:
        if can_cancel:
            return "Responda *1* para confirmar ou *2* para cancelar."
        return "Responda *1* para confirmar. Se não puder vir, avise por aqui."
    return "Se não puder vir, responda *2* para cancelar." if can_cancel else "Se algo mudar, avise por aqui."

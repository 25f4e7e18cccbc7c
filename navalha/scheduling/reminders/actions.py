"""Every write of what a shop chose about its reminders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused
from navalha.live import topics
from navalha.live.publish import publish
from navalha.messaging import own_words

from .. import queries
from ..models import AppointmentState
from . import terms
from .models import LEAST_MINUTES, MOST_MINUTES, MOST_OFFSETS, ReminderPolicy
from .reviews import WITHIN
from .words import NEEDED

log = structlog.get_logger(__name__)

# What comes back so soon was never gone: a slip of the finger and its undo skip no reminder.
SLIP = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Review:
    """What an owner chose about review requests."""

    is_on: bool
    hours: int
    days: int
    link: str
    text: str


@transaction.atomic
def save_reminders(
    shop: Shop, *, is_on: bool, minutes: Sequence[int], text: str, text_soon: str, by: User, now: datetime
) -> ReminderPolicy:
    """Remind so many minutes before each visit, in these words (empty: the product's). Raises Refused.

    From now on: a moment that has passed is not made up for. What waits in the queue follows.
    """
    check_offsets(minutes)
    policy = chosen(shop, now=now)
    own = {"text": _own(text, "reminder", shop), "text_soon": _own(text_soon, "reminder_soon", shop)}
    if is_on and not policy.is_on and not _is_slip(policy.off_at, now):
        policy.on_since = now
    if policy.is_on and not is_on:
        policy.off_at = now
    policy.is_on, policy.text, policy.text_soon = is_on, own["text"], own["text_soon"]
    policy.save()
    _set_offsets(shop, set(minutes), now)
    _look_again(shop, now)
    log.info("reminders saved", shop=shop.pk, is_on=is_on, minutes=sorted(minutes), by=by.pk, at=now.isoformat())
    return policy


@transaction.atomic
def save_review(shop: Shop, review: Review, *, by: User, now: datetime) -> ReminderPolicy:
    """Ask so many hours after each visit. Raises Refused."""
    if review.is_on and not review.link:
        raise Refused(_("Cole o link da página de avaliação para ligar os pedidos."))
    policy = chosen(shop, now=now)
    if review.is_on and not policy.review_is_on and not _is_slip(policy.review_off_at, now):
        policy.review_since = now
    if policy.review_is_on and not review.is_on:
        policy.review_off_at = now
    policy.review_is_on, policy.review_link = review.is_on, review.link
    policy.review_hours, policy.review_days = review.hours, review.days
    policy.review_text = _own(review.text, "review", shop)
    policy.save()
    _look_again(shop, now)
    log.info("review requests saved", shop=shop.pk, is_on=review.is_on, by=by.pk, at=now.isoformat())
    return policy


def check_offsets(minutes: Sequence[int]) -> None:
    """Raise Refused with what is wrong with leads in minutes."""
    if any(not LEAST_MINUTES <= one <= MOST_MINUTES for one in minutes):
        raise Refused(_("Escolha de 5 minutos a 30 dias antes."))
    if len(minutes) != len(set(minutes)):
        raise Refused(_("Há dois lembretes com a mesma antecedência. Deixe só um."))
    if len(minutes) > MOST_OFFSETS:
        raise Refused(_("São lembretes demais: escolha até %(most)d.") % {"most": MOST_OFFSETS})


def chosen(shop: Shop, *, now: datetime) -> ReminderPolicy:
    """The shop's row; a shop without one gets the usual, as it held until now."""
    policy = terms.policy_of(shop)
    if policy.pk is None:
        for offset in terms.offsets_of(shop, policy):
            shop.reminder_offsets.create(minutes=offset.minutes, since=offset.since)
        policy.review_since = now
        policy.save()
    return policy


def _own(text: str, key: str, shop: Shop) -> str:
    """What is kept of words that an owner typed: nothing, where they are the product's own."""
    text = own_words.cleaned(text, key, NEEDED[key])
    return "" if text == own_words.usual(key, shop.name) else text


def _is_slip(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at <= SLIP


def _set_offsets(shop: Shop, wanted: set[int], now: datetime) -> None:
    for row in shop.reminder_offsets.all():
        if row.minutes not in wanted:
            row.removed_at = row.removed_at or now
        elif row.removed_at is not None:
            row.since = row.since if _is_slip(row.removed_at, now) else now
            row.removed_at = None
        row.save(update_fields=["since", "removed_at"])
        wanted = wanted - {row.minutes}
    for minutes in sorted(wanted):
        shop.reminder_offsets.create(minutes=minutes, since=now)


def _look_again(shop: Shop, now: datetime) -> None:
    """Have the worker bring every visit that this concerns in line.

    Locked in the order in which the visits of a series are cancelled: two that want the same rows take turns.
    """
    coming = Q(state__in=queries.OPEN, starts_at__gt=now)
    finished = Q(state=AppointmentState.DONE, starts_at__gt=now - WITHIN - timedelta(days=5))
    rows = shop.appointments.filter(coming | finished)
    keys = list(rows.select_for_update(no_key=True).order_by("starts_at", "pk").values_list("pk", flat=True))
    shop.appointments.filter(pk__in=keys).update(remind_at=now)
    publish(shop.pk, topics.AGENDA)

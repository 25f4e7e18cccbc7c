"""What the product says back to whoever answers to an offer of the waitlist. Portuguese, as all that customers read."""

from datetime import datetime

from navalha.core.errors import Refused
from navalha.messaging.actions import queue_text
from navalha.messaging.models import WhatsAppMessage

from .. import links, queries, slots, wishes
from ..errors import SlotTaken
from ..replies import answers as reply_answers
from ..wishes import Wish
from . import links as waitlist_links
from . import words
from .models import ON_THE_LIST, WaitlistEntry, WaitlistOffer

STAYS = "Você continua na lista de espera, e avisamos do próximo."


def the_time(made: WaitlistOffer) -> str:
    """`o horário de terça-feira, 24/11, às 15:00`."""
    return f"o horário de {words.offer_when(made)}"


def declined(message: WhatsAppMessage, *, now: datetime) -> None:
    reply_answers.say(
        message,
        "Tudo bem! Você continua na lista de espera, e avisamos do próximo que servir.\n"
        "Se não precisar mais, responda *SAIR*.",
        now=now,
    )


def too_late(message: WhatsAppMessage, made: WaitlistOffer, *, now: datetime) -> None:
    reply_answers.say(message, where_it_went(made, now=now), now=now)


def left(message: WhatsAppMessage, entry: WaitlistEntry, *, now: datetime) -> None:
    again = links.booking_url(entry.shop)
    reply_answers.say(message, f"Pronto, você saiu da lista de espera. Para marcar um horário: {again}", now=now)


def help_once(made: WaitlistOffer, *, now: datetime) -> None:
    """Say how to answer, once for each offer: a second time would only be in the way of the person who reads."""
    link = waitlist_links.place_url(made.entry)
    queue_text(
        made.shop,
        to=made.entry.customer,
        text=(
            f"Não entendi bem. 🙂\nResponda *1* para ficar com {the_time(made)} ou *2* se não quiser.\n"
            f"Ou toque aqui: {link}"
        ),
        purpose="reply",
        dedupe_key=f"waitlist_help:{made.pk}",
        now=now,
    )


def where_it_went(made: WaitlistOffer, *, now: datetime) -> str:
    """What is true of a time that was offered and is not any more, for who asks for it now."""
    return " ".join(filter(None, (_of_the_time(made, now), STAYS if made.entry.state in ON_THE_LIST else "")))


def _of_the_time(made: WaitlistOffer, now: datetime) -> str:
    if made.starts_at <= now:
        return "Este horário já passou."
    try:
        wishes.candidates(_wish(made), now=now)
    except SlotTaken:
        where = "ele já foi marcado" if _is_booked(made) else "ele foi oferecido a outra pessoa"
        return f"O tempo para ficar com este horário acabou e {where}."
    except Refused:
        return "Este horário não está mais aberto."
    return f"O tempo para responder acabou, mas ele ainda está livre. Se quiser, marque por aqui: {book_url(made)}"


def book_url(made: WaitlistOffer) -> str:
    """The shop's page with the services, the professional and the day chosen."""
    services = "".join(f"&servico={service.pk}" for service in made.entry.services.all())
    day = slots.local_day(made.starts_at, queries.zone_of(made.shop))
    return f"{links.booking_url(made.shop)}?profissional={made.professional_id}{services}&dia={day}"


def _wish(made: WaitlistOffer) -> Wish:
    return Wish(made.shop, list(made.entry.services.all()), made.professional, made.starts_at)


def _is_booked(made: WaitlistOffer) -> bool:
    visits = made.shop.appointments.exclude(state__in=queries.FREED).filter(professional=made.professional)
    return visits.filter(blocked_from__lt=made.ends_at, blocked_until__gt=made.starts_at).exists()

"""How many pairings one server carries at once: each is a socket that draws codes; 47 took 4 GB (FACTS D 24)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import ngettext

from navalha.core.errors import Refused

from .models import ConnectionState, EvolutionServer, WhatsAppInstance

S = ConnectionState


class TooManyPairings(Refused):
    """`seconds` from now the first of the pairings that go on is over at the latest."""

    def __init__(self, sentence: str, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(sentence)


def require_place(server: EvolutionServer, row: WhatsAppInstance, *, now: datetime) -> None:
    """Make sure that `server` can take the pairing of `row`; for the caller's transaction nobody takes the last place.

    Raises `TooManyPairings`.
    """
    EvolutionServer.objects.select_for_update(no_key=True).get(pk=server.pk)
    pairing = server.numbers.filter(state__in=[S.AWAITING_QR, S.CONNECTING], pairing_expires_at__gt=now)
    ends = sorted(other.pairing_expires_at or now for other in pairing.exclude(pk=row.pk))
    if len(ends) < settings.PAIRINGS_AT_ONCE:
        return
    frees = ends[len(ends) - settings.PAIRINGS_AT_ONCE]
    seconds = max(1, -(-(frees - now) // timedelta(seconds=1)))
    minutes = -(-seconds // 60)
    sentence = ngettext(
        "Outras barbearias estão conectando agora. Tente de novo em um minuto.",
        "Outras barbearias estão conectando agora. Tente de novo em até %(minutes)d minutos.",
        minutes,
    ) % {"minutes": minutes}
    raise TooManyPairings(sentence, seconds)

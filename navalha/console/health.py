"""A server's last day as a strip: 48 half hours, each with the worst that was seen in it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, FloatField, Func, Q
from django.db.models.functions import Floor
from django.utils.translation import gettext as _

from navalha.whatsapp.models import EvolutionServer, ServerCheck, ServerState

PIECES = 48
PIECE = timedelta(minutes=30)
WELL = (ServerState.WELL, ServerState.SLOW)


@dataclass(frozen=True, slots=True)
class Piece:
    """Half an hour from `starts_at`: how many looks, how many of them found the server not well, their mean time."""

    starts_at: datetime
    looks: int = 0
    bad: int = 0
    slow: int = 0
    milliseconds: int | None = None

    @property
    def tone(self) -> str:
        """A colour of tokens.css."""
        if not self.looks:
            return "mute"
        if self.bad:
            return "red" if self.bad * 2 > self.looks else "orange"
        return "amber" if self.slow else "green"

    @property
    def words(self) -> str:
        if not self.looks:
            return _("ninguém conferiu")
        if self.bad:
            return _("falhou em %(bad)d de %(looks)d conferências") % {"bad": self.bad, "looks": self.looks}
        return _("bem, %(ms)d ms em média") % {"ms": self.milliseconds or 0}


def strips(servers: Iterable[EvolutionServer], *, now: datetime) -> dict[int, list[Piece]]:
    """The last 24 hours of each server by its id, oldest first; one query for all of them."""
    starts_at = now - PIECE * PIECES
    # Not `Extract`: that reads the clock of the active time zone.
    epoch = Func("at", template="EXTRACT(EPOCH FROM %(expressions)s)", output_field=FloatField())
    place = Floor((epoch - starts_at.timestamp()) / PIECE.total_seconds())
    rows = (
        ServerCheck.objects.filter(server__in=list(servers), at__gt=starts_at, at__lte=now)
        .order_by()
        .annotate(place=place)
        .values("server_id", "place")
        .annotate(
            looks=Count("pk"),
            bad=Count("pk", filter=~Q(state__in=WELL)),
            slow=Count("pk", filter=Q(state=ServerState.SLOW)),
            mean=Avg("milliseconds"),
        )
    )
    seen: dict[int, dict[int, Piece]] = defaultdict(dict)
    for row in rows:
        at = min(int(row["place"]), PIECES - 1)
        mean = None if row["mean"] is None else round(row["mean"])
        seen[row["server_id"]][at] = Piece(starts_at + PIECE * at, row["looks"], row["bad"], row["slow"], mean)
    return {
        server.pk: [seen[server.pk].get(at) or Piece(starts_at + PIECE * at) for at in range(PIECES)]
        for server in servers
    }

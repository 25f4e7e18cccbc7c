"""What a person who books may run into."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from navalha.core.errors import Refused

from .slots import Slot


class OutOfHours(Refused):
    """Unusual but possible for the shop's own people: they may insist."""


class PlaceTaken(Refused):
    """A visit cannot go there: another one, or no free chair, is in the way. Its words are for the shop's people."""


class OnlyByShop(Refused):
    """The shop books this customer itself. Its words do not say why: who types a phone need not be whose it is."""

    def __init__(self) -> None:
        super().__init__(
            _("Para este telefone, o horário é combinado direto com a barbearia. Fale com ela para marcar.")
        )


class DepositNeeded(Refused):
    """The visit needs a deposit that the customer has not been shown: they decide before anything is booked."""

    def __init__(self, amount_cents: int) -> None:
        super().__init__(_("Para este agendamento é preciso pagar um sinal. Veja o valor e confirme."))
        self.amount_cents = amount_cents


class SlotTaken(Refused):
    """Somebody else has the time. `nearest` are the nearest free ones, at most three, by time."""

    def __init__(self, nearest: Sequence[Slot]) -> None:
        super().__init__(
            _("Este horário acabou de ser ocupado. Escolha um dos mais próximos.")
            if nearest
            else _("Este horário acabou de ser ocupado e não há outro livre. Escolha outro dia ou profissional.")
        )
        self.nearest = list(nearest)

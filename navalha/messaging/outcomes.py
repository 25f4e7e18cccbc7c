"""What a send that did not go well means to the people who read it, and when to try again. Pure."""

import random
from datetime import timedelta

from django.utils.translation import gettext as _

from navalha.evolution.errors import EvolutionError, LicenceRequired, NotConnected, Rejected, RejectedReason

_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=10)
# Of an unconfirmed message that no look-up can ever clear up: its number was paired anew, say.
UNKNOWABLE = "unknowable"


def wait_before(attempt: int) -> timedelta:
    """Before trying again after `attempt` tries: doubling, at most ten minutes, with jitter so that the messages of a
    server that comes back do not all come at once."""
    full = min(_FIRST_WAIT * 2 ** min(attempt - 1, 12), _LONGEST_WAIT)
    return full * random.uniform(0.7, 1.0)  # noqa: S311 - spreads load, guards nothing


def why_held(error: EvolutionError) -> str:
    """Why a message waits although the number looked connected."""
    if isinstance(error, NotConnected):
        return _("O número da barbearia está sem conexão com o WhatsApp. A mensagem sai assim que ela voltar.")
    if isinstance(error, LicenceRequired):
        return _("O servidor do WhatsApp está parado por falta de licença. Fale com o suporte: a mensagem espera.")
    return _("O serviço de WhatsApp não respondeu. Vamos tentar de novo.")


def why_refused(error: Rejected) -> str:
    """Why a message will never go out as it is."""
    if error.reason is RejectedReason.NOT_ON_WHATSAPP:
        return _("Este número não tem WhatsApp.")
    return _("O WhatsApp não aceita este número ou este texto. Confira o telefone do cliente.")


def why_unconfirmed() -> str:
    return _("O serviço de WhatsApp não confirmou o envio. Estamos conferindo se a mensagem saiu.")


def why_unknowable() -> str:
    return _("Não dá para saber se esta mensagem saiu. Confira no celular da barbearia.")

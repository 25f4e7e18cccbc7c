"""What a shop reads and accepts once, before its first pairing: what an unofficial connection risks.

The points are FACTS E in an owner's words. Who changes what they mean raises `VERSION`: every shop is asked again.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused

from .models import ConnectionConsent

VERSION = 1


@dataclass(frozen=True, slots=True)
class Note:
    """`risks` and `helps` are whole sentences."""

    lead: str | Promise
    risks: tuple[str | Promise, ...]
    helps: tuple[str | Promise, ...]


NOTE = Note(
    lead=gettext_lazy(
        "O Navalha se conecta como um aparelho a mais do seu WhatsApp, como o WhatsApp Web. Esta forma de conexão não é"
        " oficial: o WhatsApp não a aprova."
    ),
    risks=(
        gettext_lazy(
            "O WhatsApp pode restringir ou bloquear o número, por um tempo ou para sempre. Já aconteceu com números que"
            " enviaram pouco."
        ),
        gettext_lazy("Ninguém pode garantir que isso não aconteça, e nós não conseguimos desbloquear um número."),
        gettext_lazy("A conexão pode cair sem aviso. As mensagens na fila esperam, mas podem atrasar."),
    ),
    helps=(
        gettext_lazy("Use um número que a barbearia já usa há meses. Um chip novo é bloqueado com mais facilidade."),
        gettext_lazy(
            "Prefira clientes que escreveram primeiro, e pare de escrever a quem pedir para não receber mais."
        ),
        gettext_lazy("Não use para propaganda nem para muitas mensagens de uma vez."),
        gettext_lazy("Continue usando o WhatsApp no celular, conversando à mão todos os dias."),
    ),
)


UNREAD = gettext_lazy("Antes da primeira conexão, o dono ou o gerente precisa ler e aceitar o aviso sobre os riscos.")


class ConsentNeeded(Refused):
    """Nobody of the shop has accepted the note in its present version."""


def accepted_by(shop: Shop) -> ConnectionConsent | None:
    """The shop's acceptance of the present text, with who gave it; None when it has yet to read it."""
    return shop.connection_consents.filter(version=VERSION).select_related("by").first()


def require_consent(shop: Shop) -> None:
    """Raises `ConsentNeeded` for a shop that has yet to accept."""
    if not shop.connection_consents.filter(version=VERSION).exists():
        raise ConsentNeeded(str(UNREAD))


@transaction.atomic
def accept(shop: Shop, *, version: int, now: datetime, by: User) -> ConnectionConsent:
    """`by` has read the note; safe to repeat: the first acceptance stays. Raises `ConsentNeeded` for an old text."""
    if version != VERSION:
        raise ConsentNeeded(_("O aviso mudou desde que você o abriu. Leia-o de novo antes de aceitar."))
    given, _made = shop.connection_consents.get_or_create(
        version=VERSION, defaults={"accepted_at": now, "by": by, "by_email": by.email}
    )
    return given

"""What the pairing window shows at a moment: a pure reading of one row."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from .causes import TURNED_AWAY, Cause, cause_of, trouble_of
from .models import ConnectionState, WhatsAppInstance
from .pairing import FIRST_QR_TAKES, MOST_CODES, OPENING_TAKES, QR_LASTS, ROTATION_TAKES, began_at
from .pairing_end import failed_code
from .refusals import pause_sentence

S = ConnectionState


class Step(enum.Enum):
    """The steps a person sees, in order; `OVER` offers to begin anew.

    `PASSKEY` and `REFUSED`: WhatsApp turned the reading away; `PAUSED`: so often that we wait.
    """

    WAITING = "waiting"
    CODE = "code"
    CHANGING = "changing"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    PASSKEY = "passkey"
    REFUSED = "refused"
    PAUSED = "paused"
    OVER = "over"


ENDED = (Step.PASSKEY, Step.REFUSED, Step.PAUSED, Step.OVER)


@dataclass(frozen=True, slots=True)
class Pairing:
    """One step, and what is said aloud at it.

    `seconds_left` are those of the code, for the ring; `cause` is why it is over, when there is more to say than that;
    `pause` says until when no code is made.
    """

    step: Step
    said: str
    seconds_left: int = 0
    cause: Cause | None = None
    pause: str = ""

    @property
    def most_codes(self) -> int:
        """How many codes of letters one session has."""
        return MOST_CODES

    @property
    def qr_seconds(self) -> int:
        """How long one code lives, for the ring's full turn."""
        return int(QR_LASTS.total_seconds())

    @property
    def is_under_way(self) -> bool:
        return self.step in (Step.WAITING, Step.CODE, Step.CHANGING, Step.CONNECTING)


def pairing_of(number: WhatsAppInstance, *, now: datetime) -> Pairing:
    """The step that `number` is at."""
    step = _step(number, now)
    return Pairing(
        step,
        _said(step, number),
        seconds_left=_seconds(number.qr_code_expires_at, now) if step is Step.CODE else 0,
        cause=_cause(number) if step in ENDED else None,
        pause=pause_sentence(number, now) if step is Step.PAUSED else "",
    )


def _cause(number: WhatsAppInstance) -> Cause | None:
    return cause_of(failed_code(number)) if number.state == S.CONNECTING else trouble_of(number)


def _step(number: WhatsAppInstance, now: datetime) -> Step:
    if number.state == S.CONNECTED:
        return Step.CONNECTED
    if number.state == S.CONNECTING:
        return Step.CONNECTING if now - number.state_changed_at < OPENING_TAKES else Step.OVER
    if not number.is_pairing_at(now):
        return _end(number, now)
    if number.qr_code_is_valid_at(now):
        return Step.CODE
    if number.qr_code_expires_at:
        return Step.CHANGING if now < number.qr_code_expires_at + ROTATION_TAKES else Step.OVER
    return Step.WAITING if now < began_at(number) + FIRST_QR_TAKES * 2 else Step.OVER


def _end(number: WhatsAppInstance, now: datetime) -> Step:
    if number.is_paused_at(now):
        return Step.PAUSED
    if number.error_code == "needs_passkey":
        return Step.PASSKEY
    return Step.REFUSED if number.error_code in TURNED_AWAY else Step.OVER


def _said(step: Step, number: WhatsAppInstance) -> str:
    match step:
        case Step.WAITING:
            return _("Gerando o código.")
        case Step.CODE if number.connection_code:
            spelled = ", ".join(number.connection_code)
            return _("Código %(count)s: %(letters)s. Digite no celular.") % {
                "count": number.qr_code_count,
                "letters": spelled,
            }
        case Step.CODE:
            return _("Código %(count)s na tela. Leia com o celular.") % {"count": number.qr_code_count}
        case Step.CHANGING:
            return _("Trocando o código.")
        case Step.CONNECTING:
            return _("Código lido. Conectando.")
        case Step.CONNECTED:
            return _("Pronto. O WhatsApp está conectado.")
        case Step.PASSKEY:
            return _("O WhatsApp não deixou conectar: ele pede uma chave de acesso.")
        case Step.REFUSED:
            return _("O WhatsApp não deixou conectar.")
        case Step.PAUSED:
            return _("Muitas recusas seguidas: espere antes de tentar de novo.")
        case Step.OVER:
            return _("Nenhum código na tela. Gere um novo QR.")


def _seconds(until: datetime | None, now: datetime) -> int:
    return max(0, (until - now) // timedelta(seconds=1)) if until else 0

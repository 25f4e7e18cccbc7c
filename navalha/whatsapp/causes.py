"""Why a number is not connected, in words for its owner: what happened, and what to do next.

Codes that are numbers are WhatsApp's own (FACTS C, "Reason codes"); the others are ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import ConnectionState, WhatsAppInstance


@dataclass(frozen=True, slots=True)
class Cause:
    """`happened` is a whole sentence; so is `next_step`. `badge` replaces that of the state (`web.badges`)."""

    happened: str | Promise
    next_step: str | Promise
    badge: str = ""


NEW_QR = _("Gere um novo código e leia-o com o celular da barbearia.")
LET_US = _("Não precisa fazer nada: estamos cuidando disso. As mensagens esperam na fila e saem quando voltar.")
WAIT = _("A conexão costuma voltar sozinha. Se demorar, confira se o celular está ligado e com internet.")
TRY_AGAIN = _("Tente de novo em um minuto.")
CALL_SUPPORT = _("Fale com o suporte: não há nada de errado com o seu celular.")
ASK_WHATSAPP = _(
    "Abra o WhatsApp no celular e veja se há um aviso. Só gere um novo QR depois de resolver o que ele pede."
)

CAUSES: dict[str, Cause] = {
    "401": Cause(_("O WhatsApp foi desconectado pelo celular."), NEW_QR),
    "402": Cause(_("O WhatsApp restringiu esta conta."), ASK_WHATSAPP, "blocked"),
    "403": Cause(_("O WhatsApp bloqueou este número."), ASK_WHATSAPP, "blocked"),
    "406": Cause(_("O WhatsApp não aceitou este número como aparelho conectado."), ASK_WHATSAPP, "blocked"),
    "408": Cause(_("A conexão com o WhatsApp caiu."), WAIT),
    "411": Cause(
        _("A versão do WhatsApp neste celular não aceita aparelhos conectados."),
        _("Atualize o WhatsApp no celular e gere um novo QR."),
    ),
    "463": Cause(
        _("O WhatsApp não deixa este número escrever a quem nunca falou com ele."),
        _("Peça ao cliente que mande um oi primeiro, pelo link de agendamento. As outras conversas seguem normais."),
    ),
    "ack_error": Cause(
        _("O WhatsApp recusou a mensagem."),
        _("Peça ao cliente que mande um oi para o número da barbearia e reenvie."),
    ),
    "428": Cause(_("A conexão com o WhatsApp foi encerrada."), WAIT),
    "440": Cause(
        _("Outro programa assumiu a conexão deste número."),
        _("Se este WhatsApp também está ligado a outro sistema, desconecte-o lá e gere um novo QR aqui."),
    ),
    "500": Cause(_("O WhatsApp não reconheceu mais esta conexão."), NEW_QR),
    "503": Cause(_("O WhatsApp está fora do ar no momento."), WAIT),
    "515": Cause(_("O WhatsApp pediu para recomeçar a conexão."), WAIT),
    "qr_limit": Cause(_("Ninguém leu o QR a tempo."), NEW_QR),
    "pairing_expired": Cause(_("O tempo para ler o QR acabou."), NEW_QR),
    "pairing_cancelled": Cause(_("A conexão foi cancelada antes de o QR ser lido."), NEW_QR),
    "pairing_failed": Cause(
        _("O celular leu o QR, mas o WhatsApp não completou a conexão."),
        _("Atualize o WhatsApp no celular, confira a internet dele e gere um novo QR."),
    ),
    "needs_passkey": Cause(
        _(
            "O celular leu o código, mas o WhatsApp não completou a conexão. Quase sempre ele está pedindo uma chave"
            " de acesso."
        ),
        _(
            "No celular, atualize o WhatsApp e abra Configurações, Conta, Chaves de acesso: crie ou confirme a sua."
            " Depois gere um novo código."
        ),
        "needs_passkey",
    ),
    "code_failed": Cause(
        _("O WhatsApp não completou a conexão pelo código."),
        _("Peça outro código e digite-o logo, sem fechar o WhatsApp. Se não der, leia o QR."),
    ),
    "code_refused": Cause(
        _("Nenhum dos códigos foi aceito a tempo."),
        _(
            "Confira se o telefone é o do WhatsApp da barbearia, ou leia o QR: ele costuma funcionar quando o código"
            " falha."
        ),
    ),
    "closed_at_once": Cause(
        _("O WhatsApp conectou e desligou logo em seguida."),
        _("Abra o WhatsApp no celular e veja se há um aviso. Espere alguns minutos antes de gerar um novo código."),
    ),
    "by_person": Cause(_("Desconectado por aqui."), NEW_QR),
    "missing": Cause(_("O servidor do WhatsApp não guarda mais a conexão deste número."), NEW_QR),
    "closed": Cause(_("A conexão com o WhatsApp caiu e não voltou."), NEW_QR),
    "no_contact": Cause(_("O WhatsApp deste número está tentando reconectar."), WAIT),
    "mute": Cause(
        _("O WhatsApp não dá retorno das mensagens deste número, embora pareça conectado."),
        _("Abra o WhatsApp no celular e confira a internet. Se não voltar sozinho, desconecte e leia um novo QR."),
    ),
    "flapping": Cause(
        _("A conexão cai e volta sem parar: outro programa parece usar este número ao mesmo tempo."),
        _("Se este WhatsApp também está ligado a outro sistema, desconecte-o lá. Se não, gere um novo QR aqui."),
    ),
    "unchecked": Cause(_("Não estamos conseguindo conferir esta conexão."), LET_US),
    "server_down": Cause(_("O servidor do WhatsApp não está respondendo."), LET_US),
    "server": Cause(_("Não conseguimos falar com o servidor do WhatsApp agora."), TRY_AGAIN),
    "server_key": Cause(_("O servidor do WhatsApp recusou o nosso acesso."), CALL_SUPPORT),
    "server_version": Cause(_("O servidor do WhatsApp não está pronto para conectar números."), CALL_SUPPORT),
    "server_licence": Cause(_("O servidor do WhatsApp está parado: falta ativar a licença dele."), CALL_SUPPORT),
    "server_mute": Cause(_("O servidor do WhatsApp não está conseguindo nos avisar do que acontece."), CALL_SUPPORT),
    "used_here": Cause(
        _("Este WhatsApp já está conectado em outro cartão da sua barbearia."),
        _("Use o cartão que já existe, ou desconecte-o antes de conectar aqui."),
    ),
    "used_elsewhere": Cause(
        _("Este WhatsApp já está conectado em outra barbearia."),
        _("Leia o QR com o WhatsApp da sua barbearia, ou desconecte-o da outra antes."),
    ),
}

# Evolution 2.4 answers 503 LICENSE_REQUIRED to every call until it is activated (FACTS, "Upgrading").
LICENCE_STEP = _("Ative a licença no painel da Evolution API deste servidor ou volte à versão 2.3.x.")
SERVER_STEP = _(
    "Veja se a máquina e o contêiner da Evolution API estão de pé e se o banco dela responde; depois confira o endereço"
    " e a chave."
)
# What the operator does, where the owner of a number is told that somebody does it.
OPERATOR_STEPS: Mapping[str, str | Promise] = {
    "server_down": SERVER_STEP,
    "server": SERVER_STEP,
    "server_key": _("Abra o servidor em “Servidores”, escreva a chave de acesso de novo e teste a conexão."),
    "server_version": _("Ponha neste servidor a versão 2.3.x da Evolution API."),
    "server_licence": LICENCE_STEP,
    "server_mute": _(
        "Abra o servidor e toque em “Conferir configuração”: ela mostra o que impede os avisos de chegar."
    ),
    "unchecked": _("Veja se os trabalhos em segundo plano estão de pé: “manage.py doctor” diz o que falta."),
}

OUT_OF_SERVICE = frozenset({ConnectionState.DISCONNECTED, ConnectionState.ERROR, ConnectionState.UNSTABLE})
# With these Evolution gives up by itself; with every other code it reconnects (FACTS C).
FINAL_CODES = frozenset({401, 402, 403, 406})
# WhatsApp turned the account away: pairing again at once makes it worse.
REFUSED_CODES = frozenset({402, 403, 406})
# A pairing ended so was turned away by WhatsApp, and not given up by a person.
TURNED_AWAY = frozenset({"needs_passkey", "pairing_failed", "code_failed", "closed_at_once"}) | {
    str(code) for code in REFUSED_CODES
}


def cause_of(code: str) -> Cause:
    """The words for `code`, known or not."""
    known = CAUSES.get(ALIASES.get(code, code))
    return known or Cause(_("O WhatsApp encerrou a conexão (código %(code)s).") % {"code": code or "?"}, NEW_QR)


def for_operator(code: str, cause: Cause) -> Cause:
    """`cause` (of `code`) with what the one who runs the servers can do about it."""
    return replace(cause, next_step=OPERATOR_STEPS.get(code, cause.next_step))


# What Evolution and people call the same things (RECORDED 7, FACTS A4 and C).
ALIASES = {"refused": "qr_limit", "device_removed": "401", "ERROR": "ack_error"}


def trouble_of(number: WhatsAppInstance) -> Cause | None:
    """Why `number` is out of service, in the reader's language; None when it is in service or never was."""
    return cause_of(number.error_code) if number.state in OUT_OF_SERVICE and number.error_code else None

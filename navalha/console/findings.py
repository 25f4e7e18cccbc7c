"""What a trial of a server's settings can find, in words: pure. Sources: FACTS B "Server preflight" and C, RECORDED 4.

A finding is kept as `{"code", "verdict", "detail"}`; its words are made when it is shown, in the reader's language.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Verdict(enum.StrEnum):
    """`UNKNOWN` is honest: nothing that we may do from outside shows it."""

    GOOD = "good"
    BAD = "bad"
    ADVICE = "advice"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Words:
    """`bad` says what is lost; `mend` is a line for the server's environment, or what to do, as it is."""

    title: str | Promise
    good: str | Promise
    bad: str | Promise
    unknown: str | Promise
    mend: str | Promise


NOT_SEEN = _("Não dá para verificar de fora.")
NO_TRAFFIC = _(
    "Ainda não dá para verificar: nenhum número deste servidor enviou mensagens nos últimos 7 dias. Confira de novo"
    " depois dos primeiros envios."
)
FAILED = _("A prova não pôde ser feita: %(error)s.")

WORDS: dict[str, Words] = {
    "reach": Words(
        _("Servidor responde"),
        _("Respondeu e aceitou a chave."),
        _("Não respondeu. Confira o endereço e se o servidor está ligado."),
        NOT_SEEN,
        "",
    ),
    "key": Words(
        _("Chave de acesso"),
        _("Aceita."),
        _("Recusada: copie de novo o valor da variável para o cadastro deste servidor."),
        NOT_SEEN,
        "AUTHENTICATION_API_KEY",
    ),
    "version": Words(
        _("Versão"),
        _("%(version)s: conhecemos as respostas dela."),
        _("%(version)s: não é aceita. Use a imagem 2.3.6 ou 2.3.7."),
        _("O servidor não disse a versão."),
        "evoapicloud/evolution-api:v2.3.7",
    ),
    "licence": Words(
        _("Licença"),
        _("Não é pedida."),
        _(
            "O servidor responde 503 LICENSE_REQUIRED: a versão 2.4.0 não trabalha sem ativação. Nada é enviado nem"
            " recebido até lá. Volte à 2.3.7 ou ative a licença."
        ),
        NOT_SEEN,
        "evoapicloud/evolution-api:v2.3.7",
    ),
    "webhook": Words(
        _("Avisos chegam até nós"),
        _("Uma mensagem de teste deu a volta em %(ms)d ms."),
        _(
            "O aviso de teste não chegou em %(seconds)d segundos: respostas de clientes e confirmações se perdem. O"
            " servidor precisa alcançar %(address)s: rode nele o comando abaixo. Sem resposta, abra a rede até lá, ou"
            " dê a esta instalação um WEBHOOK_BASE_URL que ele alcance."
        ),
        NOT_SEEN,
        "WEBHOOK_BASE_URL",
    ),
    "clock": Words(
        _("Relógio do servidor"),
        _("Certo."),
        _("Está %(seconds)d segundos fora: mensagens antigas e novas se confundem. Acerte o relógio (NTP)."),
        _("Sem o aviso de teste não há como ver."),
        "timedatectl set-ntp true",
    ),
    "time_zone": Words(
        _("Fuso horário"),
        _("Horário de Brasília (com um Z falso nos avisos, que não usamos)."),
        _("O servidor está em %(zone)s. Não perdemos nada, mas as telas dele mostram outra hora."),
        _("Sem o aviso de teste não há como ver."),
        "TZ=America/Sao_Paulo",
    ),
    "keys": Words(
        _("Chaves dentro dos avisos"),
        _("Não vão nos avisos."),
        _("A chave de cada conexão viaja em cada aviso. Nós a jogamos fora, mas quem estiver no caminho a vê."),
        _("Sem o aviso de teste não há como ver."),
        "AUTHENTICATION_EXPOSE_IN_FETCH_INSTANCES=false",
    ),
    "sessions": Words(
        _("Sessões são guardadas"),
        _("Uma conexão de teste abriu a sua sessão."),
        _("O servidor não tem onde guardar as sessões: nenhum número conecta."),
        NOT_SEEN,
        "DATABASE_SAVE_DATA_INSTANCE=true",
    ),
    "whatsapp": Words(
        _("Servidor alcança o WhatsApp"),
        _("Deu um código para ler."),
        _("Não conseguiu um código do WhatsApp. Confira a internet de saída do servidor."),
        NOT_SEEN,
        "",
    ),
    "messages": Words(
        _("Mensagens são guardadas"),
        _("As últimas mensagens enviadas estão lá."),
        _(
            "Mensagens que enviamos não estão lá: sem isso o servidor não avisa que foram entregues ou lidas, e um"
            " envio sem resposta não pode ser conferido."
        ),
        NO_TRAFFIC,
        "DATABASE_SAVE_DATA_NEW_MESSAGE=true",
    ),
    "updates": Words(
        _("Confirmações são guardadas"),
        _("As entregas das últimas mensagens estão lá."),
        _("Entregas que vimos não estão lá: uma confirmação cujo aviso se perde não pode ser recuperada."),
        NO_TRAFFIC,
        "DATABASE_SAVE_MESSAGE_UPDATE=true",
    ),
    "del_instance": Words(
        _("Conexões não são apagadas sozinhas"),
        _("Nenhuma sumiu nos últimos 30 dias."),
        _("Conexões que sumiram deste servidor nos últimos 30 dias: %(count)d. Ele as apaga sozinho?"),
        NOT_SEEN,
        "DEL_INSTANCE=false",
    ),
    "cache": Words(
        _("Cache ligado"),
        "",
        "",
        _("Não dá para verificar de fora. Sem cache, mensagens repetidas chegam em dobro depois de reinícios."),
        "CACHE_LOCAL_ENABLED=true",
    ),
    "telemetry": Words(
        _("Telemetria desligada"),
        "",
        "",
        _("Não dá para verificar de fora. Ligada, o nome de cada conexão vai para quem faz a Evolution API."),
        "TELEMETRY_ENABLED=false",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding, in the reader's words. `mend` is empty where nothing is to be done."""

    code: str
    verdict: Verdict
    title: str
    sentence: str
    mend: str


def shown(kept: Mapping[str, Any]) -> Finding:
    """The words of a kept finding."""
    words, verdict, detail = WORDS[kept["code"]], Verdict(kept["verdict"]), dict(kept.get("detail") or {})
    if detail.get("error"):
        sentence = str(FAILED) % detail
    elif verdict is Verdict.UNKNOWN:
        sentence = str(words.unknown)
    else:
        said = words.good if verdict is Verdict.GOOD else words.bad
        sentence = str(said) % detail if "%(" in str(said) else str(said)
    mend = "" if verdict is Verdict.GOOD else str(detail.get("mend") or words.mend)
    return Finding(kept["code"], verdict, str(words.title), sentence, mend)

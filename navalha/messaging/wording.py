"""What the product says on WhatsApp, in the language of the shops' customers.

Not through gettext on purpose: the words go to a Brazilian customer, whatever language the browser of the member who
caused them speaks. Every text names its variables; one that is missing is our fault and raises.
"""

import re
from collections.abc import Mapping
from string import Formatter

from .articles import agreeing

# `{greeting}` is made here from `name`; all else is what the caller gives, ready to be read by people.
TEXTS: Mapping[str, str] = {
    "booked": (
        "{greeting} Seu horário na *{shop}* está reservado.\n\n"
        "🗓️ {when}\n✂️ {services} com {professional}\n\n"
        "Responda *1* para confirmar ou *2* para cancelar.\n"
        "Para ver ou mudar: {link}"
    ),
    "booked_deposit": (
        "{greeting} Seu horário na *{shop}* está guardado e espera o *sinal de {amount}*.\n\n"
        "🗓️ {when}\n✂️ {services} com {professional}\n\n"
        "💰 Pague por Pix até {until}: o código copia e cola vem na próxima mensagem. Segure o dedo nela para copiar. "
        "Sem o pagamento, o horário volta a ficar livre.\n"
        "{refund} Na barbearia faltam {rest}.\n\n"
        "Já pagou? Mande o comprovante aqui. Para ver o QR, mudar ou cancelar: {link}"
    ),
    "deposit_asked": (
        "{greeting} Para garantir o seu horário de {when} na *{shop}*, falta um *sinal de {amount}*.\n\n"
        "💰 Pague por Pix até {until}: o código copia e cola vem na próxima mensagem. Segure o dedo nela para copiar. "
        "Sem o pagamento, o horário volta a ficar livre.\n"
        "{refund}\n\n"
        "Já pagou? Mande o comprovante aqui. Para ver o QR ou cancelar: {link}"
    ),
    "deposit_code": "{code}",
    "deposit_paid": (
        "Sinal de {amount} recebido! ✅ Seu horário de {when} na *{shop}*, com {professional}, está garantido.\n"
        "Na barbearia faltam {rest}. Se algo mudar, é por aqui: {link}"
    ),
    "deposit_not_found": (
        "Ainda não achamos o seu sinal de {amount}. Seu horário de {when} fica guardado até {until}.\n"
        "Se já pagou, mande aqui a foto do comprovante. Para ver o código de novo: {link}"
    ),
    "deposit_waived": "Tudo certo: o sinal do seu horário de {when} na *{shop}* não é mais preciso. Até lá! 💈",
    "deposit_returned": (
        "A *{shop}* devolveu o seu sinal de {amount}. Confira no app do seu banco; se não aparecer, responda aqui."
    ),
    "deposit_lapsed": (
        "{greeting} O sinal de {amount} não chegou até {until} e o seu horário de {when} na *{shop}* foi liberado.\n"
        "Se você já pagou, mande o comprovante aqui. Para marcar de novo: {link}"
    ),
    "confirmed": (
        "{greeting} Presença confirmada na *{shop}*: {when}, com {professional}. Até lá! 💈\n"
        "Se algo mudar, é por aqui: {link}"
    ),
    "cancelled": (
        "{greeting} Seu horário de {when} na *{shop}* foi cancelado.\n"
        "Quando quiser voltar, é só escolher outro horário: {link}"
    ),
    "cancelled_deposit": (
        "{greeting} Seu horário de {when} na *{shop}* foi cancelado.\n{deposit}\n"
        "Quando quiser voltar, é só escolher outro horário: {link}"
    ),
    "rescheduled": (
        "{greeting} Seu horário na *{shop}* mudou.\n\n"
        "🗓️ Agora é {when}\n✂️ {services} com {professional}\n\n"
        "{ask}\n"
        "Para ver ou mudar: {link}"
    ),
    "series_booked": (
        "{greeting} Seus próximos horários na *{shop}*, com {professional}:\n{options}\n\n"
        "{near}Para mudar algo, é só responder aqui."
    ),
    "series_more": (
        "{greeting} Marcamos mais alguns dos seus horários na *{shop}*, com {professional}:\n{options}\n\n"
        "{near}Para mudar algo, é só responder aqui."
    ),
    "reminder": (
        "{greeting} Um lembrete do seu horário na *{shop}*.\n\n"
        "🗓️ {when}\n✂️ {services} com {professional}\n\n"
        "{ask}\n"
        "Para ver ou mudar: {link}"
    ),
    "reminder_soon": (
        "{greeting} Falta pouco para o seu horário na *{shop}*: {when}, com {professional}. Até já! 💈\n{ask}\n{link}"
    ),
    "review": (
        "{greeting} Obrigado pela visita à *{shop}*! 💈\n\n"
        "Como foi com {professional}? A sua avaliação leva um minuto e ajuda muito: {link}"
    ),
    "series_cancelled": (
        "{greeting} Seus horários na *{shop}* a partir de {when} foram cancelados.\n"
        "Quando quiser voltar, é só responder aqui."
    ),
    "queue_joined": (
        "{greeting} Você está na fila da *{shop}*. 💈\nPara ver a sua posição e a espera, ou desistir: {link}"
    ),
    "queue_called": "{greeting} É a sua vez na *{shop}*! 💈 Pode vir até a cadeira.\nSe desistiu: {link}",
    "waitlist_joined": (
        "{greeting} Você está na lista de espera da *{shop}*. 💈\n\n"
        "🗓️ {when}\n✂️ {services} com {professional}\n\n"
        "Avisamos por aqui, uma pessoa de cada vez, quando abrir um horário.\n"
        "Para ver o seu lugar ou sair da lista: {link}\nOu responda *SAIR*."
    ),
    "waitlist_offer": (
        "{greeting} Abriu um horário na *{shop}*, e você é quem está na vez. 💈\n\n"
        "🗓️ {when}\n✂️ {services} com {professional}\n💰 {price}\n\n"
        "Ele fica guardado para você por {minutes} minutos.\n"
        "Responda *1* para ficar com ele ou *2* se não quiser.\n"
        "Ou toque aqui: {link}"
    ),
    "waitlist_gone": (
        "{greeting} O horário de {when} na *{shop}* não está mais disponível. Desculpe!\n"
        "Você continua na lista de espera: {link}"
    ),
    "notice_booked": "📅 Novo agendamento\n{customer} ({phone})\n{when}\n{services} com {professional}",
    "notice_booked_deposit": (
        "📅 Novo agendamento, à espera do sinal de {amount} até {until}\n"
        "{customer} ({phone})\n{when}\n{services} com {professional}"
    ),
    "notice_deposit": (
        "💰 {customer} diz que pagou o sinal de {amount}\n{when}\n"
        "Confira no banco (identificador {txid}) e confirme na agenda até {until}."
    ),
    "notice_deposit_again": (
        "💰 Um comprovante de sinal espera por você\n{customer} ({phone}), {amount}\n{when}\n"
        "Confira no banco (identificador {txid}) e confirme na agenda."
    ),
    "notice_deposit_lapsed": (
        "⌛ O sinal de {customer} não foi pago\n{when}\n{services} com {professional}\nO horário está livre de novo."
    ),
    "notice_rescheduled": "🔁 {customer} mudou de horário\nEra {before}\nAgora é {when}\n{services} com {professional}",
    "notice_confirmed": "✅ {customer} confirmou\n{when}\n{services} com {professional}",
    "notice_cancelled": "❌ {customer} cancelou\n{when}\n{services} com {professional}\nO horário está livre de novo.",
    "reply_help": (
        "{greeting} Não entendi bem. 🙂\n"
        "Responda *1* para confirmar ou *2* para cancelar o seu horário de {when}.\n"
        "Se for outra coisa, alguém da *{shop}* já responde por aqui."
    ),
    "offer_slots": (
        "{greeting} Estes são os próximos horários livres:\n{options}\n\n"
        "Para escolher, toque aqui: {link}\nSeu horário de {when} continua guardado."
    ),
    "reply_confirmed": "Confirmado! ✅ Esperamos você {when}, com {professional}. Até lá!",
    "reply_confirmed_deposit": (
        "Anotado! 👍 Falta só o sinal de {amount}, por Pix até {until}, para garantir o seu horário de {when}. "
        "O código está aqui: {link}"
    ),
    "reply_cancelled_deposit": "Tudo certo, seu horário de {when} foi cancelado. {deposit}\nPara marcar outro: {link}",
    "reply_cancelled": "Tudo certo, seu horário de {when} foi cancelado. Para marcar outro: {link}",
    "alert_down": (
        "⚠️ O WhatsApp “{number}” da *{shop}* está sem conexão desde {since}.\n\n{happened} {next_step}\n\n{link}"
    ),
    "alert_back": "✅ O WhatsApp “{number}” da *{shop}* voltou às {at}. Ficou {lasted} fora.",
    "test": "Tudo funcionando! ✅ Esta é uma mensagem de teste da *{shop}*, enviada pelo Navalha.",
}
# The word that people and filters see as the reason of a message.
NOTICES = frozenset({"notice_booked", "notice_rescheduled", "notice_confirmed", "notice_cancelled"}) | frozenset(
    {"notice_booked_deposit", "notice_deposit", "notice_deposit_again", "notice_deposit_lapsed"}
)
# To the shop's own people, of a number that dropped: whatever the hour, and by another number (`drops`).
ALERTS = frozenset({"alert_down", "alert_back"})
# What only the number that the row names may send; all else goes out from the principal.
THROUGH_ITS_NUMBER = ALERTS | {"test"}
_NAME = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_LONGEST_NAME = 30
_LONGEST_VALUE = 400


class MissingVariable(KeyError):
    """The caller left out a variable of the text: our fault, never the visitor's."""


def variables(key: str) -> frozenset[str]:
    """The variables that a caller of `key` must give."""
    fields = {name for _, name, _, _ in Formatter().parse(TEXTS[key]) if name}
    return frozenset("name" if field == "greeting" else field for field in fields)


def render(key: str, context: Mapping[str, object]) -> str:
    """The text of `key` with its variables. Raises `MissingVariable`, and KeyError for an unknown key."""
    return agreeing(TEXTS[key], str(context.get("shop", ""))).format_map(values_of(key, context))


def values_of(key: str, context: Mapping[str, object]) -> dict[str, str]:
    """What stands in the places of text `key`. Raises as `render`."""
    missing = variables(key) - context.keys()
    if missing:
        raise MissingVariable(f"{key}: {', '.join(sorted(missing))}")
    values = {name: _value(name, value) for name, value in context.items()}
    return {**values, "greeting": greeting(str(context.get("name", "")))}


def greeting(name: str) -> str:
    """`Olá, Rafa!`, or `Olá!` for somebody without a name that looks like one.

    Strangers type the name on the public page together with somebody's phone: only a single word of letters is
    repeated, so that nobody sends a text of their own through a shop's number.
    """
    first = name.split(maxsplit=1)[0] if name.split() else ""
    fits = len(first) <= _LONGEST_NAME and _NAME.fullmatch(first)
    return f"Olá, {first}!" if fits else "Olá!"


def _value(name: str, value: object) -> str:
    """One line (but for a list of `options`), of a sane length: a stranger's name must not become a letter."""
    text = str(value).replace("\x00", "")
    return text[:_LONGEST_VALUE] if name == "options" else " ".join(text.split())[:_LONGEST_VALUE]

"""The words of `intent`: without accents, in lower case, as `plain_text.plain` leaves them."""

import re
from collections.abc import Iterable

Phrases = frozenset[tuple[str, ...]]
LONGEST_PHRASE = 6


def phrases(*lines: str) -> Phrases:
    """One phrase for each `|` part."""
    return frozenset(tuple(phrase.split()) for line in lines for phrase in line.split("|"))


def joined(firsts: str, lasts: str) -> str:
    """Every one of `firsts` before every one of `lasts`."""
    return "|".join(f"{first} {last}" for first in firsts.split("|") for last in lasts.split("|"))


YES = "sim|sin|sm|s|ss|si|simm|yes|ok|okk|okay|okey|oks|blz|bele|beleza|belezinha|certo|certinho|claro|isso|positivo"
NO = "nao|n|nn|naum|nop|nope|negativo|nao nao"
THUMBS_UP, THUMBS_DOWN = "👍|👌|✅|☑|✔|🆗|🤙|🤝", "👎|❌|✖|🚫"
# On their own these answer the question; with a day or a thing beside them ("hoje não", "1 hora") they may not.
BARE = phrases(YES, NO, THUMBS_UP, THUMBS_DOWN)
# Also what people say after "oi".
SOFT = phrases("blz|bele|beleza|belezinha|certo|certinho|tranquilo|otimo|show|top")
GREETINGS = phrases("oi|ola|opa|eai|e ai|salve")

CONFIRM = phrases(
    YES,
    THUMBS_UP,
    "confirmo|confirmado|confirmada|confirmadissimo|confirmar|confirma|confirme|confirmei|esta confirmado",
    "ta confirmado|confirmo sim|confirmado sim|quero confirmar|pode confirmar|pode confirmar sim|podem confirmar",
    "confirmo presenca|presenca confirmada|opcao 1|numero 1|1 sim|1 confirmo|1 confirmar|1 confirmado|1 por favor",
    "1 obrigado|1 obrigada|pode ser|pode ser sim|pode sim|com certeza|certeza|sem duvida|sem falta|fechado|fechou",
    "combinado|combinadissimo|perfeito|show|show de bola|tranquilo|otimo|maravilha|top|joia|bora|afirmativo",
    "vou|vou sim|eu vou|eu vou sim|irei|irei sim|to indo|tou indo|estou indo|ja estou indo|ja to indo|to a caminho",
    "estarei ai|estarei la|estarei presente|estarei|vou estar ai|vou estar la|vou comparecer|vou ir|to dentro",
    "eu confirmo|ate la|ate ja|ate amanha|ate mais tarde|nos vemos la|pode deixar|ta bom|ta otimo|ta certo|de acordo",
    "pode contar comigo|conta comigo|pode marcar|marcado|pode manter|mantenha|mantem|quero sim|dou certeza",
    "isso mesmo|isso ai|ok confirmado|esta certo|esta otimo|esta bom",
)

WISH = "quero|queria|preciso|gostaria de|vou|vou ter que|vou ter de|tenho que|tive que|vou precisar|pode|podem|favor"
UNABLE = "|".join(
    (
        "nao vou|nao vou poder|nao vou conseguir|nao posso|nao consigo|nao irei|nao poderei|nao vo|nao vo pode|n vou",
        "n posso|n consigo|n vou poder|n vou conseguir|nao vou mais|nao posso mais|nao consigo mais|nao conseguirei",
    )
)
CANCEL = phrases(
    NO,
    THUMBS_DOWN,
    "cancela|cancelar|cancele|cancelo|cancelem|cancelado|cancelada|cancelei|desmarca|desmarcar|desmarque|desmarco",
    "desmarcado|opcao 2|numero 2|2 nao|2 cancelar|2 cancela|2 cancelo|2 por favor|2 obrigado|2 obrigada",
    "nao vai dar|nao vai dar mais|nao vai rolar|nao da|nao da mais|nao rola|nao vai ser possivel|nao sera possivel",
    "nao quero|nao quero mais|nao estarei|nao estarei ai|nao vou estar|nao vou estar ai|n vai dar|n da|n quero",
    "nao tenho como|nao tem como|sem chance",
    joined(WISH, "cancelar|desmarcar"),
    UNABLE,
    joined(UNABLE, "ir|comparecer|chegar|estar ai|estar presente"),
)

# To a time that is offered; the yes and the no of above count too, but for what only a visit that stands can suffer.
ACCEPT = phrases(
    "quero|eu quero|quero esse|quero este|quero esse horario|quero este horario|quero o horario|quero ficar com ele",
    "aceito|eu aceito|aceito sim|aceitar|pego|eu pego|pode reservar|reserva|reserva pra mim|reserva para mim|guarda",
    "guarda pra mim|guarda para mim|fico com ele|fico com esse|fico|vou querer|vou querer sim|quero marcar|marca",
    "marca pra mim|marca para mim|marca ai|pode marcar pra mim|pode marcar sim|pode ser esse|esse mesmo|esse serve",
    "serve|serve sim|me serve|da sim|da pra mim|da certo|da|consigo|consigo sim|consigo ir|posso|posso sim|posso ir",
    "eh meu|e meu|1 quero|1 aceito|demorou|partiu|opa quero|com certeza quero|claro que quero|agora sim",
)
DECLINE = frozenset(
    phrase for phrase in CANCEL if not any(word.startswith(("cancel", "desmarc")) for word in phrase)
) | phrases(
    "passo|dessa vez nao|desta vez nao|hoje nao|agora nao|fica pra proxima|fica para a proxima|deixa pra proxima",
    "deixa para a proxima|deixa|deixa quieto|na proxima|proxima|pode passar|passa|pode oferecer pra outro|nao aceito",
    "nao serve|nao me serve|nao consigo ir|nao quero esse|nao quero este|nao quero esse horario|2 nao quero|recuso",
    "esse nao|este nao|nesse horario nao|nesse horario nao consigo|nesse horario nao posso|pode dar pra outro",
)
# To be taken off the list.
LEAVE = phrases(
    "sair|quero sair|sair da lista|quero sair da lista|parar|pare|stop|me tira da lista|me tire da lista",
    "tira eu da lista|tira da lista|pode me tirar da lista|pode me tirar|pode tirar da lista|descadastrar",
    "nao quero mais esperar|sair da lista de espera|quero sair da lista de espera|quero sair da espera",
    "nao quero mais ficar na lista|nao quero mais receber|cancelar espera|desisti de esperar|desisto de esperar",
)

# Said with a yes or a no, they change nothing.
COURTESIES = GREETINGS | phrases(
    "por favor|pfv|pf|pls|favor|obrigado|obrigada|obg|brigado|brigada|obrigadao|muito obrigado|muito obrigada|valeu",
    "vlw|grato|grata|agradeco|bom dia|boa tarde|boa noite|amigo|amiga|mano|cara|meu amigo|irmao|parceiro|chefe|patrao",
    "querido|querida|moco|moca|abs|abraco|abracos|um abraco|tmj|tamo junto|e|ai|la|entao|ta|viu|ne|eh|ah|eu|sr|senhor",
    "desculpa|desculpe|desculpas|me desculpa|me desculpe|foi mal|perdao",
    "🙏|😊|🙂|😉|😁|😄|😃|😀|☺|😎|💪|👊|💈|✂|🎉|👏|✌|🫡|❤|🥰|🤗|🙌|💇",
)
# Which visit and when: they go with a verb, not with a bare yes or no.
DETAILS = phrases(
    "o|a|meu|minha|esse|este|horario|o horario|meu horario|o meu horario|agendamento|meu agendamento|o agendamento",
    "hora|a hora|visita|reserva|presenca|minha presenca|a minha presenca|pra mim|para mim|pra hoje|para hoje",
    "pra amanha|para amanha|hoje|amanha|depois de amanha|ir|mais|nesse horario|neste horario|nesse dia|neste dia",
    "no horario|na hora|com voces",
)
# Why not: with a yes they make no sense.
REASONS = phrases(
    "surgiu um imprevisto|tive um imprevisto|apareceu um imprevisto|imprevisto|um imprevisto|por imprevisto",
    "estou doente|to doente|fiquei doente|adoeci|estou viajando|to viajando|vou viajar|estou trabalhando|infelizmente",
    "to trabalhando|vou trabalhar|por causa do trabalho|tenho que trabalhar|surgiu um compromisso|tenho compromisso",
)

DAYS = {"hoje": 0, "depois de amanha": 2, "amanha": 1}

_WEEKDAY = r"segunda|terca|quarta|quinta|sexta|sabado|domingo"
_LATER = rf"mais tarde|mais cedo|mais pra frente|depois|antes|amanha|outr[oa]|semana|mes|{_WEEKDAY}"
_HOUR = r"\d{1,2}(?:h(?:s|rs|oras?)?\d{0,2}|:\d{2}| horas?| e meia)"
_TIME = rf"(?:{_HOUR}|(?:as|umas|pelas|pras) (?:{_HOUR}|\d{{1,2}})|\d{{2}}$)"
_CAN = r"tem|teria|tera|tiver|ha|consegue|conseguiria|da pra ser|daria|pode ser|poderia ser|seria"
RESCHEDULE = re.compile(
    r"\b(?:"
    + "|".join(
        (
            r"remarc\w*|reagend\w*|adiar|adia|adie|adiantar|antecipar|antecipa|transferir|transfere|opcao 3|numero 3",
            r"(?:mudar|muda|mude|trocar|troca|troque|alterar|altera)(?: \w+){0,3} (?:horario|hora|dia|data)",
            r"(?:mudar|muda|trocar|troca|passar|passa|jogar|joga|deixar|deixa)(?: \w+){0,3} (?:para|pra|pro)"
            rf" (?:o |a |as )?(?:{_LATER}|\d)",
            r"(?:outr[oa]s?|nov[oa]s?) (?:horarios?|horas?|dias?|datas?)",
            rf"(?:{_CAN})(?: \w+){{0,3}} (?:{_LATER}|vagas?|horarios?)",
            rf"(?:{_CAN}) (?:para |pra )?{_TIME}",
            r"mais tarde|mais cedo|\d{1,2} ?h(?:s|rs|oras?)? (?:depois|antes|mais)",
        )
    )
    + r")\b"
)
# A late arrival is no other time; "até mais tarde" is a goodbye; what is denied is not asked for.
_CHANGE = r"remarc|reagend|mudar|muda|trocar|troca|adiar|adia|alterar|transferir|antecipar|outr[oa]"
NOT_RESCHEDULE = re.compile(
    r"\b(?:cheg\w+|atras\w+|ate) (?:\w+ ){0,3}mais (?:tarde|cedo)\b"
    rf"|\b(?:nao|n|nem|sem) (?:\w+ ){{0,2}}(?:{_CHANGE})"
    r"|\bja (?:remarquei|remarcou|mudei)\b"
    r"|\b(?:confirm\w+|aviso|falo|respondo|vejo|ligo) (?:mais tarde|depois|amanha)\b"
)


def _sides(*by_side: tuple[str, str]) -> dict[str, str]:
    return {word: side for side, words in by_side for word in words.split()}


def _known(*groups: Iterable[tuple[str, ...]]) -> frozenset[str]:
    return frozenset(word for group in groups for phrase in group for word in phrase)


# Long words of one side, worth mending when one letter is wrong…
MENDABLE = _sides(
    ("yes", "confirmo confirmado confirmada confirmar confirma certeza beleza combinado perfeito fechado"),
    ("no", "cancela cancelar cancele cancelo cancelado desmarca desmarcar desmarque"),
    ("other", "remarca remarcar remarque reagendar"),
    ("none", "obrigado obrigada conseguir poder horario amanha"),
)
# …and words that are right as they are, or say something else.
RIGHT = _known(CONFIRM, CANCEL, ACCEPT, DECLINE, LEAVE, COURTESIES, DETAILS, REASONS) | _known(
    phrases(
        "confirmou|confirmam|cancelou|cancelam|canela|cancelas|marcando|fechada|marcada|remarcado|remarcada",
        "desmarcada|desmarcou|remarcou|podera|fachada|cabelo|demarca",
    )
)
# That a deposit was paid. Looked for freely, for a person looks at the bank before anything is believed.
PAID = re.compile(
    r"\b(?:ja )?(?:paguei|transferi)\b"
    r"|\b(?:pix|pagamento|sinal|transferencia)(?: (?:ja|foi|esta|ta))* (?:feit[oa]|enviad[oa]|realizad[oa]|pago)\b"
    r"|\b(?:fiz|mandei|enviei|acabei de fazer|realizei) (?:o |a )?(?:pix|pagamento|sinal|transferencia)\b"
    r"|\b(?:ta|esta) pago\b|^pago$|\bcomprovante\b"
)
# "Ainda não paguei", "como pago?", "vou mandar o comprovante", "paguei errado": not yet, or not simply.
NOT_PAID = re.compile(r"\b(?:nao|nem|como|vou|irei|posso|quando|onde|consigo|errado|errada|dobrado|duas vezes)\b|\?")

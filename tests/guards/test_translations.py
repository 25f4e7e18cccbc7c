"""The two languages: every Portuguese sentence has its English, and the Portuguese is written with its accents."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from django.conf import settings

from navalha.messaging import wording
from tools.messages import SOURCES, catalog_file, extract, is_translated, read, rendered

SCREEN_TEXTS = sorted(p for p in SOURCES.rglob("templates/**/*") if p.suffix in {".html", ".txt"})
# How customers write is read there, and they write without accents.
ABOUT_TYPING = {SOURCES / "scheduling" / "replies" / "lexicon.py"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|\d+|QR|AUTHENTICATION_API_KEY|PNG")
ENDS = ".?!:…"
MAIL = re.compile(r"[\w.-]+@[\w.-]+")  # has no accents
# Words that both languages share.
SAME = {"English", "Pix", "Português", "Status", "Total", "Webhook", "WhatsApp"}
NAMES_WITH_ACCENTS = {"Português", "Zé"}
ACCENTED = re.compile(r"[à-öø-ÿ]", re.I)

ENGLISH = re.compile(
    r"\b(?:the|and|you|your|please|password|click|this|that|with|not|is|are|was|has|been|must|cannot|can't|invalid"
    r"|required|field|save|cancel|delete|next|previous|number|message|customer|booking|appointment|schedule|today"
    r"|connected|error|warning|success|loading|settings|sign|log ?in|log ?out|shop|webhook|inst[âa]ncia)\b",
    re.I,
)
# What hurried fingers leave out; none of these is a word of English or, written so, of Portuguese.
UNACCENTED = re.compile(
    r"\b(?:nao|voces?|horarios?|servicos?|confirmac(?:ao|oes)|proxim[oa]s?|numeros?|enderecos?|duvidas?|codigos?"
    r"|ja|ate|tambem|alguem|ninguem|atras|amanha|manha|sabado|terca|ultim[oa]s?|unic[oa]s?|paginas?|historico"
    r"|relatorios?|usuarios?|automatic[oa]s?|obrigatori[oa]s?|invalid[oa]s?|valid[oa]|possivel|disponive(?:l|is)"
    r"|precos?|inicio|minim[oa]|maxim[oa]|padrao|padroes|cartao|cartoes|botao|botoes|recepcao|versao|sessao|sessoes"
    r"|conexao|conexoes|situacao|informac(?:ao|oes)|ac(?:ao|oes)|opc(?:ao|oes)|durac(?:ao|oes)|permissao|permissoes"
    r"|razao|funcao|decisao|direcao|reacao|remocao|alterac(?:ao|oes)|ligac(?:ao|oes)|instalacao|antecedencia"
    r"|mudanca|presenca|comeca|comecar|seguranca|cobranca|sao|estao|voltara|recebera|sera|entao|tres|mes|tecnico"
    r"|eletronico|negocio|saida|saude|conteudo|localizacao|notificac(?:ao|oes)|promoc(?:ao|oes)|atencao)\b",
    re.I,
)
# These are words of English too, so they are looked for only where all is Portuguese; and times without their crase.
UNACCENTED_HERE = re.compile(
    UNACCENTED.pattern + r"|(?<!-)\b(?:so|la|ola|ha|camera|audio|video)\b|\bas (?:\d|%\()", re.I
)


@cache
def sentences() -> Catalog:
    return extract()


@cache
def english() -> Catalog:
    return read("en")


def forms(text: str | Iterable[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def pairs(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Each Portuguese form beside its English one."""
    for message in catalog:
        if message.id:
            yield from zip(forms(message.id), forms(message.string), strict=True)


def keys(catalog: Catalog) -> set[tuple[str, str | None]]:
    return {(forms(message.id)[0], message.context) for message in catalog if message.id}


# --- the English of every sentence --------------------------------------------------------------------------------


def test_every_sentence_that_people_see_has_its_english():
    assert len(keys(sentences())) > 600, "the extraction must find the product's sentences"
    assert keys(sentences()) - keys(english()) == set(), "run `make messages` and translate"

    def wanting(message: Message) -> bool:
        return bool(message.id) and (message.fuzzy or not is_translated(message.string))

    assert [message.id for message in english() if wanting(message)] == []


def test_no_translation_is_left_of_a_sentence_that_is_gone():
    assert keys(english()) - keys(sentences()) == set(), "run `make messages`"
    assert dict(english().obsolete) == {}


def test_the_translations_stand_as_the_tool_writes_them():
    assert catalog_file("en").read_bytes() == rendered(english())


def test_a_translation_keeps_what_is_filled_in_the_numbers_and_the_edges():
    unlike = [
        (said, english)
        for said, english in pairs(english())
        if filled_in(said) != filled_in(english)
        or said[: len(said) - len(said.lstrip())] != english[: len(english) - len(english.lstrip())]
        or said[len(said.rstrip()) :] != english[len(english.rstrip()) :]
        or end_of(said) != end_of(english)
    ]
    assert unlike == []


def filled_in(text: str) -> Counter[str]:
    """The placeholders and numbers of a text, whatever their order and the mark of the thousands."""
    return Counter(PLACEHOLDER.findall(re.sub(r"(?<=\d)[.,](?=\d)", "", text)))


def end_of(text: str) -> str:
    """The mark that ends a sentence; "" for what is none."""
    return text.rstrip()[-1:] if text.rstrip().endswith(tuple(ENDS)) else ""


def test_no_translation_is_still_portuguese():
    assert [said for said, english in pairs(english()) if said == english and said not in SAME] == []
    leftovers = [text for _, text in pairs(english()) if ACCENTED.search(without(text, NAMES_WITH_ACCENTS))]
    assert leftovers == []


def without(text: str, words: Iterable[str]) -> str:
    for word in words:
        text = text.replace(word, "")
    return text


def test_plurals_have_the_two_forms_of_english():
    assert english().num_plurals == 2
    plural = [message for message in english() if isinstance(message.id, tuple)]
    assert plural
    assert [message.id for message in plural if len(message.string) != 2 or len(set(message.string)) != 2] == []


# --- the Portuguese -----------------------------------------------------------------------------------------------


# Operators know these by name; owners never read them.
OPERATORS_TERMS = re.compile(r"\b(?:instância|webhook)\b", re.I)


def test_no_sentence_is_english():
    found = {
        text
        for package in SOURCES.iterdir()
        if package.is_dir()
        for message in extract(package)
        for text in forms(message.id)
        if ENGLISH.search(PLACEHOLDER.sub("", OPERATORS_TERMS.sub("", text) if package.name == "console" else text))
    }
    assert found - SAME == set()


def test_every_sentence_has_its_accents():
    texts = [text for message in sentences() for text in forms(message.id)] + list(wording.TEXTS.values())
    assert [text for text in texts if UNACCENTED_HERE.search(MAIL.sub("", text))] == []


def test_texts_in_the_code_have_their_accents_also_those_without_translation():
    """What customers get on WhatsApp, what decisions say, the demo's people: Portuguese outside gettext."""
    found = {
        f"{path.relative_to(SOURCES)}:{line}: {text}"
        for path in SOURCES.rglob("*.py")
        if path not in ABOUT_TYPING and not {"tests", "migrations"} & set(path.parts)
        for line, text in texts_of(path)
        if UNACCENTED.search(text)
    }
    assert found == set()


def texts_of(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of several words in a Python file without its documentation; one word alone is a name or an address."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            text = MAIL.sub("", node.value)
            if " " in text.strip():
                yield node.lineno, text


def test_the_guards_see_what_they_are_for():
    for wrong in ("Voce ja tem horario", "Proximo dia", "Nao ha servico", "Confirmacao ate amanha", "endereco"):
        assert UNACCENTED.search(wrong)
    assert UNACCENTED_HERE.search("Hoje as 15:00")
    assert UNACCENTED_HERE.search("Olá! So hoje")
    for right in ("Você já tem horário às 9 até amanhã", "Próximo dia", "Serviço", "Só o código", "mesa", "sala"):
        assert not UNACCENTED_HERE.search(right)
    assert ENGLISH.search("Save the message")
    assert not ENGLISH.search("Ver a mensagem da instalação no WhatsApp, de novo, com um link")


# --- templates ----------------------------------------------------------------------------------------------------

UNSEEN = re.compile(r"{% comment.*?endcomment %}|{#.*?#}|{% (blocktrans(?:late)?)\b.*?{% end\1 %}|<svg.*?</svg>", re.S)
CODE = re.compile(r"{%.*?%}|{{.*?}}", re.S)
SAID_ATTRIBUTES = re.compile(r'\s(?:title|alt|placeholder|aria-label|data-confirm|data-confirm-button)="([^"]*)"')
# Names, and what is the same in both languages.
UNTRANSLATED = {"Navalha", "WhatsApp", "Android", "iPhone", "min", "ms", "Português", "English"}


def bare_words(text: str) -> set[str]:
    """The words of a template that no translation can reach."""
    text = CODE.sub(" ", UNSEEN.sub(" ", text))
    seen = [*SAID_ATTRIBUTES.findall(text), re.sub(r"<[^>]*>", " ", text)]
    words = re.findall(r"[^\W\d_]{2,}", re.sub(r"&\w+;", " ", " ".join(seen)))
    return set(words) - UNTRANSLATED


@pytest.mark.parametrize("path", SCREEN_TEXTS, ids=lambda path: path.name)
def test_a_template_says_nothing_that_cannot_be_translated(path):
    assert bare_words(path.read_text(encoding="utf-8")) == set()


def test_the_guard_of_templates_sees_bare_words():
    assert bare_words('<p title="Fechar">{{ x }} {% translate "Dia" %} Hoje</p>') == {"Fechar", "Hoje"}
    assert (
        bare_words(
            '{% comment %}a word{% endcomment %}<a href="/agenda/">{% blocktranslate %}Oi{% endblocktranslate %}'
            " · Navalha</a>"
        )
        == set()
    )


def test_the_two_languages_are_the_ones_of_the_settings():
    assert [code for code, _ in settings.LANGUAGES] == ["pt-br", "en"]
    assert settings.LANGUAGE_CODE == "pt-br"

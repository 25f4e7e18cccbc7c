from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tools.messages import extract, is_translated, rendered

TEMPLATE = """{% load i18n %}
<p title="{% translate "Olá" %}">it's (( [ {{ "Ação"|upper }} {# don't #}
  {% blocktranslate trimmed count n=n %}
      {{ n }} horário
  {% plural %}
      {{ n }} horários
  {% endblocktranslate %}
 \"\"\" {% translate "Tarde" context "período" %} {{ _("Oi") }}
"""


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_sentences_of_templates_are_found_whatever_stands_around_them(tmp_path):
    write(tmp_path, "web/templates/page.html", TEMPLATE)

    found = {(message.id, message.context) for message in extract(tmp_path) if message.id}

    assert found == {
        ("Olá", None),
        (("%(n)s horário", "%(n)s horários"), None),
        ("Tarde", "período"),
        ("Oi", None),
    }


def test_sentences_of_python_are_found_and_those_of_tests_are_not(tmp_path):
    write(tmp_path, "forms.py", 'label = gettext_lazy("Telefone")\ncount = ngettext("%d vaga", "%d vagas", n)\n')
    write(tmp_path, "tests/test_forms.py", '_("Só no teste")\n')

    found = {message.id for message in extract(tmp_path) if message.id}

    assert found == {"Telefone", ("%d vaga", "%d vagas")}


def test_a_malformed_template_is_named(tmp_path):
    write(tmp_path, "templates/broken.html", "{% blocktranslate %}{% if x %}{% endblocktranslate %}")

    with pytest.raises(SyntaxError, match=r"broken\.html"):
        extract(tmp_path)


def test_the_written_file_depends_on_the_sentences_only():
    first, second = Catalog(locale="en"), Catalog(locale="en")
    for catalog, order in ((first, ("Barba", "Ação")), (second, ("Ação", "Barba"))):
        for word in order:
            catalog.add(word, locations=[(f"{word}.py", len(order))])

    assert rendered(first) == rendered(second)
    assert b'msgid "Barba"' in rendered(first)


@pytest.mark.parametrize(
    ("string", "expected"), [("Hello", True), ("", False), (("a", "b"), True), (("a", ""), False), ((), False)]
)
def test_a_message_is_translated_when_every_form_has_text(string, expected):
    assert is_translated(string) is expected

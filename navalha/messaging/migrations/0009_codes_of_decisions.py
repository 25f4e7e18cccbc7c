"""Decisions of before as codes, where their sentence says everything; those that name a moment stay as written."""

import re

from django.db import migrations

WHOLE = {
    "Quer outro horário: não há horário livre por perto.": "no_other_time",
    "Falou de outro dia que não o do horário: nada mudou.": "another_day",
    "Tem mais de um horário: perguntei qual.": "several",
    "O atendimento já começou ou terminou: nada mudou.": "begun",
    "Não ficou claro se confirma ou cancela.": "unclear",
    "Mensagem antiga, recebida só agora: nada mudou.": "old",
    "Muitas respostas seguidas: agora é com uma pessoa.": "too_many",
    "Retirou a reação: nada mudou.": "unreacted",
    "Saiu da lista de espera.": "left_waitlist",
    "Quer outro horário que o oferecido.": "offer_other_time",
    "Não ficou claro se quer o horário oferecido.": "offer_unclear",
}
REACTED = re.compile(r"Reagiu com (.*): nada mudou\.")
OFFERED = re.compile(r"Quer outro horário: ofereci (\d+) horários? livres?\.")


def tell(apps, schema_editor):
    rows = apps.get_model("messaging", "WhatsAppMessage").across_shops
    for sentence, code in WHOLE.items():
        rows.filter(decision=sentence, decision_code="").update(decision_code=code)
    for pattern, code, name, kind in ((REACTED, "reacted", "emoji", str), (OFFERED, "other_time", "count", int)):
        start = pattern.pattern.split("(")[0]
        for sentence in set(rows.filter(decision__startswith=start, decision_code="").values_list("decision", flat=True)):
            if found := pattern.fullmatch(sentence):
                rows.filter(decision=sentence).update(decision_code=code, decision_values={name: kind(found[1])})


class Migration(migrations.Migration):
    dependencies = [("messaging", "0008_decision_codes")]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]

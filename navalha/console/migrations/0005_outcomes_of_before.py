"""What became of each number as a code; a sentence that no code has was a refusal's own."""

import re

from django.db import migrations

WHOLE = {
    "Conferido.": "synced",
    "Conferido; o endereço dos avisos foi consertado.": "synced_mended",
    "A conexão recomeça em instantes.": "restarting",
    "Endereço consertado.": "webhook_mended",
    "Já estava certo.": "webhook_right",
    "Desconectado.": "disconnected",
    "O servidor não responde.": "no_answer",
    "O servidor recusou a nossa chave.": "key_refused",
}
SERVER = re.compile(r"O servidor não fez: (.*?)\.?")


def tell(apps, schema_editor):
    rows = apps.get_model("console", "BulkItem").across_shops.exclude(detail="")
    for sentence in set(rows.values_list("detail", flat=True)):
        said = SERVER.fullmatch(sentence)
        if sentence in WHOLE:
            outcome, values = WHOLE[sentence], {}
        elif said:
            outcome, values = "server_refused", {"error": said[1]}
        else:
            outcome, values = "refused", {"why": sentence}
        rows.filter(detail=sentence).update(outcome=outcome, outcome_values=values)


class Migration(migrations.Migration):
    dependencies = [("console", "0004_outcomes")]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]

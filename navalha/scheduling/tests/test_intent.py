"""What people write under a confirmation, and what it must never be taken for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from navalha.scheduling.replies import lexicon
from navalha.scheduling.replies.intent import ABOUT_AN_OFFER, LONGEST, Intent, days_named, understand, wants_out


def table() -> Iterator[tuple[str, Intent]]:
    """The phrases of `replies.txt`, each with the intent in whose section it stands."""
    for section in (Path(__file__).parent / "replies.txt").read_text().split("# ")[1:]:
        name, *lines = section.strip().splitlines()
        for line in lines:
            yield from ((phrase, Intent(name)) for phrase in line.split(" | "))


TABLE = list(table())


def test_the_table_is_long_and_says_nothing_twice():
    assert len(TABLE) > 450
    assert len(dict(TABLE)) == len(TABLE)


@pytest.mark.parametrize(("phrase", "intent"), TABLE, ids=[phrase for phrase, _ in TABLE])
def test_everyday_replies_are_understood(phrase, intent):
    assert understand(phrase) is intent


def spoken(group: lexicon.Phrases) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(" ".join(phrase) for phrase in group if phrase[0].isalpha()))


AFFIRMED, REFUSED = spoken(lexicon.CONFIRM), spoken(lexicon.CANCEL)
ANY = st.one_of(AFFIRMED, REFUSED, st.sampled_from([phrase for phrase, _ in TABLE]))


@example("0০")  # a digit of another script, which no number of ours is
@given(st.text(max_size=300))
@example("0\U0001e140")  # a digit of another script beside one of ours
def test_any_text_has_a_meaning_and_nothing_raises(text):
    assert understand(text) in Intent
    assert days_named(text) <= {0, 1, 2}


@given(AFFIRMED)
def test_a_denied_yes_is_never_a_yes(phrase):
    for denial in ("não", "nao", "n", "nunca", "ainda não", "não,"):
        assert understand(f"{denial} {phrase}") is not Intent.CONFIRM


@given(REFUSED.filter(lambda phrase: phrase.split()[0] not in ("nao", "n", "nn")))
def test_a_denied_no_is_never_a_no(phrase):
    for denial in ("não", "não precisa", "não quero", "nem", "não vou"):
        assert understand(f"{denial} {phrase}") is not Intent.CANCEL


@given(AFFIRMED, REFUSED)
def test_yes_and_no_together_change_nothing(yes, no):
    for text in (f"{yes}, {no}", f"{no}. {yes}", f"{no}! {yes} {yes}"):
        assert understand(text) not in (Intent.CONFIRM, Intent.CANCEL)


@given(
    ANY, st.sampled_from(["mas", "se der", "só", "talvez", "ou"]), st.sampled_from(["depois", "com meu filho", "13"])
)
def test_a_condition_makes_it_unclear(phrase, condition, rest):
    assert understand(f"{phrase} {condition} {rest}") in (Intent.UNCLEAR, Intent.RESCHEDULE)


@given(ANY)
def test_a_question_changes_no_booking(phrase):
    assert understand(f"{phrase}?") in (Intent.UNCLEAR, Intent.RESCHEDULE)


@given(ANY)
def test_case_spaces_and_courtesies_change_nothing(phrase):
    meant = understand(phrase)
    assert understand(phrase.upper()) is meant
    assert understand(f"  {phrase}\n") is meant
    if meant in (Intent.CONFIRM, Intent.CANCEL):
        assert understand(f"{phrase}, obrigado!") is meant
        assert understand(f"Bom dia! {phrase}") is meant


@given(ANY)
def test_a_long_message_goes_to_a_person(phrase):
    assert understand(phrase + " " + "a" * LONGEST) is Intent.UNCLEAR


def test_the_days_that_a_reply_names():
    assert days_named("Até amanhã!") == {1}
    assert days_named("confirmado para hoje") == {0}
    assert days_named("depois de amanhã") == {2}
    assert days_named("sim") == set()


OFFERED = {
    Intent.CONFIRM: "1|Quero!|QUERO SIM|opa, quero 🙏|aceito|pode ser|👍|Eu quero, obrigado"
    "|quero esse horário|fico com ele|reserva pra mim|bora|pode marcar|sim, por favor|dá sim|consigo ir|Fechado!",
    Intent.CANCEL: "2|não|hoje não|não quero|dessa vez não, valeu|passo|não posso"
    "|fica pra próxima|não vai dar|esse não|👎",
    Intent.UNCLEAR: "cancela|quero cancelar|quero?|quero mas só depois das 16|quanto custa|não sei"
    "|quero levar meu filho",
    Intent.RESCHEDULE: "tem mais tarde?|tem outro horário?|3",
}


@pytest.mark.parametrize(
    ("text", "meant"), [(text, meant) for meant, texts in OFFERED.items() for text in texts.split("|")]
)
def test_what_an_answer_to_an_offer_means(text, meant):
    assert understand(text, ABOUT_AN_OFFER) is meant


@given(st.sampled_from([" ".join(phrase) for phrase in sorted(lexicon.ACCEPT)]))
def test_a_denied_wish_for_an_offer_is_never_a_yes(phrase):
    for denial in ("não", "n", "nunca", "ainda não", "não,"):
        assert understand(f"{denial} {phrase}", ABOUT_AN_OFFER) is not Intent.CONFIRM
    assert understand(f"{phrase}?", ABOUT_AN_OFFER) is not Intent.CONFIRM


@pytest.mark.parametrize(
    "text", ["SAIR", "sair, por favor", "Bom dia, me tira da lista", "Parar.", "quero sair da lista"]
)
def test_who_wants_off_the_list(text):
    assert wants_out(text)


@pytest.mark.parametrize(
    "text", ["vou sair tarde hoje", "como faço pra sair", "1", "", "não quero", "quero sair de férias"]
)
def test_who_does_not_speak_of_the_list(text):
    assert not wants_out(text)

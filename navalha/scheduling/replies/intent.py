"""What a short Portuguese reply to "confirma o seu horário?" means. Pure; when in doubt, UNCLEAR.

A wrong confirmation or cancellation costs a visit, a person's look costs seconds. So a reply is understood only when
every word of it is: it is cut into clauses at its punctuation, and each clause may hold phrases of one side and
courtesies, nothing else. Asking for another time changes nothing by itself and is therefore looked for more freely.
"""

import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import lexicon
from .plain_text import clauses, plain, words_of


class Intent(enum.Enum):
    CONFIRM = "confirm"
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"
    UNCLEAR = "unclear"


LONGEST = 120  # characters: who writes more says more than yes or no
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
# Only alone in its clause: "2 pessoas" and "1h" are no choices.
DIGITS = {"1": Intent.CONFIRM, "2": Intent.CANCEL, "3": Intent.RESCHEDULE}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the two sides of an answer say; a yes is CONFIRM, a no CANCEL."""

    yes: lexicon.Phrases
    no: lexicon.Phrases


ABOUT_A_VISIT = Vocabulary(lexicon.CONFIRM, lexicon.CANCEL)
# "Cancela" speaks of a visit that somebody has, not of one that is offered.
ABOUT_AN_OFFER = Vocabulary(lexicon.CONFIRM | lexicon.ACCEPT, lexicon.DECLINE)
TO_LEAVE = Vocabulary(lexicon.LEAVE, frozenset())


@dataclass(frozen=True, slots=True)
class Said:
    """One phrase of a reply; `intent` is None for what only accompanies."""

    phrase: tuple[str, ...]
    intent: Intent | None = None


def understand(text: str, words: Vocabulary = ABOUT_A_VISIT) -> Intent:
    """The one thing that `text` asks for, or UNCLEAR. `words` are what a yes and a no are made of."""
    if len(text) > LONGEST:
        return Intent.UNCLEAR
    flat = plain(text)
    if _wants_another_time(" ".join(map(_mended, words_of(flat)))):
        return Intent.RESCHEDULE
    if "?" in flat:  # a question wants an answer, even one that begins with "sim"
        return Intent.UNCLEAR
    read = [_read(clause, words) for clause in clauses(flat)]
    if any(clause is None or _denies_itself(clause) for clause in read):
        return Intent.UNCLEAR
    return _weighed([said for clause in read for said in clause or ()])


def wants_out(text: str) -> bool:
    """Whether `text` asks to be taken off the waitlist, and says nothing else."""
    read = [_read(clause, TO_LEAVE) for clause in clauses(plain(text))] if len(text) <= LONGEST else [None]
    said = {one.phrase for clause in read for one in clause or () if one.intent is not None}
    return None not in read and bool(said) and said <= lexicon.LEAVE


def days_named(text: str) -> set[int]:
    """Which days a reply names, as days from when it was written: "amanhã" is {1}."""
    said = " ".join(words_of(plain(text)))
    found = set()
    for phrase, ahead in lexicon.DAYS.items():  # the longer first: "depois de amanhã" is not also tomorrow
        said, times = re.subn(rf"\b{phrase}\b", "", said)
        found |= {ahead} if times else set()
    return found


def _wants_another_time(said: str) -> bool:
    return bool(lexicon.RESCHEDULE.search(said)) and not lexicon.NOT_RESCHEDULE.search(said)


def _read(words: Sequence[str], known: Vocabulary) -> list[Said] | None:
    """The phrases of one clause, longest first; None when a word is not understood."""
    if len(words) == 1 and words[0] in DIGITS:
        return [Said((words[0],), DIGITS[words[0]])]
    rest, found = tuple(_mended(word) for word in words), []
    while rest:
        said = next(_beginnings(rest, known), None)
        if said is None:
            return None
        found.append(said)
        rest = rest[len(said.phrase) :]
    return found


def _beginnings(words: tuple[str, ...], known: Vocabulary) -> Iterator[Said]:
    for length in range(min(len(words), lexicon.LONGEST_PHRASE), 0, -1):
        phrase = words[:length]
        if phrase in known.no:
            yield Said(phrase, Intent.CANCEL)
        elif phrase in known.yes:
            yield Said(phrase, Intent.CONFIRM)
        elif phrase in lexicon.COURTESIES or phrase in lexicon.DETAILS or phrase in lexicon.REASONS:
            yield Said(phrase)


def _denies_itself(clause: Sequence[Said]) -> bool:
    """ "Não cancela" holds two refusals and means the contrary."""
    return sum(said.intent is Intent.CANCEL for said in clause) > 1


def _weighed(all_said: Sequence[Said]) -> Intent:
    answers = {said for said in all_said if said.intent is not None}
    beside = {said.phrase for said in all_said if said.intent is None}
    intents = {said.intent for said in answers}
    if len(intents) != 1:
        return Intent.UNCLEAR
    [intent] = intents
    spoken = {said.phrase for said in answers}
    if spoken <= lexicon.BARE and beside & lexicon.DETAILS:  # "hoje não" may mean another day
        return Intent.UNCLEAR
    if spoken <= lexicon.SOFT and beside & lexicon.GREETINGS:  # "oi, beleza" is a greeting
        return Intent.UNCLEAR
    if beside & lexicon.REASONS and intent is not Intent.CANCEL:
        return Intent.UNCLEAR
    return intent or Intent.UNCLEAR


def _mended(word: str) -> str:
    """`word` with one wrong letter put right, if that makes words of one side only."""
    if word in lexicon.RIGHT or len(word) < 5:
        return word
    near = _one_letter_away(word) & lexicon.MENDABLE.keys()
    sides = {lexicon.MENDABLE[known] for known in near}
    return min(near) if len(sides) == 1 else word


def _one_letter_away(word: str) -> set[str]:
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    dropped = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    replaced = {a + letter + b[1:] for a, b in cuts if b for letter in ALPHABET}
    added = {a + letter + b for a, b in cuts for letter in ALPHABET}
    return dropped | swapped | replaced | added

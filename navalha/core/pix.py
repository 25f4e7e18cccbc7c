"""Pix keys: what people type, and the one form in which the banks' directory (DICT) knows each.

Source of the forms: Banco Central do Brasil, API of the DICT (CPF and CNPJ without marks, phones as +55…, e-mail in
lower case of at most 77 characters, random keys as a UUID). CNPJ with letters since July 2026: Receita Federal,
Instrução Normativa RFB nº 2.229/2024.
"""

import re
import uuid
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from validate_docbr import CNPJ, CPF

from .brcode import LONGEST_KEY
from .errors import Refused
from .phones import to_e164


class KeyKind(StrEnum):
    CPF = "cpf"
    CNPJ = "cnpj"
    PHONE = "phone"
    EMAIL = "email"
    RANDOM = "random"


LONGEST_TYPED = 100
MARKS = re.compile(r"[\s./-]")
UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")


def key_of(kind: KeyKind, text: str) -> str:
    """The key as banks know it. Raises Refused with a sentence that says what to look at."""
    typed = text.strip()
    if not typed:
        raise Refused(_("Escreva a chave Pix."))
    if len(typed) > LONGEST_TYPED:
        raise Refused(_("A chave é longa demais. Copie só a chave, sem outro texto."))
    if kind is not KeyKind.EMAIL and "@" in typed:
        raise Refused(_("Isto parece um e-mail. Escolha “E-mail” no tipo da chave."))
    return READERS[kind](typed)


def masked(key: str) -> str:
    """For logs and histories: never enough to pay to, enough to tell two keys apart."""
    return f"{key[:2]}…{key[-2:]}" if len(key) >= 8 else "…"


def _cpf(typed: str) -> str:
    digits = MARKS.sub("", typed)
    if not re.fullmatch(r"[0-9]{11}", digits):
        raise Refused(_("Um CPF tem 11 números. Confira o que foi digitado."))
    if not CPF().validate(digits):
        raise Refused(_("Este CPF não existe: os números finais não batem. Confira o que foi digitado."))
    return digits


def _cnpj(typed: str) -> str:
    letters = MARKS.sub("", typed).upper()
    if not re.fullmatch(r"[0-9A-Z]{12}[0-9]{2}", letters):
        raise Refused(_("Um CNPJ tem 14 letras ou números. Confira o que foi digitado."))
    if not CNPJ().validate(letters):
        raise Refused(_("Este CNPJ não existe: os números finais não batem. Confira o que foi digitado."))
    return letters


def _phone(typed: str) -> str:
    phone = to_e164(typed)
    if phone is None or not phone.startswith("+55"):
        raise Refused(_("Não reconhecemos este celular. Escreva com DDD, assim: (11) 99999-0001."))
    return phone


def _email(typed: str) -> str:
    email = typed.lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused(_("Este e-mail não parece completo. Confira o que foi digitado.")) from error
    if len(email) > LONGEST_KEY or not email.isascii():
        raise Refused(_("Um e-mail que é chave Pix tem no máximo 77 letras, sem acentos."))
    return email


def _random(typed: str) -> str:
    key = typed.lower()
    if not UUID.fullmatch(key):
        raise Refused(_("Uma chave aleatória tem 32 letras e números, com hifens. Copie-a inteira do app do banco."))
    return str(uuid.UUID(key))


READERS = {
    KeyKind.CPF: _cpf,
    KeyKind.CNPJ: _cnpj,
    KeyKind.PHONE: _phone,
    KeyKind.EMAIL: _email,
    KeyKind.RANDOM: _random,
}

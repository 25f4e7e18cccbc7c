"""Sentences that rows keep. They are written in Portuguese, the shop's own language, whoever caused them."""

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext, override


def to_keep(sentence: str | Promise) -> str:
    """The Portuguese of a sentence, for a row; what the reader's language makes of it is for `to_read`."""
    with override(settings.LANGUAGE_CODE):
        return str(sentence)


def to_read(kept: str) -> str:
    """A kept sentence in the page's language. What a person typed, or was filled in, stays as it is."""
    return gettext(kept) if kept else ""  # the translation of "" is the catalogue's header

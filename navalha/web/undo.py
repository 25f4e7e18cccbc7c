"""Saying that something was done, with the button that takes it back: in a toast, and without script in the page."""

from django.contrib import messages
from django.http import HttpRequest


def offer(request: HttpRequest, sentence: str, address: str) -> None:
    """Say `sentence`; “Desfazer” posts to `address`."""
    messages.success(request, sentence, extra_tags=address)

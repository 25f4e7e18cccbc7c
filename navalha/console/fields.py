"""Validation while somebody types: the server says what is wrong with one field, the page keeps what was typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A button that puts `value` into the field with the id `target`."""

    target: str
    value: str
    words: str


def field_answer(request: HttpRequest, form: forms.Form, suggestions: Sequence[Suggestion] = ()) -> HttpResponse:
    """The inside of the space below the field that `campo` names: its errors, or that it is fine.

    A field that is still empty is not scolded: it is when the form is sent. Where something can be suggested for the
    field itself, that is said instead of what is wrong.
    """
    name = request.GET.get("campo", "")
    if name not in form.fields:
        return HttpResponse(status=404)
    field = form[name]
    quiet = not field.value() or any(each.target == field.id_for_label for each in suggestions)
    errors = [] if quiet else field.errors
    fine = bool(field.value()) and not field.errors
    context = {"field": field, "errors": errors, "fine": fine, "suggestions": suggestions}
    return render(request, "console/_field_says.html", context)

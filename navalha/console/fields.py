"""Validation while somebody types: the server says what is wrong with one field, the page keeps what was typed."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def field_answer(request: HttpRequest, form: forms.Form, **more: object) -> HttpResponse:
    """The inside of the space below the field that `campo` names: its errors, or that it is fine.

    A field that is still empty is not scolded: it is when the form is sent.
    """
    name = request.GET.get("campo", "")
    if name not in form.fields:
        return HttpResponse(status=404)
    field = form[name]
    empty = not field.value()
    context: dict[str, object] = {
        "field": field,
        "errors": [] if empty else field.errors,
        "fine": not empty and not field.errors,
    }
    return render(request, "console/_field_says.html", {**context, **more})

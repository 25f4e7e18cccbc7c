"""Refused commands, toasts, and a log-in that ran out while a page was open."""

import json

import pytest
from django.contrib import messages
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path

from navalha.accounts.access import shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused

SENTENCE = "Este horário acabou de ser reservado. Escolha outro."


def refusing(request):
    raise Refused(SENTENCE)


def telling(request):
    messages.success(request, "Salvo.")
    messages.error(request, "Mas sem Wi-Fi.")
    response = HttpResponse("parte")
    if "trigger" in request.GET:
        response["HX-Trigger"] = request.GET["trigger"]
    return response


def leading_on(request):
    messages.success(request, "Salvo.")
    return HttpResponse(status=204, headers={"HX-Redirect": "/agenda/"})


@shop_view(Role.BARBER)
def part(request):
    return HttpResponse("parte")


urlpatterns = [
    path("recusa/", refusing),
    path("conta/", telling),
    path("leva/", leading_on),
    path("parte/", part),
    path("", include("navalha.config.urls")),
]
HTMX = {"hx-request": "true", "hx-current-url": "http://testserver/agenda/?dia=2026-11-24"}


@pytest.fixture(autouse=True)
def with_our_views():
    with override_settings(ROOT_URLCONF=__name__):
        yield


def test_a_refused_command_is_409_with_its_sentence(client, db):
    answer = client.get("/recusa/", headers={"referer": "http://testserver/agenda/"})
    assert answer.status_code == 409
    assert SENTENCE in answer.content.decode()
    assert 'href="/agenda/"' in answer.content.decode()


def test_the_way_back_never_leads_to_another_site(client, db):
    page = client.get("/recusa/", headers={"referer": "https://evil.example/x"}).content.decode()
    assert "evil.example" not in page


def test_a_refused_part_becomes_a_toast_and_changes_nothing(client, db):
    answer = client.get("/recusa/", headers=HTMX)
    assert answer.status_code == 409
    assert answer["HX-Reswap"] == "none"
    assert json.loads(answer["HX-Trigger"]) == {
        "toast": {"items": [{"level": "error", "text": SENTENCE}], "target": "body"}
    }


def test_messages_of_a_part_become_toasts_once(client, db):
    first = client.get("/conta/", headers=HTMX)
    assert [item["text"] for item in json.loads(first["HX-Trigger"])["toast"]["items"]] == ["Salvo.", "Mas sem Wi-Fi."]
    assert first["HX-Trigger"].isascii()
    assert "Salvo." not in client.get("/entrar/").content.decode()


def test_a_refresh_of_a_page_that_is_being_left_does_not_take_the_words_for_the_next(as_owner):
    as_owner.post("/leva/", headers=HTMX)

    assert "HX-Trigger" not in as_owner.get("/parte/", headers={**HTMX, "x-live": "1"})
    asked = as_owner.get("/parte/", headers=HTMX)  # by a person, as after a redirect that htmx followed

    assert json.loads(asked["HX-Trigger"])["toast"]["items"][0]["text"] == "Salvo."


@pytest.mark.parametrize("already", ["novo, outro", '{"novo": null, "outro": null}'])
def test_what_a_view_triggers_itself_stays(client, db, already):
    answer = client.get("/conta/", {"trigger": already}, headers=HTMX)
    assert set(json.loads(answer["HX-Trigger"])) == {"novo", "outro", "toast"}


def test_a_full_page_has_no_toast_header(client, db):
    assert "HX-Trigger" not in client.get("/conta/")


def test_a_part_after_the_log_in_ran_out_sends_the_whole_page_to_it(client, db):
    answer = client.get("/parte/", headers=HTMX)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/entrar/?next=/agenda/%3Fdia%3D2026-11-24"


def test_a_page_after_the_log_in_ran_out_is_redirected_as_ever(client, db):
    assert client.get("/parte/")["Location"] == "/entrar/?next=/parte/"

"""The photo of the connected WhatsApp: fetched once, from few places, and only when it is one."""

import struct
from datetime import timedelta

import pytest

from navalha.core.images import Kind, kind_of
from navalha.simulator.portrait import portrait
from navalha.whatsapp import actions, picture_work, pictures
from navalha.whatsapp.pictures import NoPicture

from .conftest import pair
from .ear import listening

SERVER = "http://127.0.0.1:8090"


@pytest.mark.parametrize(
    "url",
    [
        "https://pps.whatsapp.net/v/t61.24694-24/1.jpg?oe=1",
        "https://media-gru1-1.cdn.whatsapp.net/v/1.jpg",
        "https://pps.whatsapp.net:443/v/1.jpg",
        f"{SERVER}/fotos/1.png",
    ],
)
def test_whatsapp_and_the_configured_server_are_asked(url):
    assert pictures.may_fetch(url, server_url=SERVER)


@pytest.mark.parametrize(
    "url",
    [
        "http://pps.whatsapp.net/v/1.jpg",
        "https://pps.whatsapp.net:8443/v/1.jpg",
        "https://whatsapp.net.evil.example/1.jpg",
        "https://evilwhatsapp.net/1.jpg",
        "https://whatsapp.net/1.jpg",
        "https://pps.whatsapp.net@127.0.0.1/1.jpg",
        "https://user:pass@pps.whatsapp.net/1.jpg",
        "https://127.0.0.1/.whatsapp.net",
        "https://127.0.0.1#.whatsapp.net",
        "https://127.0.0.1\\.whatsapp.net/1.jpg",
        "http://127.0.0.1:8091/fotos/1.png",
        "http://127.0.0.1/fotos/1.png",
        "https://127.0.0.1:8090/fotos/1.png",
        "http://localhost:8090/fotos/1.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:8090/",
        "file:///etc/passwd",
        "ftp://pps.whatsapp.net/1.jpg",
        "//pps.whatsapp.net/1.jpg",
        "https://pps.whatsapp.net:port/1.jpg",
        "https://[pps.whatsapp.net/1.jpg",
        "https://pps.whatsapp.net/1.jpg\r\nHost: evil",
        "https://pps.whatsäpp.net/1.jpg",
        "",
    ],
)
def test_nothing_else_is(url):
    assert not pictures.may_fetch(url, server_url=SERVER)


JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(9) + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640) + bytes(9)
)
WEBPS = {
    b"VP8X": b"\x00" * 4 + (639).to_bytes(3, "little") + (479).to_bytes(3, "little"),
    b"VP8 ": b"\x00" * 3 + b"\x9d\x01\x2a" + struct.pack("<HH", 640, 480),
    b"VP8L": b"\x2f" + (639 | (479 << 14)).to_bytes(4, "little"),
}


def test_a_picture_is_known_by_what_it_is():
    assert kind_of(JPEG) == Kind("image/jpeg", 640, 480)
    assert kind_of(portrait("5511999990001")) == Kind("image/png", 96, 96)
    for form, body in WEBPS.items():
        assert kind_of(b"RIFF\x00\x00\x00\x00WEBP" + form + b"\x00\x00\x00\x00" + body) == Kind("image/webp", 640, 480)


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a\x01\x00\x01\x00", b"<html>", JPEG[:20]],
)
def test_everything_else_is_no_picture(content):
    assert kind_of(content) is None


@pytest.mark.parametrize("cut", range(0, 40, 3))
def test_a_picture_that_breaks_off_breaks_nothing(cut):
    for content in (JPEG, portrait("1"), b"RIFF\x00\x00\x00\x00WEBPVP8L"):
        kind_of(content[:cut])


@pytest.fixture
def place():
    """A server of pictures that answers as told."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    told = {"status": 200, "headers": {}, "body": b"", "asked": []}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            told["asked"].append((self.path, dict(self.headers)))
            self.send_response(told["status"])
            for name, value in told["headers"].items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told["body"])

        def log_message(self, *args):
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    told["url"] = f"http://127.0.0.1:{server.server_address[1]}"
    yield told
    server.shutdown()
    server.server_close()


def fetched(place):
    return pictures.fetch(f"{place['url']}/1.png", server_url=place["url"])


def test_a_picture_is_fetched_without_any_key(place):
    place["body"] = portrait("1")

    assert fetched(place) == (portrait("1"), Kind("image/png", 96, 96))
    assert "apikey" not in {name.lower() for name in place["asked"][0][1]}


def test_where_it_sends_us_on_to_is_not_gone(place):
    with listening() as elsewhere:
        place |= {"status": 302, "headers": {"location": f"{elsewhere.url}/secret"}}
        with pytest.raises(NoPicture, match="status 302"):
            fetched(place)
    assert len(place["asked"]) == 1
    assert elsewhere.bodies == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (portrait("1") + bytes(400 * 1024), "too large"),
        (b"<script>alert(1)</script>", "neither JPEG nor PNG"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + struct.pack(">II", 20_000, 20_000), "too many pixels"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + struct.pack(">II", 0, 5), "too many pixels"),
    ],
)
def test_what_is_no_small_picture_is_refused(place, body, why):
    place["body"] = body
    with pytest.raises(NoPicture, match=why):
        fetched(place)


def test_a_place_that_does_not_answer_is_no_picture():
    with pytest.raises(NoPicture):
        pictures.fetch("http://127.0.0.1:9/1.png", server_url="http://127.0.0.1:9")


# ---- with a number


def look(number, now):
    picture_work.fetch_picture(number.pk, now)
    number.refresh_from_db()
    return number


@pytest.mark.django_db
def test_the_photo_is_fetched_once_after_connecting_and_shown_to_the_shop(as_owner, paired, simulator, now):
    assert paired.picture_version == ""
    look(paired, now)
    assert paired.picture_version

    page = as_owner.get(f"/whatsapp/{paired.pk}/pareamento/").content.decode()
    photo = as_owner.get(f"/whatsapp/{paired.pk}/foto/")

    assert f"/whatsapp/{paired.pk}/foto/?v={paired.picture_version}" in page
    assert (photo["Content-Type"], photo.content) == ("image/png", portrait("5511999990001"))
    assert photo["X-Content-Type-Options"] == "nosniff"
    assert "private" in photo["Cache-Control"]
    assert picture_work.fetch_pictures(now + timedelta(hours=1)) == 0


@pytest.mark.django_db
def test_a_photo_whose_wake_up_was_lost_is_fetched_later(paired, now):
    assert picture_work.fetch_pictures(now) == 1

    paired.refresh_from_db()
    assert paired.picture_version


@pytest.mark.django_db
def test_without_a_photo_the_initials_stand_for_it(as_owner, number, ear, simulator, now):
    simulator.switch(profile_picture=False)
    number = look(pair(number, ear, simulator, now), now)

    page = as_owner.get(f"/whatsapp/{number.pk}/pareamento/").content.decode()

    assert 'class="initials"' in page
    assert "/foto/" not in page
    assert as_owner.get(f"/whatsapp/{number.pk}/foto/").status_code == 404


@pytest.mark.django_db
def test_whoever_connects_next_does_not_show_the_photo_of_the_one_before(paired, ear, simulator, now):
    look(paired, now)
    actions.disconnect(paired, now=now)
    simulator.switch(profile_picture=False)

    again = pair(paired, ear, simulator, now + timedelta(minutes=1), phone="5511999990005")

    assert again.picture_version == ""
    assert not again.shop.profile_pictures.exists()


@pytest.mark.django_db
def test_switched_off_nothing_is_fetched(settings, number, ear, simulator, now):
    settings.PROFILE_PICTURES = False
    number = pair(number, ear, simulator, now)

    assert (number.profile_picture_url, number.picture_due_at) == ("", None)


@pytest.mark.django_db
def test_a_number_found_connected_without_a_webhook_gets_its_photo_too(number, ear, simulator, now):
    from navalha.whatsapp import work

    number = actions.start_pairing(number, now=now)
    simulator.scan(number.remote_name, number="5511999990001")
    work.check_number(number.pk, now)

    assert look(number, now).picture_version


@pytest.mark.django_db
def test_an_address_in_our_own_network_is_not_asked(number, ear, place, now):
    from navalha.evolution.events import ConnectionChanged
    from navalha.evolution.types import ConnectionState as Remote

    number = actions.start_pairing(number, now=now)
    event = ConnectionChanged(number.remote_name, Remote.OPEN, 200, "5511999990001", "Zé", f"{place['url']}/inner")
    actions.record_connection(number, event, now)

    assert look(number, now).picture_version == ""
    assert place["asked"] == []


@pytest.mark.django_db
def test_the_photo_of_another_shop_does_not_exist(client, stranger, paired, now):
    look(paired, now)
    client.force_login(stranger)

    assert client.get(f"/whatsapp/{paired.pk}/foto/").status_code == 404

"""The public pages of a shop, below `/agendar/`. Everything that is sent here is sent by people without an account.

A GET never changes anything: what previews links would take holds and cancel visits. What a page shows is said by its
query: `servico` (id, once for each service), `profissional` (id; none or empty is "qualquer um"), `dia` (2026-11-24),
`canal` (by which of the shop's links the visitor came; every form passes it on), `embutido` (1, claro or escuro: the
page stands inside another site's, and its last steps open in a tab of their own).

`POST <shop>/horario/` keeps a time for five minutes and leads to the form: servico, profissional, inicio.
`POST <shop>/confirmar/` books, with or without a time kept before. Fields:

- servico: id, once for each service, in the order of the visit
- profissional: id, or empty for "qualquer um"
- inicio: ISO 8601 with offset, `2026-11-24T15:00:00-03:00`
- nome: at most 120 letters
- telefone: as people write phones; a Brazilian one needs its area code
- chave: the form's own random text; the same form sent twice makes one visit
- sinal: cents of the deposit that the page has shown; when the visit needs more, 422 says so and nothing is booked

`POST <shop>/visita/<token>/remarcar/` gives a visit another time. Fields: inicio, profissional and `versao`, the
number of the visit's place that the page showed. 303 to the visit; 409 when the time is gone, with the three nearest
free ones, and when the visit may not be moved (any more); 422 for a time that is not on offer; 429 for many in a day.

`POST <shop>/espera/` joins the waitlist. Fields: servico, profissional, nome, telefone as above; `dia` and `ate`, the
first and the last day; `parte`, once for each of morning, afternoon, evening; `das` and `as`, 14:30. 303 to the place;
409 when a free time suits, which is then offered; 422, 429 as below. `POST <shop>/espera/<token>/quero/` and `…/nao/`
answer to the offer with the id `oferta`.

Answers of `confirmar`: 303 to the page of the visit; 422 with what is wrong and everything typed; 409 when the time is
gone, with the three nearest free ones; 429 when too much comes from one address; 404 for a shop that does not exist.
"""

from django.urls import path

from . import dress, embed, feed, moves, queue, views, visits, waitlist

app_name = "booking"
urlpatterns = [
    path("widget.js", embed.script, name="widget"),
    path("calendario/<str:token>.ics", feed.show, name="calendar_feed"),
    path("cores/<int:version>-<str:accent>.css", dress.tones_file, name="tones"),
    path("<slug:shop>/", views.home, name="home"),
    path("<slug:shop>/foto/<str:name>", dress.picture, name="picture"),
    path("<slug:shop>/horario/", views.hold, name="hold"),
    path("<slug:shop>/dados/", views.details, name="details"),
    path("<slug:shop>/confirmar/", views.book, name="book"),
    path("<slug:shop>/visita/<str:token>/", visits.show, name="visit"),
    path("<slug:shop>/visita/<str:token>/confirmar/", visits.confirm, name="visit_confirm"),
    path("<slug:shop>/visita/<str:token>/cancelar/", visits.cancel, name="visit_cancel"),
    path("<slug:shop>/visita/<str:token>/remarcar/", moves.move, name="visit_move"),
    path("<slug:shop>/visita/<str:token>/sinal/", visits.say_paid, name="visit_deposit"),
    path("<slug:shop>/visita/<str:token>/de-novo/", visits.again, name="visit_again"),
    path("<slug:shop>/visita/<str:token>/agenda.ics", visits.calendar_file, name="visit_ics"),
    path("<slug:shop>/espera/", waitlist.join, name="waitlist_join"),
    path("<slug:shop>/espera/<str:token>/", waitlist.show, name="waitlist"),
    path("<slug:shop>/espera/<str:token>/quero/", waitlist.accept, name="waitlist_accept"),
    path("<slug:shop>/espera/<str:token>/nao/", waitlist.decline, name="waitlist_decline"),
    path("<slug:shop>/espera/<str:token>/sair/", waitlist.leave, name="waitlist_leave"),
    path("<slug:shop>/fila/<str:token>/", queue.show, name="queue"),
    path("<slug:shop>/fila/<str:token>/desistir/", queue.leave, name="queue_leave"),
]

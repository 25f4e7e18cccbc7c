"""The pages on which a shop is set up; each under the address that people know."""

from django.urls import path

from . import absences, deposit_pages, house_pages, look_pages, people, services, share_pages, wizard

app_name = "setup"
urlpatterns = [
    path("comecar/", wizard.start, name="start"),
    path("comecar/divulgado/", wizard.shared, name="shared"),
    path("comecar/esconder/", wizard.close_checklist, name="checklist_close"),
    *(path(f"comecar/{name}/", wizard.step, {"step": name}, name=f"step_{name}") for name in wizard.STEPS),
    path("servicos/", services.services, name="services"),
    path("servicos/ordem/", services.order, name="services_order"),
    path("servicos/novo/", services.new, name="service_new"),
    path("servicos/<int:service>/", services.edit, name="service"),
    path("servicos/<int:service>/arquivar/", services.archive, name="service_archive"),
    path("servicos/<int:service>/restaurar/", services.restore, name="service_restore"),
    path("equipe/", people.people, name="team"),
    path("equipe/ordem/", people.order, name="team_order"),
    path("equipe/novo/", people.new, name="professional_new"),
    path("equipe/folgas/", absences.own, name="own_absences"),
    path("equipe/folgas/<int:time_off>/remover/", absences.remove, name="absence_remove"),
    path("equipe/<int:professional>/", people.edit, name="professional"),
    path("equipe/<int:professional>/arquivar/", people.archive, name="professional_archive"),
    path("equipe/<int:professional>/restaurar/", people.restore, name="professional_restore"),
    path("equipe/<int:professional>/expediente/", people.hours, name="hours"),
    path("equipe/<int:professional>/datas/", people.dates, name="dates"),
    path("equipe/<int:professional>/folgas/", absences.absences, name="absences"),
    path("ajustes/", house_pages.shop, name="shop"),
    path("ajustes/aparencia/", look_pages.look, name="look"),
    path("ajustes/aparencia/previa/", look_pages.preview, name="look_preview"),
    path("ajustes/aparencia/cor/", look_pages.colour, name="look_colour"),
    path("ajustes/aparencia/imagem/", look_pages.picture, name="picture"),
    path("ajustes/aparencia/imagem/remover/", look_pages.remove, name="picture_remove"),
    path("ajustes/aparencia/imagem/<int:picture>/voltar/", look_pages.restore, name="picture_restore"),
    path("ajustes/fechamentos/", absences.closures, name="closures"),
    path("ajustes/divulgar/", share_pages.share, name="share"),
    path("ajustes/divulgar/busca/", share_pages.search_engines, name="share_search"),
    path("ajustes/divulgar/sites/", share_pages.sites, name="share_sites"),
    path("ajustes/divulgar/cartaz.pdf", share_pages.poster_file, name="share_poster"),
    path("ajustes/sinal/", deposit_pages.deposit, name="deposit"),
    path("ajustes/feriados/", house_pages.holidays, name="holidays"),
    path("ajustes/feriados/dia/", house_pages.holiday, name="holiday"),
    path("ajustes/feriados/regra/", house_pages.usual, name="holidays_usual"),
    path("ajustes/feriados/<int:holiday>/remover/", house_pages.forget, name="holiday_forget"),
]

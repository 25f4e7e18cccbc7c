"""People, shops and teams in the operator's admin."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from navalha.web.read_only import ReadOnly

from .models import Membership, OperatorAction, Plan, Shop, ShopChange, User

# Neither is used: rights come from memberships, and a person has one e-mail.
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)
# One log-in with one set of limits: the admin's own has none.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = "Navalha"
admin.site.site_title = "Navalha"
admin.site.index_title = _("Administração")


class TeamInline(admin.TabularInline):
    model = Membership
    extra = 0
    fields = ["shop", "user", "role", "created_at"]
    readonly_fields = ["created_at"]
    autocomplete_fields = ["shop", "user"]


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ["email", "name", "is_active", "is_staff", "last_login", "date_joined"]
    list_filter = ["is_active", "is_staff", "memberships__role"]
    search_fields = ["email", "name", "memberships__shop__name"]
    ordering = ["email"]
    date_hierarchy = "date_joined"
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        (_("Acesso"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (_("Datas"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})]
    inlines = [TeamInline]
    actions = ["deactivate", "activate"]

    @admin.action(description=_("Desativar: a pessoa não entra mais"))
    def deactivate(self, request: HttpRequest, people: QuerySet[User]) -> None:
        people.exclude(pk=request.user.pk or 0).update(is_active=False)

    @admin.action(description=_("Ativar de novo"))
    def activate(self, request: HttpRequest, people: QuerySet[User]) -> None:
        people.update(is_active=True)


@admin.register(Shop)
class ShopAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "state", "plan", "timezone", "phone", "team", "created_at"]
    list_filter = ["state", "plan", "timezone", "created_at"]
    list_select_related = ["plan"]
    search_fields = ["name", "slug", "phone", "memberships__user__email"]
    date_hierarchy = "created_at"
    # Suspending is done at /lojas/, with a reason and an audit.
    # The looks stand in a stylesheet and in a header: only what the shop's own pages have checked.
    readonly_fields = ["state", "state_changed_at", "state_reason", "created_at", "accent", "widget_sites"]
    autocomplete_fields = ["plan"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [TeamInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shop]:
        return super().get_queryset(request).annotate(team_size=Count("memberships"))

    @admin.display(description=_("equipe"), ordering="team_size")
    def team(self, shop: Shop) -> int:
        return int(shop.team_size)  # type: ignore[attr-defined]  # annotated above


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ["user", "shop", "role", "created_at"]
    list_filter = ["role", "shop"]
    search_fields = ["user__email", "user__name", "shop__name"]
    autocomplete_fields = ["shop", "user"]
    list_select_related = ["user", "shop"]
    readonly_fields = ["created_at"]


@admin.register(Plan)
class PlanAdmin(admin.ModelAdmin):
    list_display = ["name", "most_numbers", "most_professionals", "most_messages_a_day", "shops_on_it", "created_at"]
    search_fields = ["name"]
    readonly_fields = ["created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        return super().get_queryset(request).annotate(used=Count("shops"))

    @admin.display(description=_("barbearias"), ordering="used")
    def shops_on_it(self, plan: Plan) -> int:
        return int(plan.used)  # type: ignore[attr-defined]  # annotated above


@admin.register(ShopChange)
class ShopChangeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["at", "shop", "from_state", "to_state", "by", "reason"]
    list_filter = ["to_state"]
    list_select_related = ["shop", "by"]
    search_fields = ["shop__name", "shop__slug", "by__email", "reason"]
    date_hierarchy = "at"


@admin.register(OperatorAction)
class OperatorActionAdmin(ReadOnly, admin.ModelAdmin):
    """The audit: read here, and at /auditoria/."""

    list_display = ["at", "by", "act", "shop", "subject", "reason"]
    list_filter = ["act", "by"]
    list_select_related = ["by", "shop"]
    search_fields = ["shop__name", "by__email", "subject", "reason"]
    date_hierarchy = "at"
    show_full_result_count = False

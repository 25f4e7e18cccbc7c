"""Visits for calendars (RFC 5545): a file for one customer, and what a professional's calendar subscribes to.

The UID of a visit never changes, and its SEQUENCE grows with each change: who knows it replaces what they have.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration

from .. import links
from ..models import Appointment, AppointmentState

CONTENT_TYPE = "text/calendar; charset=utf-8"
S = AppointmentState
# What a calendar says of each state; TENTATIVE until the customer has said yes.
STATUS = {S.PENDING: "TENTATIVE", S.CANCELLED: "CANCELLED", S.NO_SHOW: "CANCELLED"}
REFRESH = timedelta(minutes=15)


def calendar(events: Iterable[Event], *, name: str) -> bytes:
    """A whole calendar, as it is sent."""
    whole = Calendar()
    whole.add("prodid", "-//Navalha//PT-BR")
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add("x-wr-calname", name)
    whole.add("refresh-interval", REFRESH, {"value": "DURATION"})
    whole.add("x-published-ttl", vDuration(REFRESH))
    for event in events:
        whole.add_component(event)
    return bytes(whole.to_ical())


def for_customer(visit: Appointment) -> Event:
    """The visit as the customer's calendar shows it: two queries."""
    services = " + ".join(item.name for item in visit.items.all())
    event = _event(visit, changed_at=_changed_at(visit))
    event.add("summary", f"{services} · {visit.shop.name}")
    said = _("Com %(professional)s. Para ver, remarcar ou cancelar: %(link)s")
    event.add("description", said % {"professional": visit.professional.name, "link": links.manage_url(visit)})
    event.add("url", links.manage_url(visit))
    if visit.shop.address:
        event.add("location", f"{visit.shop.name}, {visit.shop.address}")
    return event


def for_professional(visit: Appointment, *, changed_at: datetime) -> Event:
    """The visit as its professional's calendar shows it: a first name and the services, for it leaves the house."""
    event = _event(visit, changed_at=changed_at)
    who = (visit.customer.name.split() or [_("Cliente")])[0]
    event.add("summary", f"{who}: {' + '.join(item.name for item in visit.items.all())}")
    event.add("url", settings.SITE_URL + reverse("scheduling:visit", args=[visit.pk]))
    return event


def _event(visit: Appointment, *, changed_at: datetime) -> Event:
    """When it is, in UTC, and which edition of it this is; no words."""
    event = Event()
    event.add("uid", f"visit-{visit.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("created", visit.created_at)
    event.add("dtstart", visit.starts_at)
    event.add("dtend", visit.ends_at)
    status = STATUS.get(S(visit.state), "CONFIRMED")
    event.add("status", status)
    event.add("sequence", visit.version + (status == "CANCELLED"))
    return event


def _changed_at(visit: Appointment) -> datetime:
    last = visit.changes.order_by("at", "pk").last()
    return last.at if last else visit.created_at

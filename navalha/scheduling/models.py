"""The tables of scheduling, each in the file of its noun."""

from .appointment_states import (
    APPOINTMENT_MOVES,
    APPOINTMENT_STAYS,
    APPOINTMENT_STEPS,
    APPOINTMENT_UNDOS,
    NOWHERE,
    AppointmentState,
)
from .appointments import Appointment, AppointmentChange, AppointmentService, CancelledBy, DoneService, Payment
from .deposits.models import Deposit, DepositChange, DepositPolicy, PixKeyKind, WhoPays, WhyPays
from .deposits.states import DepositState
from .feeds.models import CalendarFeed
from .holds import SlotHold
from .offer import Professional, Service, ServiceTerms
from .openers.models import Opener, Standing
from .openings.models import DateHours, ShopHoliday, TimeOff, Weekday, WorkingHours
from .profiles.models import Preference
from .queue.models import QueueChange, QueueEntry, QueueState
from .reminders.models import ReminderOffset, ReminderPolicy, VisitReminder
from .series.models import SeriesGap, VisitSeries
from .shop.pictures import PictureKind, ShopPicture
from .waitlist.models import DayPart, OfferChange, OfferState, WaitlistChange, WaitlistEntry, WaitlistOffer, WaitState

__all__ = [
    "APPOINTMENT_MOVES",
    "APPOINTMENT_STAYS",
    "APPOINTMENT_STEPS",
    "APPOINTMENT_UNDOS",
    "NOWHERE",
    "Appointment",
    "AppointmentChange",
    "AppointmentService",
    "AppointmentState",
    "CalendarFeed",
    "CancelledBy",
    "DateHours",
    "DayPart",
    "Deposit",
    "DepositChange",
    "DepositPolicy",
    "DepositState",
    "DoneService",
    "OfferChange",
    "OfferState",
    "Opener",
    "Payment",
    "PictureKind",
    "PixKeyKind",
    "Preference",
    "Professional",
    "QueueChange",
    "QueueEntry",
    "QueueState",
    "ReminderOffset",
    "ReminderPolicy",
    "SeriesGap",
    "Service",
    "ServiceTerms",
    "ShopHoliday",
    "ShopPicture",
    "SlotHold",
    "Standing",
    "TimeOff",
    "VisitReminder",
    "VisitSeries",
    "WaitState",
    "WaitlistChange",
    "WaitlistEntry",
    "WaitlistOffer",
    "Weekday",
    "WhoPays",
    "WhyPays",
    "WorkingHours",
]

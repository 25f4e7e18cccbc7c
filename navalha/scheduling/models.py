"""The tables of scheduling, each in the file of its noun."""

from .appointment_states import (
    APPOINTMENT_MOVES,
    APPOINTMENT_STAYS,
    APPOINTMENT_STEPS,
    APPOINTMENT_UNDOS,
    NOWHERE,
    AppointmentState,
)
from .appointments import (
    Appointment,
    AppointmentChange,
    AppointmentService,
    CancelledBy,
    DoneService,
    Payment,
)
from .deposit_states import DepositState
from .deposits import Deposit, DepositChange, DepositPolicy, PixKeyKind, WhoPays, WhyPays
from .feeds import CalendarFeed
from .holds import SlotHold
from .offer import Professional, Service, ServiceTerms
from .openings import DateHours, ShopHoliday, TimeOff, Weekday, WorkingHours
from .preferences import Preference
from .series import SeriesGap, VisitSeries
from .shop_pictures import PictureKind, ShopPicture
from .waitlist import DayPart, OfferChange, OfferState, WaitlistChange, WaitlistEntry, WaitlistOffer, WaitState
from .walk_ins import QueueChange, QueueEntry, QueueState

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
    "Payment",
    "PictureKind",
    "PixKeyKind",
    "Preference",
    "Professional",
    "QueueChange",
    "QueueEntry",
    "QueueState",
    "SeriesGap",
    "Service",
    "ServiceTerms",
    "ShopHoliday",
    "ShopPicture",
    "SlotHold",
    "TimeOff",
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

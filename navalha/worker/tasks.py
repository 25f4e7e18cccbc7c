"""Everything that happens unasked, on one screen. A task takes the clock and calls one function; rows are the truth,
so that losing or repeating a task costs a delay and nothing else."""

from django.conf import settings
from django.utils import timezone

from navalha.console import bulk as commands
from navalha.console import strays, trials
from navalha.core.wake import wake_now
from navalha.customers import import_work as imports
from navalha.messaging import alert_work as drops
from navalha.messaging import work as messaging
from navalha.scheduling.deposits import work as deposits
from navalha.scheduling.reminders import work as reminders
from navalha.scheduling.series import work as series
from navalha.scheduling.waitlist import work as waitlist_work
from navalha.whatsapp import alert_work, health_work
from navalha.whatsapp import picture_work as photos
from navalha.whatsapp import work as whatsapp

from . import inbox as events
from . import rescue as stalled
from . import tidy
from .every import NETWORK, ROWS, every, for_row


@for_row("inbox", lane=ROWS)
def inbox(instance_id: int) -> None:
    """Apply the webhooks that wait for one number."""
    events.drain(instance_id, now=timezone.now())


@for_row("outbox", lane=NETWORK)
def outbox(shop_id: int) -> None:
    """Send what is due of one shop."""
    messaging.send_due(shop_id, timezone.now())


@for_row("waitlist", lane=ROWS)
def waitlist(shop_id: int) -> None:
    """Offer what is free to those who wait for it, one by one."""
    waitlist_work.look(shop_id, timezone.now())


@for_row("connection", lane=NETWORK)
def connection(instance_id: int) -> None:
    """Ask the server how one number really stands."""
    whatsapp.check_number(instance_id, timezone.now())


@for_row("trial", lane=NETWORK)
def trial(trial_id: int) -> None:
    """Try out the settings of one server."""
    trials.run_trial(trial_id)


@for_row("picture", lane=NETWORK)
def picture(instance_id: int) -> None:
    """Fetch the photo of a number that has just connected."""
    photos.fetch_picture(instance_id, timezone.now())


@for_row("survey", lane=NETWORK)
def survey(server_id: int) -> None:
    """Compare one server with what we know of it."""
    strays.survey(server_id, now=timezone.now())


@for_row("bulk", lane=NETWORK)
def bulk(run_id: int, server_id: int) -> None:
    """Work off a command for many numbers on one server."""
    commands.work_off(run_id, server_id, now=timezone.now())


@for_row("customer_import", lane=ROWS)
def customer_import(import_id: int) -> None:
    """Take in, or take back, some lines of a spreadsheet of customers."""
    imports.work_off(import_id)


@every("* * * * * */5", lane=ROWS)
def look(timestamp: int) -> None:
    """Wake for what is due: retries, and rows whose wake-up was lost."""
    now = timezone.now()
    for instance_id in events.waiting_instances(now):
        wake_now("inbox", instance_id=instance_id)
    messaging.wake_waiting(now)
    waitlist_work.wake_offering(now)


@every("* * * * * */20", lane=ROWS)
def look_at_waitlists(timestamp: int) -> None:
    """Wake for times that were freed without a word."""
    waitlist_work.wake_waiting(timezone.now())


@every("* * * * * */5", lane=ROWS, alone=False)
async def rescue(timestamp: int) -> None:
    """Free the locks of jobs whose worker died."""
    await stalled.free_stalled_jobs()


@every("* * * * * */15", lane=NETWORK)
def look_up_unconfirmed(timestamp: int) -> None:
    """Find out what became of sends that were not answered."""
    messaging.look_up_unconfirmed(timezone.now())


@every("* * * * *", lane=NETWORK)
def recover_acks(timestamp: int) -> None:
    """Ask for the ticks whose webhooks were lost."""
    messaging.recover_acks(timezone.now())


@every("* * * * * */30", lane=ROWS)
def expire(timestamp: int) -> None:
    """Give up messages that make no sense any more."""
    messaging.expire(timezone.now())


@every(f"* * * * * */{settings.CONNECTION_CHECK_SECONDS}", lane=NETWORK)
def check_connections(timestamp: int) -> None:
    """Compare each number with what its server says."""
    whatsapp.check_connections(timezone.now())


@every("* * * * * */30", lane=NETWORK)
def prove_life(timestamp: int) -> None:
    """Ask WhatsApp itself about numbers whose messages nobody confirms."""
    now = timezone.now()
    messaging.report_unacked(now)
    health_work.prove_life(now)


@every("* * * * * */30", lane=NETWORK)
def check_servers(timestamp: int) -> None:
    """Look at each server: does it answer, and how fast?"""
    whatsapp.check_servers(timezone.now())


@every("* * * * *", lane=NETWORK)
def end_stale_trials(timestamp: int) -> None:
    """Delete what trials of servers left behind."""
    trials.end_stale_trials(timezone.now())


@every("* * * * * */10", lane=ROWS)
def lapse_deposits(timestamp: int) -> None:
    """Free the times whose deposit was not paid."""
    deposits.lapse_due(timezone.now())


@every("* * * * * */10", lane=ROWS)
def watch_drops(timestamp: int) -> None:
    """Note which numbers dropped, which are back, and whom to tell."""
    alert_work.watch(timezone.now())


@every("* * * * * */10", lane=NETWORK)
def send_alerts(timestamp: int) -> None:
    """Send the mails about drops."""
    alert_work.send_alerts(timezone.now())


@every("* * * * * */10", lane=ROWS)
def tell_drops(timestamp: int) -> None:
    """Tell of drops through another number of the shop."""
    drops.tell_drops(timezone.now())


@every("*/10 * * * *", lane=ROWS)
def survey_servers(timestamp: int) -> None:
    """Have every server compared with what we know of it."""
    strays.survey_all()


@every("* * * * *", lane=ROWS)
def look_after_runs(timestamp: int) -> None:
    """Go on with commands for many numbers whose worker died."""
    commands.look_after_runs(timezone.now())


@every("* * * * * */15", lane=ROWS)
def look_after_imports(timestamp: int) -> None:
    """Go on with spreadsheets whose worker died."""
    imports.look_after_imports(timezone.now())


@every("* * * * * */5", lane=NETWORK)
def expire_pairings(timestamp: int) -> None:
    """End the pairings that nobody finished."""
    whatsapp.expire_pairings(timezone.now())


@every("* * * * *", lane=NETWORK)
def pictures(timestamp: int) -> None:
    """Fetch the photos whose wake-up was lost."""
    photos.fetch_pictures(timezone.now())


@every("* * * * *", lane=ROWS)
def go_on_with_series(timestamp: int) -> None:
    """Keep twelve visits of each series ahead."""
    series.top_up_series(timezone.now())


@every("* * * * * */10", lane=ROWS)
def remind(timestamp: int) -> None:
    """Queue the reminders and review requests whose moment has come."""
    reminders.remind(timezone.now())


@every("17 * * * *", lane=ROWS)
def forget(timestamp: int) -> None:
    """Delete what nobody needs any more."""
    tidy.forget_old_rows(timezone.now())

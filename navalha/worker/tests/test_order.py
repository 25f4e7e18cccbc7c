"""Late words about a connection do not undo newer ones."""

from navalha.worker.order import ConnectionOrder, told_at


def update(state, second, reason=200):
    data = {"state": state, "statusReason": reason}
    return {"event": "connection.update", "data": data, "date_time": f"2026-11-24T10:00:{second:02d}.000Z"}


def code(second):
    return {"event": "qrcode.updated", "data": {}, "date_time": f"2026-11-24T10:00:{second:02d}.000Z"}


def news(*payloads, newest=""):
    order = ConnectionOrder(newest)
    return [order.is_news(payload) for payload in payloads]


def test_events_that_come_in_their_order_are_all_news():
    assert news(update("connecting", 1), code(2), update("connecting", 3), update("open", 4)) == [True] * 4


def test_one_that_was_overtaken_is_no_news():
    assert news(update("open", 5), update("connecting", 4), code(3)) == [True, False, False]


def test_one_that_was_overtaken_in_an_earlier_batch_is_no_news():
    newest = told_at(update("open", 5))
    assert news(update("connecting", 4), update("close", 6, 401), newest=newest) == [False, True]


def test_a_storm_of_connecting_is_one_piece_of_news():
    storm = [update("connecting", second % 60) for second in range(60)] * 9

    assert sum(news(*storm)) == 1


def test_a_flap_is_not_a_storm():
    assert news(update("connecting", 1), update("open", 2), update("connecting", 3), update("open", 4)) == [True] * 4


def test_messages_and_acks_have_no_order():
    late = {"event": "messages.update", "date_time": "2020-01-01T00:00:00.000Z", "data": {}}
    assert news(update("open", 5), late, {"event": 5}, {}) == [True] * 4


def test_a_time_that_is_none_decides_nothing():
    for moment in (None, 5, "soon", "~~~~", ""):
        assert told_at({"date_time": moment}) == ""
    odd = {**update("close", 1), "date_time": "soon"}
    assert news(update("open", 5), odd) == [True, True]

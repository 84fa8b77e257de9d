"""The earliest of many times, which change all the while."""

from hypothesis import given
from hypothesis import strategies as st

from routing.moment import Instant
from routing.note import CallId
from routing.reminder import LEAST_STALE, Reminders

CALLS = st.sampled_from([CallId(name) for name in "abcdef"])
TIMES = st.one_of(st.none(), st.integers(0, 9).map(float).map(Instant))


@given(st.lists(st.tuples(CALLS, TIMES, st.integers(0, 9)), max_size=200))
def test_the_earliest_and_the_due_are_those_of_all(
    told: list[tuple[CallId, Instant | None, int]],
) -> None:
    """As if all were asked each time, however often somebody's time has changed."""
    reminders, times = Reminders(), dict[CallId, Instant]()
    for call, when, at in told:
        reminders.remind(call, when)
        times.pop(call, None)
        if when is not None:
            times[call] = when
        assert reminders.earliest() == min(times.values(), default=None)
        assert reminders.due(Instant(at)) == {each for each in times if times[each] <= at}


def test_what_does_not_count_any_more_is_not_kept_for_ever() -> None:
    """A time that is far away, set again and again, leaves nothing that grows."""
    reminders = Reminders()
    reminders.remind(CallId("a"), Instant(1.0))
    for number in range(1000):
        reminders.remind(CallId("b"), Instant(1e9 + number))
    assert len(reminders._heap) <= 2 * 2 + LEAST_STALE
    assert reminders.due(Instant(2e9)) == {"a", "b"}

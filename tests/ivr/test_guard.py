"""Wrong PINs are counted, and whoever tries too often has to wait."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ivr.guard import LOCK_S, TRIES, Guard, Tries
from routing.moment import Instant, Moment
from routing.operator import PersonId

SRI, BAYU = PersonId("sri"), PersonId("bayu")
HERE, THERE = "siaga-bersama-1", "siaga-bersama-2"
NOW = Instant(100.0)
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def tried(times: int = TRIES) -> Guard:
    """So many wrong PINs of Sri's at one phone."""
    guard = Guard()
    for _ in range(times):
        assert guard.admits(SRI, HERE, NOW)
    return guard


def test_after_so_many_wrong_pins_person_and_phone_wait() -> None:
    """Neither another phone nor another person is a way around; all others go on."""
    guard = tried()
    assert not guard.admits(SRI, HERE, NOW)
    assert not guard.admits(SRI, THERE, NOW)
    assert not guard.admits(BAYU, HERE, NOW)
    assert guard.admits(BAYU, THERE, NOW)


def test_a_lock_ends() -> None:
    """By itself; what was tried in vain meanwhile does not make it longer."""
    guard = tried()
    assert not guard.admits(SRI, HERE, Instant(NOW + LOCK_S - 0.1))
    assert guard.admits(SRI, HERE, Instant(NOW + LOCK_S))


def moment(instant: float) -> Moment:
    """Both clocks, which go together."""
    return Moment(Instant(instant), START + timedelta(seconds=instant))


def test_a_lock_outlives_the_process() -> None:
    """With what is left of it; what does not count any more is not kept."""
    kept = tried().kept(moment(NOW + 60.0))
    again = Guard()
    again.restore(kept, moment(NOW + 100.0))
    assert not again.admits(SRI, THERE, Instant(NOW + LOCK_S - 0.1))
    assert again.admits(SRI, THERE, Instant(NOW + LOCK_S))
    assert tried().kept(moment(NOW + LOCK_S)) == Tries()


def test_a_clock_that_was_put_back_makes_no_lock_longer() -> None:
    """What seems to have been tried in the future counts as tried now."""
    again = Guard()
    again.restore(tried().kept(moment(NOW)), moment(0.0))
    assert not again.admits(SRI, HERE, Instant(LOCK_S - 0.1))
    assert again.admits(SRI, HERE, Instant(LOCK_S))


def test_a_right_pin_forgives_what_was_before() -> None:
    """Of person and phone."""
    guard = tried(TRIES - 1)
    assert guard.admits(SRI, HERE, NOW)
    guard.passed(SRI, HERE)
    for _ in range(TRIES):
        assert guard.admits(SRI, HERE, NOW)
    assert not guard.admits(SRI, HERE, NOW)


@given(
    tries=st.lists(
        st.tuples(
            st.sampled_from([SRI, BAYU]),
            st.sampled_from([HERE, THERE]),
            st.floats(0.0, 100.0),
        ),
        max_size=60,
    )
)
def test_nobody_has_more_tries_than_that(tries: list[tuple[PersonId, str, float]]) -> None:
    """In any stretch of the lock's length, however the tries are spread over phones."""
    guard, now, admitted = Guard(), 0.0, dict[PersonId, list[float]]()
    for person, phone, pause in tries:
        now += pause
        if guard.admits(person, phone, Instant(now)):
            times = admitted.setdefault(person, [])
            times.append(now)
            assert len(times) <= TRIES or times[-1] - times[-1 - TRIES] >= LOCK_S

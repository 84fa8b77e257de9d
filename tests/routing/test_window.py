"""The window: computed once while it is near, bounded, and never wrong."""

from hypothesis import given
from hypothesis import strategies as st

from routing.window import Window


def test_a_value_is_computed_once_while_it_is_kept() -> None:
    """Asking again costs nothing."""
    asked: list[int] = []

    def double(key: int) -> int:
        asked.append(key)
        return 2 * key

    window = Window(10, double, lambda _: 1)
    assert [window.at(key) for key in (1, 2, 1, 2)] == [2, 4, 2, 4]
    assert asked == [1, 2]


def test_the_oldest_goes_first() -> None:
    """And is computed again when it is asked for."""
    asked: list[int] = []

    def told(key: int) -> int:
        asked.append(key)
        return key + 100

    window = Window(2, told, lambda _: 1)
    for key in (1, 2, 3, 2, 3, 1):
        window.at(key)
    assert asked == [1, 2, 3, 1]


@given(st.lists(st.integers(1, 50), max_size=60), st.integers(1, 60))
def test_what_is_kept_is_within_the_limit_or_the_newest_alone(keys: list[int], limit: int) -> None:
    """Whatever is asked for, in whatever order; and each answer is the right one."""
    window: Window[int, list[int]] = Window(limit, lambda key: [key] * key, len)
    for key in keys:
        assert window.at(key) == [key] * key
        assert window.weight <= limit or len(window) == 1

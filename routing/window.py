"""What was computed lately: kept while it is near, forgotten in the order in which it came."""

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Window(Generic[K, V]):
    """Values by key, computed when they are first asked for, and bounded in what they weigh.

    Args:
        limit: The weight of all that is kept; the newest value is kept whatever it weighs.
        compute: The value of a key.
        weigh: What a value weighs, in the unit of the limit.

    Attributes:
        weight: Of all that is kept.
    """

    def __init__(self, limit: int, compute: Callable[[K], V], weigh: Callable[[V], int]) -> None:
        self._limit = limit
        self._compute = compute
        self._weigh = weigh
        self._values: dict[K, V] = {}
        self.weight = 0

    def at(self, key: K) -> V:
        """The value of a key."""
        value = self._values.get(key)
        if value is None:
            value = self._compute(key)
            self.weight += self._weigh(value)
            while self._values and self.weight > self._limit:
                oldest = next(iter(self._values))
                self.weight -= self._weigh(self._values.pop(oldest))
            self._values[key] = value
        return value

    def __len__(self) -> int:
        return len(self._values)

"""The last talk of each operator, which may be marked until the next one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from routing.mark import Mark
from routing.note import CallId
from routing.operator import PersonId


@dataclass(frozen=True, slots=True)
class Talk:
    """A caller and an operator were brought together.

    Attributes:
        call: The caller's.
        number: The caller's as presented; None if it was withheld, or is not known any more.
        person: The operator.
        mark: What the operator has said of it; None as long as that is nothing.
    """

    call: CallId
    number: str | None
    person: PersonId
    mark: Mark | None = None


class Talks:
    """Everybody's last one; from the answer on, so that nobody marks an older one by mistake.

    Attributes:
        revision: Another number whenever something changed.
    """

    def __init__(self) -> None:
        self.revision = 0
        self._last: dict[PersonId, Talk] = {}

    def began(self, talk: Talk) -> None:
        """From now on this is the person's last one; one that goes on keeps its mark."""
        last = self._last.get(talk.person)
        if last is None or last.call != talk.call:
            self._last[talk.person] = talk
            self.revision += 1

    def of(self, person: PersonId) -> Talk | None:
        """The person's last one; None if nothing is known of any."""
        return self._last.get(person)

    def mark(self, person: PersonId, mark: Mark) -> Talk | None:
        """The person's last one with the new mark; None if there is none, or it has that mark."""
        talk = self._last.get(person)
        if talk is None or talk.mark is mark:
            return None
        marked = self._last[person] = replace(talk, mark=mark)
        self.revision += 1
        return marked

    def kept(self) -> Mapping[PersonId, Talk]:
        """A copy."""
        return self._last.copy()

    def restore(self, kept: Mapping[PersonId, Talk]) -> None:
        """Goes on from what was kept."""
        self._last = dict(kept)

"""The throttle on duty: what operators say goes in, is kept in a notebook, and is recorded."""

from collections.abc import Callable, Mapping

from routing.mark import Mark
from routing.note import CallId, Note
from routing.plan import Plan
from routing.throttle import Charges, Slowed, Throttle
from siaga.clock import Clock
from siaga.notebook import Notebook


class ThrottleDesk:
    """Takes operators' marks, and tells whose calls are slowed down.

    Args:
        clock: The only clock.
        plan: The accepted settings.
        notebook: What is to be known of another run, and kept for the next one.
        note: Takes a record when a number begins to be slowed down, and when it is not any more.
    """

    def __init__(
        self,
        clock: Clock,
        plan: Plan,
        notebook: Notebook[Charges],
        note: Callable[[Note], None],
    ) -> None:
        self._clock = clock
        self._plan = plan
        self._notebook = notebook
        self._note = note
        self._serves = False
        self._throttle = Throttle(plan)
        self._kept = self._throttle.revision

    def open(self) -> None:
        """This process serves from now on: what any process wrote before is known here."""
        self._serves = True
        self._throttle = Throttle(self._plan)
        kept = self._notebook.read()
        if kept is not None:
            self._throttle.restore(kept, self._clock.now())
        self._kept = self._throttle.revision

    def close(self) -> None:
        """Another process may serve: nothing more is written."""
        self._serves = False

    def use(self, plan: Plan) -> None:
        """New settings are in force at once."""
        self._plan = plan
        self._throttle.use(plan)
        self._keep()

    def mark(self, number: str, mark: Mark, call: CallId) -> None:
        """An operator has said what a call was.

        Args:
            number: The caller's as received.
            mark: What it was.
            call: The call.
        """
        at = self._clock.now()
        before = self._throttle.verdict(number, at)
        self._throttle.mark(number, mark, call, at)
        now = self._throttle.verdict(number, at)
        if now is not None and now != before:
            self._note(Note(call, "number_slowed", now.detail, now.because))
        if now is None and before is not None:
            self._note(Note(call, "number_freed", {"mark": mark.value}))
        self._keep()

    def verdict(self, number: str) -> Slowed | None:
        """Whether calls from a number, as received, are slowed down now."""
        return self._throttle.verdict(number, self._clock.now())

    def slowed(self) -> Mapping[str, Slowed]:
        """All numbers that are slowed down now, in international form."""
        return self._throttle.slowed(self._clock.now())

    def _keep(self) -> None:
        if self._serves and self._throttle.revision != self._kept:
            self._kept = self._throttle.revision
            self._notebook.write(self._throttle.snapshot())

"""A parser with what it is given, and what has to hold of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.fuzz.bound import bounded

CHECKED: Final = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
"""Checks of the search itself that do not matter here."""


@dataclass(frozen=True, slots=True)
class Target:
    """A parser.

    Attributes:
        name: Short, for the command line.
        examples: What it is given.
        parse: Has it parse one; raises what is a fault, and nothing else.
        allowed: What it may raise, as its documentation says.
        share: Of the examples of a run; less for what is slow.
    """

    name: str
    examples: st.SearchStrategy[Any]
    parse: Callable[[Any], object]
    allowed: tuple[type[Exception], ...] = ()
    share: float = 1.0

    def hold(self, example: Any) -> None:
        """Returns when the parser did what it may, in bounds.

        Raises:
            Exception: It did not; the parser's own, or one of `bound`.
        """
        with capture_logs(), bounded(_size(example)):
            try:
                self.parse(example)
            except self.allowed:
                return


@dataclass(frozen=True, slots=True)
class Fault:
    """What was found.

    Attributes:
        example: The smallest that was found.
        error: What it raises.
        blob: Makes hypothesis try it again.
    """

    example: Any
    error: BaseException
    blob: str


def search(
    target: Target, examples: int, seed: int | None = None, blob: str | None = None
) -> Fault | None:
    """Looks for a fault.

    Args:
        target: Of what.
        examples: How many are tried.
        seed: Of what is drawn; None: always the same.
        blob: Only this one is tried.
    """
    tried: list[Any] = []

    def parses(example: Any) -> None:
        tried[:] = [example]
        target.hold(example)

    wrapped = given(target.examples)(parses)
    wrapped = settings(
        max_examples=max(1, round(examples * target.share)),
        database=None,
        deadline=None,
        derandomize=seed is None and blob is None,
        phases=(Phase.generate, Phase.shrink),
        print_blob=True,
        suppress_health_check=CHECKED,
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
    )(wrapped)
    if seed is not None:
        wrapped = hypothesis.seed(seed)(wrapped)
    if blob is not None:
        wrapped = hypothesis.reproduce_failure(hypothesis.__version__, blob.encode())(wrapped)
    try:
        wrapped()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
        return Fault(tried[0], error, _blob(error))
    return None


def _blob(error: BaseException) -> str:
    """What hypothesis says of how to try it again."""
    notes = [note for note in getattr(error, "__notes__", ()) if "reproduce_failure(" in note]
    return notes[0].partition(", b'")[2].partition("'")[0] if notes else ""


def _size(example: Any) -> int:
    match example:
        case bytes() | str():
            return len(example)
        case list() | tuple():
            return sum(_size(each) for each in example)
        case dict():
            return _size(list(example.items()))
        case _:
            return 8

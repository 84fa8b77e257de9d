"""Why a decision was taken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground of a decision, in words, with the settings path of the rule that gave it.

    Attributes:
        text: What a supervisor reads: a short clause without a full stop.
        path: Keys and indexes from the settings' root (`("zones", "prefixes", 3)`), which the shell
            turns into file and line. Empty when no rule was involved.
    """

    text: str
    path: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        where = ".".join(str(key) for key in self.path)
        return f"{self.text} ({where})" if where else self.text

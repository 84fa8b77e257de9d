"""The answer times that emergency centres are held to: rehearsal, console and report alike.

Sources: NENA-STA-020.1-2020 (call processing) for 15 and 20 seconds. NFPA 1225, edition of 2022, as
the NFPA itself tells it ("How Long Does It Take for your 911 Call to Be Answered?", January 2023):
90 % within 10 seconds, from when the caller initiates the call. Earlier editions (as NFPA 1221) had
other times; docs/report.md tells them apart.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Standard:
    """So many percent of the calls are answered within so many seconds."""

    name: str
    percent: int
    within_s: int

    def __str__(self) -> str:
        return f"{self.name}: {self.percent} % within {self.within_s} s"

    def is_met(self, share: float | None) -> bool:
        """Whether a share of calls answered in time is enough; None, of no calls, is."""
        return share is None or share * 100 >= self.percent


NFPA: Final = Standard("NFPA 1225", 90, 10)
STANDARDS: Final = (
    NFPA,
    Standard("NENA-STA-020", 90, 15),
    Standard("NENA-STA-020", 95, 20),
)
TIMES_S: Final = tuple(sorted({each.within_s for each in STANDARDS}))
"""The standards' times, in seconds."""

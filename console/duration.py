"""How long something lasts, as people say it."""

import re
from typing import Final

MINUTE_S: Final = 60
HOUR_S: Final = 3_600
DAY_S: Final = 86_400
WRITTEN: Final = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s)?")


def spoken(seconds: float) -> str:
    """Two units at most: `42 s`, `3 min 05 s`, `2 h 10 min`, `4 d 3 h`; never less than nothing."""
    whole = max(0, int(seconds))
    if whole < MINUTE_S:
        return f"{whole} s"
    if whole < HOUR_S:
        return f"{whole // MINUTE_S} min {whole % MINUTE_S:02} s"
    if whole < DAY_S:
        return f"{whole // HOUR_S} h {whole % HOUR_S // MINUTE_S:02} min"
    return f"{whole // DAY_S} d {whole % DAY_S // HOUR_S} h"


def written(text: str) -> float | None:
    """The seconds of what is written as `15m`, `1h30m` or `90s`; None if it is nothing such."""
    match = WRITTEN.fullmatch(text.strip().lower())
    if match is None or not match[0]:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return float(hours * HOUR_S + minutes * MINUTE_S + seconds)

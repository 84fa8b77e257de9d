"""A caller's time in Asterisk, put together of Asterisk's own rows."""

from dataclasses import dataclass, field
from typing import Final

from switch.cel import Came, Gone, Home, Parted, Resort, Row, Served

UNSEEN: Final = "unseen"
"""Who has ended a call of which nobody saw the end."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A human and the caller heard each other without a daemon.

    Attributes:
        began: Who answered, and when.
        ended: Seconds since 1970.
        by_caller: The end of the call was its end, and no operator's doing.
    """

    began: Served
    ended: float
    by_caller: bool


@dataclass(slots=True)
class Visit:
    """One call, as far as the rows have told.

    Attributes:
        call: Its id.
        begin: Of its first row, in seconds since 1970.
        newest: Of its last row.
        came: How it arrived; None if that row is missing.
        resorts: Each time that the last resort began to serve it.
        talks: Those that are over.
        gone: How it ended; None: it goes on.
    """

    call: str
    begin: float | None = None
    newest: float = 0.0
    came: Came | None = None
    resorts: list[Resort] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)
    gone: Gone | None = None
    _served: Served | None = None
    _is_resorted: bool = False
    _service: str = ""

    @property
    def service(self) -> str:
        """The last one that was asked for; empty when none was."""
        return self._service

    def take(self, row: Row) -> None:
        """The call's next row."""
        if self.begin is None:
            self.begin = row.at
        self.newest = row.at
        if not isinstance(row, Came):
            self._part(row)
        match row:
            case Came():
                self.came = row
            case Resort():
                if not self._is_resorted:
                    self.resorts.append(row)
                self._is_resorted = True
                self._service = row.service or self._service
            case Served():
                self._served = row
            case Parted():
                pass
            case Home():
                self._is_resorted = False
                self._service = row.service or self._service
            case Gone():
                self.gone = row
                self._service = row.service or self._service

    def give_up(self) -> None:
        """No end will be told of: Asterisk has died. It was after the last row, at any time."""
        self.take(Gone(self.call, self.newest, UNSEEN, ""))

    def _part(self, row: Row) -> None:
        """What comes next ends the talk."""
        served, self._served = self._served, None
        if served is not None:
            by_caller = isinstance(row, Gone) and row.by in {"caller", UNSEEN}
            self.talks.append(Talk(served, row.at, by_caller))

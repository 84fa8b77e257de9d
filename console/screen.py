"""The status for people: one screen, the worst first to be seen.

Names and numbers come from settings and from the network: what is no printable character is shown
as a dot, so that nobody's caller id moves the reader's cursor.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from rich.text import Text

from console.board import CallInProgress
from console.duration import spoken
from console.status import (
    AgencyShown,
    BrokerShown,
    LinkState,
    OperatorShown,
    PauseShown,
    PhoneShown,
    SeatShown,
    Status,
)

ON_ITS_WAY: Final = 65_536
"""Bytes of records that are on their way to the store, or half a line of who died."""
WIDTH: Final = 11
"""Of the first column."""
SHOWN: Final = 10
"""Waiting callers, and problems of settings; the rest is counted."""
GOOD, BAD, WARN, DIM = "bold green", "bold red", "yellow", "dim"
STAGES: Final = ("arriving", "menu", "waiting", "talking")
"""In the order of a call."""
PHONES: Final = {
    SeatShown.READY: "green",
    SeatShown.BUSY: "yellow",
    SeatShown.UNREACHABLE: "red",
    SeatShown.UNKNOWN: "dim",
}


def lines(status: Status) -> Iterator[Text]:
    """The status, line by line."""
    yield from _verdict(status)
    yield from _asterisk(status)
    yield from _settings(status)
    yield from _calls(status)
    yield from _agencies(status)
    yield from _slowed(status)
    yield from _alarms(status)
    yield from _rest(status)


def _verdict(status: Status) -> Iterator[Text]:
    if status.ready:
        yield _line("in service", ("yes: new calls are answered by this daemon", GOOD))
    else:
        yield _line("in service", (f"no: {status.why}; new calls are not served here", BAD))


def _asterisk(status: Status) -> Iterator[Text]:
    link = status.asterisk
    since = f"for {_age(status, link.since)}"
    match link.state:
        case LinkState.UP:
            age_s = status.heartbeat_age_s
            beat = "no heartbeat yet" if age_s is None else f"heartbeat {age_s:.1f} s ago"
            yield _line("Asterisk", ("up ", GOOD), f"{since}, {link.version}, {beat}")
        case LinkState.DOWN:
            yield _line("Asterisk", ("away ", BAD), f"{since}, {link.url}: {link.why}")
        case LinkState.STANDBY:
            text = f"{since}: another daemon has the application {link.app!r}"
            yield _line("Asterisk", ("standby ", WARN), text)


def _settings(status: Status) -> Iterator[Text]:
    used = status.settings
    when = f"accepted {_clock(used.accepted)}, {_age(status, used.accepted)} ago"
    if used.known_good is None:
        yield _line("settings", f"{used.folder}, {when}")
    else:
        yield _line("settings", (f"last known good: {used.known_good}, {when}", WARN))
    if used.refused is not None:
        age = _age(status, used.refused.at)
        yield _line("", (f"refused {age} ago, those in {used.folder}:", BAD))
        problems = used.refused.problems
        yield from (_line("", (f"  {problem.text}", BAD)) for problem in problems[:SHOWN])
        if len(problems) > SHOWN:
            yield _line("", f"  and {len(problems) - SHOWN} more: siaga112 check")
    if used.restart_needed:
        names = ", ".join(f"{name} ({place})" for name, place in used.restart_needed.items())
        yield _line("", (f"wait for a restart: {names}", WARN))
    if used.warnings:
        count = len(used.warnings)
        yield _line("", (f"{count} warning{'s' if count > 1 else ''}: siaga112 check", WARN))


def _calls(status: Status) -> Iterator[Text]:
    order = (*STAGES, *sorted(set(status.stages) - set(STAGES)))
    told = [f"{status.stages[name]} {name}" for name in order if name in status.stages]
    yield _line("calls", ", ".join(told) or "none")
    figures = status.figures
    times = figures["answer_time_s"]
    longest = "" if times["longest"] is None else f", longest answer time {times['longest']:.0f} s"
    yield _line(
        "",
        f"since the start {figures['calls']}, {figures['answered']} answered, "
        f"{figures['abandoned']} abandoned{longest}",
    )
    waiting = {id_: call for id_, call in status.calls.items() if call.stage == "waiting"}
    ids = list(dict.fromkeys([*(id_ for id_ in status.queue if id_ in waiting), *waiting]))
    for number, id_ in enumerate(ids[:SHOWN]):
        yield _line("" if number else "waiting", *_waiting(status, waiting[id_]))
    if len(ids) > SHOWN:
        yield _line("", f"and {len(ids) - SHOWN} more")


def _waiting(status: Status, call: CallInProgress) -> tuple[str | tuple[str, str], ...]:
    number = call.number or "no number"
    return (f"{number:<14} {call.service or '-':<12} ", (f"{_age(status, call.since)}", WARN))


def _agencies(status: Status) -> Iterator[Text]:
    for number, (id_, agency) in enumerate(status.agencies.items()):
        yield _agency(status, "" if number else "on duty", id_, agency)
    yield _line("post", *_phone(status.post))


def _agency(status: Status, first: str, id_: str, agency: AgencyShown) -> Text:
    if not agency.operators:
        return _line(first, f"{id_:<12} ", ("nobody", BAD))
    parts: list[str | tuple[str, str]] = [f"{id_:<12} "]
    for number, operator in enumerate(agency.operators):
        parts += [" · "] if number else []
        parts += _operator(status, operator)
    return _line(first, *parts)


def _operator(status: Status, operator: OperatorShown) -> Iterator[str | tuple[str, str]]:
    yield f"{operator.name} "
    if not operator.phones:
        yield ("no seat", BAD)
    for number, phone in enumerate(operator.phones):
        yield ", " if number else ""
        if operator.pause is None or phone.call:
            yield from _phone(phone)
        else:
            yield phone.seat
    if operator.pause is not None:
        yield (f" {_paused(status, operator.pause)}", WARN)
    elif operator.wrap_up_s > 0:
        yield (f" wrap-up {spoken(operator.wrap_up_s)}", WARN)


def _paused(status: Status, pause: PauseShown) -> str:
    """How long, for how long, and why."""
    told = "paused"
    if pause.since is not None:
        told += f" {_age(status, pause.since)}"
    if pause.until is not None:
        told += f", {spoken((pause.until - status.at).total_seconds())} left"
    why = "did not answer" if pause.automatic else pause.reason
    return f"{told} ({why})" if why else told


def _phone(phone: PhoneShown) -> Iterator[str | tuple[str, str]]:
    yield f"{phone.seat} "
    word = "112 call" if phone.call else str(phone.state)
    yield (word, PHONES[phone.state])


def _slowed(status: Status) -> Iterator[Text]:
    count = len(status.slowed)
    if count:
        last = _clock(status.slowed[-1].until)
        yield _line("slowed", f"{count} number{'s' if count > 1 else ''}, the last until {last}")
    for slowed in status.slowed[:SHOWN]:
        left = spoken((slowed.until - status.at).total_seconds())
        yield _line("", f"{slowed.number:<14} {slowed.marks} marks, for {left}")


def _alarms(status: Status) -> Iterator[Text]:
    if not status.alarms:
        yield _line("alarms", ("none", GOOD))
    for number, alarm in enumerate(status.alarms):
        name = (f"{alarm.what} ", BAD)
        yield _line("" if number else "alarms", name, f"for {_age(status, alarm.since)}")
        yield _line("", f"  {alarm.why}")
        yield _line("", (f"  do: {alarm.do}", DIM))


def _rest(status: Status) -> Iterator[Text]:
    spool = status.spool
    shed = sum(spool.shed.values())
    lost = f"; {shed} lost" if shed else ""
    if spool.fault is None and not shed:
        is_late = spool.behind > ON_ITS_WAY
        late = f", {spool.behind // 1024} KiB not in the store yet" if is_late else ""
        yield _line("records", f"written, {spool.waiting} in memory{late}")
    else:
        why = spool.fault or "written again"
        yield _line("records", (f"{spool.waiting} wait in memory{lost}: {why}", BAD))
    if status.broker is not None:
        yield _broker(status.broker)
    process = status.process
    yield _line(
        "daemon", f"{status.version}, up for {spoken(status.uptime_s)}, process {process.pid}"
    )


def _broker(broker: BrokerShown) -> Text:
    told = f"{broker.published} records published, {broker.waiting} wait"
    if broker.unheard is not None:
        told += ", no commands are heard"
    if broker.why is None:
        return _line("mqtt", f"{broker.state}, {told}")
    return _line("mqtt", (f"{broker.state}, {told}: {broker.why}", BAD))


def _age(status: Status, since: datetime) -> str:
    return spoken((status.at - since).total_seconds())


def _clock(at: datetime) -> str:
    """In the time zone of whoever reads it."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def _line(first: str, *parts: str | tuple[str, str]) -> Text:
    text = Text(f"{first:<{WIDTH}}", style="")
    for part in parts:
        words, style = (part, "") if isinstance(part, str) else part
        text.append("".join(c if c.isprintable() else "·" for c in words), style=style or None)
    return text

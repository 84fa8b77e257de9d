"""A report as one HTML page: no script, nothing fetched, to be read on any screen or printed."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from journal.standard import NFPA, STANDARDS
from routing.mark import Mark
from siaga.report import chart, table
from siaga.report.chart import Bar, Column
from siaga.report.report import Report
from siaga.report.screen import headline
from siaga.report.style import CSS
from siaga.report.table import Table, number, part, percent, seconds
from siaga.report.tally import SHORT_S, Dimension, Group

WIDE: Final = 5
"""A table of more columns becomes a list on a phone."""
SHORT: Final = 12
"""A section with no more rows is kept on one sheet of paper."""
SERIES: Final = {
    "answered": ("answered", "var(--blue)"),
    "gone": ("gave up", "var(--orange)"),
    "other": ("otherwise", "var(--grey)"),
}
TERMS: Final = {
    "call": "one that arrived in the period, until its end; a caller who dials twice is two.",
    "answered": "a human and the caller heard each other. A menu or a voicemail does not count.",
    "answer time": "from the arrival to that moment. After the menu: from the choice of a service, "
    "or the silence that counts as one.",
    "in 10 s": "the share answered by then, of the calls that were answered or waited longer. "
    "Who gives up sooner counts for nothing.",
    "gave up": f"hung up before a human answered; up to {SHORT_S} s after the arrival is told "
    "apart.",
    "90 % within": "nine of ten answered calls took no longer.",
    "last resort": "given to Asterisk's plain dialplan, which rings on; what came of it is not "
    "among these records.",
    "agency": "the one that is hunted first for the service that was asked for, whoever answered.",
    "shift": "the one of the roster that ran when the call arrived.",
    "marks": "what operators said of calls after them; an unmarked one may have been anything.",
}


def as_html(report: Report) -> str:
    """The whole page."""
    title = f"Report {report.centre}".strip()
    body = "\n".join(_sections(report))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main>\n"
        f"{body}\n</main>\n</body>\n</html>\n"
    )


def _sections(report: Report) -> Iterable[str]:
    yield _head(report)
    yield _tiles(report)
    yield _section(table.standards(report), _standards(report), _note_of_standards())
    yield _section(table.waits(report), _spread(report))
    yield _section(table.outcomes(report), _counts("Calls", table.outcome_counts(report)))
    yield _section(table.marks(report), _counts("Marks", table.mark_counts(report)))
    for dimension in (Dimension.DAY, Dimension.HOUR):
        yield _section(table.of_dimension(report, dimension), _columns(report, dimension))
    for dimension in (Dimension.AGENCY, Dimension.SERVICE, Dimension.SHIFT, Dimension.ZONE):
        yield _section(table.of_dimension(report, dimension), _bars(report, dimension))
    yield _section(table.operators(report), _talks(report))
    yield _foot(report)


def _head(report: Report) -> str:
    warning = (
        ""
        if report.is_complete
        else '<p class="warning">The period is not over: figures will change.</p>'
    )
    return (
        f"<header><h1>Emergency calls{' · ' if report.centre else ''}{escape(report.centre)}</h1>"
        f"<p>{escape(headline(report))}</p>{warning}</header>"
    )


def _tiles(report: Report) -> str:
    group = report.tally.all
    calls, answered = group.arrival.calls, group.arrival.answered
    short = group.arrival.given_up.within(SHORT_S)
    share = group.arrival.share_within(NFPA.within_s)
    tiles = (
        ("calls", number(calls), f"{number(group.queue.calls)} waited for a human"),
        ("answered", number(group.answered), f"{part(group.answered, calls)} of all"),
        ("gave up", number(group.abandoned), f"{number(short)} within {SHORT_S} s"),
        (f"answered in {NFPA.within_s} s", percent(share), str(NFPA)),
        ("average answer", seconds(answered.mean), "from arrival"),
        ("nine of ten within", seconds(answered.percentile(90)), "from arrival"),
        ("genuine", part(group.marks[Mark.GENUINE], group.marked), "of the marked calls"),
        ("talk", table.hours(group.talk_ms), "all talks together"),
    )
    cells = (
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}<small>{escape(small)}</small></dd></div>"
        for name, value, small in tiles
    )
    return f'<dl class="tiles">{"".join(cells)}</dl>'


def _section(told: Table, drawn: str, note: str = "") -> str:
    """A chart, and a table that says the same in full."""
    kept = ' class="whole"' if len(told.rows) <= SHORT else ""
    side = "side broad" if len(told.headings) > WIDE else "side"
    return (
        f"<section{kept}><h2>{escape(told.title)}</h2>"
        f'<div class="{side}"><figure><div>{drawn}</div></figure>'
        f"<div>{_table(told)}{note}</div></div></section>"
    )


def _table(told: Table) -> str:
    wide = ' class="wide"' if len(told.headings) > WIDE else ""
    heads = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in told.headings)
    rows = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(_cells(told, row))}</tr>'
        for row in told.rows
    )
    return f"<table{wide}><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(told: Table, row: tuple[str, ...]) -> Iterable[str]:
    for heading, cell in zip(told.headings[1:], row[1:], strict=True):
        verdict = cell.rpartition(" ")[2]
        mark = f' class="{verdict}"' if verdict in {"met", "missed"} else ""
        yield f'<td data-label="{escape(heading)}"{mark}>{escape(cell)}</td>'


def _legend(*entries: tuple[str, str, str]) -> str:
    items = (
        f'<li class="{kind}" style="--swatch: {colour}">{escape(text)}</li>'
        for kind, colour, text in entries
    )
    return f'<ul class="legend">{"".join(items)}</ul>'


def _standards(report: Report) -> str:
    group, rows = report.tally.all, []
    for each in STANDARDS:
        for name, series, served in (
            ("from arrival", "answered", group.arrival),
            ("after the menu", "second", group.queue),
        ):
            share = served.share_within(each.within_s)
            label = f"within {each.within_s} s {name}"
            bar = Bar(label, percent(share), ((share or 0.0, series),), each.percent / 100)
            rows.append(bar)
    drawn = chart.bars(
        "Answered in time", "The share answered in time, with a mark at the target.", rows, 1.0
    )
    return drawn + _legend(
        ("", "var(--blue)", "from arrival"),
        ("", "var(--sky)", "after the menu"),
        ("target", "var(--ink)", "target"),
    )


def _note_of_standards() -> str:
    return (
        '<p class="note">The standards are about the people at the phones. From arrival is what'
        " a caller lives through, menu included; after the menu is what the roster can change.</p>"
    )


def _spread(report: Report) -> str:
    waits = report.tally.all.arrival.answered
    limits = (5, 10, 15, 20, 30, 60)
    rows, since, before = [], 0, 0
    for limit in limits:
        now = waits.within(limit)
        label = f"after {since} to {limit} s" if since else f"within {limit} s"
        rows.append(_wait(label, now - before, waits.number))
        since, before = limit, now
    rows.append(_wait(f"more than {limits[-1]} s", waits.number - before, waits.number))
    text = "How many calls were answered after how long."
    return chart.bars("Answer times", text, rows, waits.number)


def _wait(label: str, calls: int, of: int) -> Bar:
    return Bar(label, f"{number(calls)} · {part(calls, of)}", ((calls, "answered"),))


def _counts(title: str, counts: Sequence[tuple[str, int]]) -> str:
    whole = sum(calls for _, calls in counts)
    rows = [
        Bar(name, f"{number(calls)} · {part(calls, whole)}", ((calls, _series(name)),))
        for name, calls in counts
    ]
    return chart.bars(title, "How many there were of each.", rows, whole)


def _series(name: str) -> str:
    if name.startswith(("answered", "genuine", "information")):
        return "answered"
    return "gone" if name.startswith(("abandoned", "prank", "ghost")) else "other"


def _parts(group: Group) -> tuple[tuple[float, str], ...]:
    others = group.arrival.calls - group.answered - group.abandoned
    return (group.answered, "answered"), (group.abandoned, "gone"), (others, "other")


def _columns(report: Report, dimension: Dimension) -> str:
    groups = table.groups_of(report, dimension)
    places = [Column(_brief(name, dimension), _parts(group)) for name, group in groups]
    title = table.TITLES[dimension]
    waits = [
        Column(place.label, ((group.arrival.answered.percentile(90) or 0.0, "second"),))
        for place, (_, group) in zip(places, groups, strict=True)
    ]
    return (
        chart.columns(title, f"Calls {title.lower()}.", places)
        + _series_legend()
        + "</div><div><h3>90\u00a0% answered within, in seconds</h3>"
        + chart.columns(f"Waits {title.lower()}", "Within how many seconds 90 % were.", waits)
    )


def _brief(name: str, dimension: Dimension) -> str:
    """What fits below a column: `00` of `00:00`, `3` of `Sat 03 Oct`."""
    if dimension is Dimension.HOUR:
        return name[:2]
    words = name.split()
    return words[1].lstrip("0") if len(words) == len(("Sat", "03", "Oct")) else words[0]


def _bars(report: Report, dimension: Dimension) -> str:
    rows = [
        Bar(name, number(group.arrival.calls), _parts(group))
        for name, group in table.groups_of(report, dimension)
    ]
    title = table.TITLES[dimension]
    return chart.bars(title, f"Calls {title.lower()}.", rows) + _series_legend()


def _series_legend() -> str:
    return _legend(*(("", colour, text) for text, colour in SERIES.values()))


def _talks(report: Report) -> str:
    rows = [
        Bar(name, f"{number(work.talks)} of {number(work.offers)}",
            ((work.talks, "answered"), (work.no_answer, "gone"),
             (max(0, work.offers - work.talks - work.no_answer), "other")))
        for name, work in table.workers(report)
    ]  # fmt: skip
    drawn = chart.bars("Operators", "How often each phone rang, and what came of it.", rows)
    return drawn + _legend(
        ("", "var(--blue)", "talks"),
        ("", "var(--orange)", "rang out"),
        ("", "var(--grey)", "taken by others, declined"),
    )


def _foot(report: Report) -> str:
    terms = "".join(
        f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in TERMS.items()
    )
    return (
        f'<section><h2>What the words mean</h2><dl class="terms">{terms}</dl></section>'
        f"<footer><p>Made {report.made:%a %d %b %Y %H:%M} of the journal, by siaga112 report;"
        f" settings {escape(report.settings.name)}.</p></footer>"
    )

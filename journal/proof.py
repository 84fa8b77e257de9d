"""Whether the store is what was written: chains, commitments, columns and anchors.

A record that is changed is found by its own link; one that is missing, put in or moved by the link
of the one that follows; what is missing at the end by the writer's head and by the anchors. A
personal fact that was changed is found by its commitment. One that was purged is no fault, but is
counted.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from journal import anchor
from journal.archive import Archive
from journal.seal import Body, Head, first_link, holds, next_link, read_body, stamp, writer_of
from journal.store import Kept, key_of


class Flaw(Enum):
    """What is wrong with a record; the value is for people."""

    CHANGED = "was changed, or what its chain had before it"
    MOVED = "stands at another place than where it was written"
    GAP = "does not follow the one before it: what was in between is missing"
    CUT = "was its writer's newest one, and is missing"
    COLUMN = "is listed under a name, time or call that is not its own"
    FACT_CHANGED = "has a personal fact that was changed"
    FACT_MISSING = "has no trace of a personal fact, not even of its purge"
    FACT_ADDED = "has a personal fact that it was not written with"
    STRAY = "is not there, but personal facts of it are"
    ANCHOR_MISSING = "was anchored, and is missing"
    ANCHOR_OTHER = "is another one than the one that was anchored"
    ANCHOR_STORE = "is another store than this one, and its anchors are in the same file"
    HEAD = "does not end its writer's chain as the store remembers it"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written.

    Attributes:
        record: The id of the record; for a gap that of the one after it; of a store its own.
        flaw: What is wrong with it.
        fact: The name of the personal fact, where it is about one.
    """

    record: str
    flaw: Flaw
    fact: str = ""

    def __str__(self) -> str:
        fact = f" ({self.fact})" if self.fact else ""
        return f"{self.record} {self.flaw.value}{fact}"


@dataclass(slots=True)
class Proof:
    """What was looked at, and what was found.

    Attributes:
        records: How many there are.
        writers: How many chains.
        facts: Personal facts whose commitment holds.
        purged: Those that are gone as a law wants it, by name.
        store: Which store it is.
        anchors: How many were looked at.
        findings: What is wrong, in the order of the store.
    """

    records: int = 0
    writers: int = 0
    facts: int = 0
    purged: Counter[str] = field(default_factory=Counter)
    store: str = ""
    anchors: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class _Chain:
    """How far one writer's chain has been followed.

    Attributes:
        number: Of the last record.
        link: Of that record, as the store has it.
        proved: The same, as it should be.
    """

    number: int
    link: str
    proved: str


async def prove(archive: Archive, anchors: Path) -> Proof:
    """Looks at everything.

    Args:
        archive: The store.
        anchors: The file of the anchors; without one there are none.

    Raises:
        StoreError: The store does not answer.
        OSError: The file of the anchors cannot be read.
    """
    proof = Proof(store=await archive.identity())
    dropped = list(anchor.read(anchors))
    # Those of an earlier release do not say whose they are.
    ours = [each for each in dropped if each.store in {"", proof.store}]
    anchored = {(each.writer, each.number): each.link for each in ours}
    proof.anchors = len(anchored)
    others = sorted({each.store for each in dropped} - {"", proof.store})
    proof.findings += [Finding(other, Flaw.ANCHOR_STORE) for other in others]
    heads = await archive.heads()
    unmet = dict(heads)
    chains: dict[str, _Chain] = {}
    async for kept in archive.kept():
        proof.records += 1
        proof.findings += _look(kept, chains, proof)
        name, number = writer_of(kept.id)
        link = anchored.pop((name, number), kept.link)
        if link != kept.link:
            proof.findings.append(Finding(kept.id, Flaw.ANCHOR_OTHER))
        if unmet.get(name) == Head(number, kept.link):
            del unmet[name]
    proof.writers = len(chains)
    # A daemon may have gone on meanwhile: a chain goes through its head, and new ones begin.
    headless = chains.keys() - heads.keys() - (await archive.heads()).keys()
    proof.findings += _look_at_heads(unmet, headless, chains)
    missing = (Finding(_id(*key), Flaw.ANCHOR_MISSING) for key in anchored)
    proof.findings += missing
    proof.findings += [Finding(id_, Flaw.STRAY) for id_ in await archive.strays()]
    return proof


def _look(kept: Kept, chains: dict[str, _Chain], proof: Proof) -> Iterator[Finding]:
    """One record, after all that come before it."""
    flaw = _follow(kept, chains)
    if flaw is not None:
        yield Finding(kept.id, flaw)
    try:
        body = read_body(kept.body)
    except ValueError:
        if flaw is None:
            yield Finding(kept.id, Flaw.CHANGED)
        return
    told = (body.id, writer_of(body.id)[0], stamp(body.at), body.what, key_of(body.call))
    if told != (kept.id, kept.writer, kept.at, kept.what, kept.call):
        yield Finding(kept.id, Flaw.COLUMN)
    yield from _look_at_facts(kept, body, proof)


def _follow(kept: Kept, chains: dict[str, _Chain]) -> Flaw | None:
    """Goes on in the chain; what is wrong with this link of it."""
    number = writer_of(kept.id)[1]
    first = first_link(kept.writer)
    before = chains.get(kept.writer) or _Chain(0, first, first)
    proved = next_link(before.proved, kept.body)
    follows = next_link(before.link, kept.body)
    chains[kept.writer] = _Chain(number, kept.link, follows)
    if kept.link in {proved, follows}:
        return None
    if number <= before.number:
        return Flaw.MOVED
    return Flaw.GAP if number > before.number + 1 else Flaw.CHANGED


def _look_at_facts(kept: Kept, body: Body, proof: Proof) -> Iterator[Finding]:
    there = {secret.name: secret for secret in kept.secrets}
    for name in body.aside.keys() - there.keys():
        yield Finding(kept.id, Flaw.FACT_MISSING, name)
    for name, secret in there.items():
        if name not in body.aside:
            yield Finding(kept.id, Flaw.FACT_ADDED, name)
        elif secret.value is None and secret.salt is None:
            proof.purged[name] += 1
        elif holds(body, secret):
            proof.facts += 1
        else:
            yield Finding(kept.id, Flaw.FACT_CHANGED, name)


def _look_at_heads(
    unmet: dict[str, Head], headless: set[str], chains: dict[str, _Chain]
) -> Iterator[Finding]:
    for name in sorted(unmet):
        chain = chains.get(name)
        if chain is None or chain.number < unmet[name].number:
            yield Finding(_id(name, unmet[name].number), Flaw.CUT)
        else:
            yield Finding(_id(name, chain.number), Flaw.HEAD)
    for name in sorted(headless):
        yield Finding(_id(name, chains[name].number), Flaw.HEAD)


def _id(writer: str, number: int) -> str:
    return f"{writer}-{number:08d}" if number else writer

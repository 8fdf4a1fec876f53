"""Experience on its way out: lines, the file it came from, or a file in a format of choice.

What leaves is looked through for secrets once more: rules may have been added since it came in.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Final, cast

from lessonbase.errors import InvalidInput, RecordNotFound
from lessonbase.formats.files import FORMATS, decoded, module_of
from lessonbase.formats.jsonl import line_of
from lessonbase.guard.pseudonyms import Pseudonyms
from lessonbase.guard.redaction import redact, redact_record
from lessonbase.ports import Base
from lessonbase.records import Filters, Kind, Record, SoulEntry, SourceFile, Status

WRITTEN: Final = ("jsonl", "oos", "soul", "postmortem", "list", "markdown")
_PAGE: Final = 1_000
# Statuses of what a file holds: what was retired or superseded is not in it any more.
_HELD: Final = (Status.ACTIVE, Status.PROPOSED, Status.QUARANTINED)


@dataclass(slots=True)
class Leaving:
    """What an export has come across: told to whoever asked for it."""

    records: int = 0
    redacted: Counter[str] = field(default_factory=Counter)


def lines(
    base: Base, *, history: bool = False, public: bool = False, leaving: Leaving | None = None
) -> Iterator[str]:
    """Every record that the caller may see as a line, line end included.

    Args:
        base: Where from.
        history: The files that records were imported from as well, and every event.
        public: Only what all may see, and names replaced.
        leaving: Told what was come across.
    """
    leaving = leaving or Leaving()
    records: Iterable[Record] = base.export()
    if public:
        records = _public(records)
    for record in records:
        yield f"{line_of(_clean(record, leaving))}\n"
    if history:
        for name in base.sources():
            file = base.source(name.name)
            yield f"{file.model_dump_json()}\n"
        for record in base.export():
            for event in base.history(record.id):
                yield f'{{"event":{event.model_dump_json()}}}\n'


def written(
    base: Base,
    format_: str,
    *,
    source: str | None = None,
    agent: str | None = None,
    public: bool = False,
    leaving: Leaving | None = None,
) -> bytes:
    """Records as one file; the file they were imported from, byte for byte, if nothing changed.

    Args:
        base: Where from.
        format_: One of `WRITTEN`, jsonl left out.
        source: Name of the file they came from; none: all records that the format has room for.
        agent: Only this agent's soul.
        public: Only what all may see, and names replaced; never the file as it was.
        leaving: Told what was come across.
    Raises:
        InvalidInput: If the format is none, or there is nothing to write.
        RecordNotFound: If there is no such source.
    """
    leaving = leaving or Leaving()
    file = base.source(_named(base, source)) if source else None
    records = list(_chosen(base, file.name if file else None, format_, agent))
    if public:
        records = list(_public(records))
    records = [_clean(record, leaving) for record in records]
    if not records and file is None:
        raise InvalidInput("nothing to write", hint="`lessonbase stats` shows what there is")
    if format_ == "markdown":
        from lessonbase.formats.markdown import page_of

        return page_of(records).encode()
    if format_ not in FORMATS or format_ not in WRITTEN:
        raise InvalidInput(f"{format_!r} cannot be written", hint=f"use {', '.join(WRITTEN)}")
    writer = cast(Any, import_module(FORMATS[format_]))
    name = file.name if file else f"lessonbase.{format_}"
    if file is None or file.format != format_ or public:
        return cast(str, writer.write(records, kept=None, name=name)).encode()
    kept = decoded(file.content)
    text = cast(str, writer.write(_as_read(records, file, kept), kept=kept, name=name))
    if text != kept:
        return text.encode()
    found = redact(kept)
    leaving.redacted.update(found.counts)
    return found.text.encode() if found.counts else file.content


def _named(base: Base, source: str) -> str:
    """The full name of the file that *source* names, by its end if that is enough."""
    names = [one.name for one in base.sources()]
    if source in names:
        return source
    ending = [name for name in names if name.endswith(f"/{source}")]
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise InvalidInput(f"{source!r} may be {' or '.join(ending)}", hint="give the full name")
    raise RecordNotFound(source)


def _chosen(base: Base, source: str | None, format_: str, agent: str | None) -> Iterator[Record]:
    kinds = (Kind.SOUL_ENTRY,) if format_ == "soul" else ()
    statuses = _HELD if source else (Status.ACTIVE,)
    filters = Filters(kinds=kinds, statuses=statuses, source=source)
    before = None
    found: list[Record] = []
    while True:
        page = base.list(filters=filters, limit=_PAGE, before=before)
        found += page.records
        if page.after is None:
            break
        before = page.after
    for record in sorted(found, key=lambda one: (one.provenance.file, one.provenance.line or 0)):
        if agent is None or (isinstance(record, SoulEntry) and record.agent == agent):
            yield record


def _as_read(records: Sequence[Record], file: SourceFile, kept: str) -> list[Record]:
    """*records* as reading the file would give them, where they say the same.

    The base may know an entry by the id it had under other words, and has its own mind about who
    may see it: to the file that is nothing.
    """
    read = module_of(file.format).read(kept, name=file.name, now=datetime.now(UTC)).records
    unclaimed: dict[str, list[Record]] = {}
    for one in read:
        unclaimed.setdefault(one.content_hash(), []).append(one)
    given = []
    for record in records:
        bare = record.model_copy(
            update={
                "visibility": "space" if record.visibility == file.visibility else record.visibility
            }
        )
        same = unclaimed.get(bare.content_hash())
        given.append(same.pop(0) if same else bare)
    return given


def _public(records: Iterable[Record]) -> Iterator[Record]:
    """What all may see and no curator has doubts about, names replaced."""
    shared = [
        record
        for record in records
        if record.visibility == "space" and record.status is Status.ACTIVE
    ]
    pseudonyms = Pseudonyms(shared)
    hidden = {record.id: pseudonyms.hidden(record) for record in shared}
    # An id may be made of a name; one made of the content is the same in every export.
    ids = {old: f"x-{record.content_hash()[:24]}" for old, record in hidden.items()}
    for record in hidden.values():
        yield record.model_copy(
            update={
                "id": ids[record.id],
                "supersedes": tuple(ids[one] for one in record.supersedes if one in ids),
                "links": tuple(
                    link.model_copy(update={"target": ids[link.target], "evidence": ""})
                    for link in record.links
                    if link.target in ids
                ),
            }
        )


def _clean(record: Record, leaving: Leaving) -> Record:
    clean, counts = redact_record(record)
    leaving.records += 1
    leaving.redacted.update(counts)
    return clean

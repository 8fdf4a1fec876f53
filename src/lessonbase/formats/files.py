"""Files and folders as they are found: which format each has, and what it holds.

Secrets are taken out of a file's text before it is read, so that neither its records nor the copy
that is kept for the way back hold any.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol, cast

from lessonbase.errors import InvalidInput
from lessonbase.formats.parsed import Beside, Parsed, alone
from lessonbase.guard.redaction import redact
from lessonbase.records import SOURCE_LIMIT, SourceFile


class Format(Protocol):
    """A module that knows one format."""

    @staticmethod
    def matches(name: str, text: str, **beside: Beside) -> bool:
        """Whether a file of this name and text has the format."""
        ...

    @staticmethod
    def read(text: str, *, name: str, now: datetime, beside: Beside = ...) -> Parsed:
        """What the file holds."""
        ...


# In the order in which they are tried: the most particular first.
FORMATS: Final[Mapping[str, str]] = {
    "oos": "lessonbase.formats.oos",
    "soul": "lessonbase.formats.soul",
    "postmortem": "lessonbase.formats.postmortem",
    "list": "lessonbase.formats.lists",
    "tracker": "lessonbase.formats.tracker",
}
NAMES: Final = ("jsonl", *FORMATS)
# Endings of names that are looked at in a folder.
_ENDINGS: Final = frozenset(
    {".jsonl", ".json", ".md", ".markdown", ".yaml", ".yml", ".csv", ".tsv", ".txt"}
)
_PASSED: Final = frozenset({"node_modules", "__pycache__"})
# Longest file that is read into memory, in bytes; JSON lines are read line by line.
_LIMIT: Final = 200_000_000
# Characters at the head of a file that tell JSON lines of records from another file.
_HEAD: Final = 4_096


@dataclass(frozen=True, slots=True)
class Found:
    """A file to be read.

    Attributes:
        path: Where it is.
        name: What it is called in the base: its own name, with the folder that was given.
        asked: Whether it was named itself, and not only the folder that it is in.
    """

    path: Path
    name: str
    asked: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read.

    Attributes:
        name: Of the file, in the base.
        format: Which reader understood it; empty: none did.
        parsed: What it holds.
        redacted: Secrets and personal data taken out before it was read, by sort.
        path: Where it is, for messages; empty for what is no file.
    """

    name: str
    format: str
    parsed: Parsed
    redacted: Mapping[str, int]
    path: str


def find(paths: Sequence[Path]) -> list[Found]:
    """The files that *paths* name, those in folders too, in order and each once.

    Raises:
        InvalidInput: If a path is not there, or two files would have one name.
    """
    found: dict[Path, Found] = {}
    for path in paths:
        if path.is_dir():
            for file in _within(path):
                name = f"{path.resolve().name}/{file.relative_to(path).as_posix()}"
                found.setdefault(file.resolve(), Found(file, name, asked=False))
        elif path.exists():
            found[path.resolve()] = Found(path, path.name, asked=True)
        else:
            raise InvalidInput(f"{path}: No such file or directory", hint="check the path")
    return _told_apart(list(found.values()))


def read_path(
    file: Found,
    *,
    now: datetime,
    format_: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> Reading:
    """What a file holds.

    Args:
        file: Of :func:`find`.
        now: Time for what carries none.
        format_: Its format; none: found out.
        columns: Field → column, for trackers.
    Raises:
        InvalidInput: If it cannot be read, or was named and has no format that is known.
    """
    try:
        if file.path.stat().st_size > _LIMIT and format_ != "jsonl":
            raise InvalidInput(f"{file.path}: too large", hint="split it, or use --format jsonl")
        with file.path.open("rb") as opened:
            head = opened.read(_HEAD)
        if format_ == "jsonl" or (format_ is None and _is_lines(file, head)):
            return _lines(file, now)
        content = file.path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{file.path}: {error.strerror}", hint="check the path") from error
    reading = read_content(
        content,
        name=file.name,
        now=now,
        format_=format_,
        beside=_beside(file.path),
        columns=columns,
    )
    if not reading.format and file.asked:
        raise InvalidInput(
            f"{file.path}: no format that is known",
            hint=f"name it with --format: {', '.join(NAMES)}",
        )
    return replace(reading, path=str(file.path))


def read_content(
    content: bytes,
    *,
    name: str,
    now: datetime,
    format_: str | None = None,
    beside: Beside = alone,
    columns: Mapping[str, str] | None = None,
) -> Reading:
    """What a file that is no JSON lines holds; format empty if none is known."""
    text = decoded(content)
    chosen = format_ or detect(name, text, beside=beside, columns=columns)
    if chosen is None:
        return Reading(name, "", Parsed((), ()), {}, name)
    if chosen == "tracker":
        tracker = cast(Any, import_module(FORMATS["tracker"]))
        parsed = tracker.read(text, name=name, now=now, columns=columns)
        return Reading(name, chosen, parsed, {}, name)
    clean = redact(text)
    parsed = module_of(chosen).read(clean.text, name=name, now=now, beside=beside)
    kept = clean.text.encode() if clean.counts else content
    if len(kept) <= SOURCE_LIMIT:
        source = SourceFile(name=name, format=chosen, content=kept)
        parsed = replace(parsed, sources=(source,))
    return Reading(name, chosen, parsed, clean.counts, name)


def detect(
    name: str, text: str, *, beside: Beside = alone, columns: Mapping[str, str] | None = None
) -> str | None:
    """The format of a file by its name, its text and its folder; none if it is none we know."""
    if columns:
        return "tracker"
    for known in FORMATS:
        # A RULES.md or USER.md is part of a soul where there is one beside it.
        told = {"beside": beside} if known == "soul" else {}
        if module_of(known).matches(name, text, **told):
            return known
    return None


def module_of(format_: str) -> Format:
    """The module of a format; imported when it is first asked for.

    Raises:
        InvalidInput: If there is no such format.
    """
    if format_ not in FORMATS:
        raise InvalidInput(f"{format_!r} is not a format", hint=f"there are {', '.join(NAMES)}")
    return cast(Format, import_module(FORMATS[format_]))


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or else Windows-1252, which takes all."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace").replace("\x00", "")
    try:
        return content.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace").replace("\x00", "")


def _lines(file: Found, now: datetime) -> Reading:
    from lessonbase.formats.jsonl import read

    return Reading(file.name, "jsonl", read(file.path, now=now), {}, str(file.path))


def _is_lines(file: Found, head: bytes) -> bool:
    """Whether a file is to be read as JSON lines of records, each of which names its kind.

    One that was asked for and whose name says nothing of another format is taken for it too: then
    each of its lines is named that is none.
    """
    first = head.lstrip(b"\xef\xbb\xbf \r\n\t").split(b"\n", 1)[0]
    ending = file.path.suffix.lower()
    if ending == ".jsonl":
        return not _is_tracker(file.name, first)
    if ending in _ENDINGS:
        return first.startswith(b"{") and b'"kind"' in first and ending == ".json"
    return file.asked


def _is_tracker(name: str, first: bytes) -> bool:
    return module_of("tracker").matches(name, first.decode("utf-8", errors="replace"))


def _within(folder: Path) -> Iterator[Path]:
    """Files below *folder* that may hold experience, by name; hidden ones are passed over."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _PASSED:
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _within(path)
        elif path.is_file() and path.suffix.lower() in _ENDINGS:
            yield path


def _told_apart(files: list[Found]) -> list[Found]:
    """*files*, those of one name with their folder's before it."""
    names = [file.name for file in files]
    told = [
        replace(file, name=f"{file.path.resolve().parent.name}/{file.name}")
        if names.count(file.name) > 1
        else file
        for file in files
    ]
    seen: dict[str, Path] = {}
    for file in told:
        if (other := seen.setdefault(file.name, file.path)) is not file.path:
            raise InvalidInput(
                f"{other} and {file.path} would both be {file.name!r}",
                hint="import them in two calls, or rename one",
            )
    return told


def _beside(path: Path) -> Callable[[str], str | None]:
    """Texts of files in the folder of *path* or below it; nothing from elsewhere."""
    folder = path.resolve().parent

    def text_of(relative: str) -> str | None:
        try:
            other = (folder / relative).resolve()
            if not other.is_relative_to(folder):
                return None
            return decoded(other.read_bytes())
        except (OSError, ValueError):
            return None

    return text_of

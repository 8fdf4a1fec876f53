"""A coding agent's configuration files: read, put ours in, take it out, write; the rest stays.

Texts in, texts out, but for `read` and `write`.
"""

import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lessonbase.errors import InvalidInput

# What a file was before our first change, beside it.
BACKUP: Final = ".lessonbase-backup"
# Around our lines in a TOML file: nothing installed here writes TOML and keeps what it does not
# know, comments and order included.
_BEGIN: Final = "# >>> lessonbase >>>"
_END: Final = "# <<< lessonbase <<<"


@dataclass(frozen=True, slots=True)
class Change:
    """A file before and after; a text of none means that it is not there."""

    path: Path
    before: str | None
    after: str | None
    private: bool = False  # it holds a token


def read(path: Path) -> str | None:
    """The text of a file; none if there is none.

    Raises:
        InvalidInput: If it is not UTF-8.
    """
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise _unreadable(path, f"not UTF-8: {error}") from error


def write(changes: Sequence[Change]) -> None:
    """Bring files to what they shall be, each at once or not at all, with a backup of the first."""
    for change in changes:
        if change.before == change.after:
            continue
        path = change.path.resolve()  # a link to a file elsewhere stays one
        backup = path.with_name(path.name + BACKUP)
        if change.after is None:
            path.unlink()
        elif change.before is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, change.after, 0o600 if change.private else 0o666 & ~_umask())
        else:
            mode = path.stat().st_mode & 0o7777
            if not backup.exists():
                _replace(backup, change.before, mode)
            _replace(path, change.after, mode)
            if change.after == read(backup):
                backup.unlink()


def edited_json(path: Path, edit: Callable[[dict[str, Any]], object]) -> Change:
    """The file after *edit*, which changes the document in place; an empty document if none is.

    Raises:
        InvalidInput: If it is not JSON, or no object, or *edit* raises a ValueError.
    """
    before = read(path)
    data = _parsed(path, before)
    kept = json.dumps(data)
    try:
        edit(data)
    except ValueError as error:
        raise _unreadable(path, str(error)) from error
    if json.dumps(data) == kept:
        return Change(path, before, before)
    return Change(path, before, _as_before(data, before))


def cleared_json(
    path: Path, clear: Callable[[dict[str, Any]], object], *, bare: Mapping[str, Any]
) -> Change:
    """The file after *clear*; as it was before our first change, byte for byte, if it says that.

    A file that we made goes if nothing but *bare* is left of it.
    """
    change = edited_json(path, clear)
    if change.before == change.after or change.after is None:
        return change
    left, first = json.loads(change.after), _backup_of(path)
    if first is not None and _without_empty(_parsed(path, first)) == _without_empty(left):
        return Change(path, change.before, first)
    return Change(path, change.before, None if first is None and left == bare else change.after)


def edited_toml(path: Path, table: str, lines: Sequence[str]) -> Change:
    """The file with *lines* as its *table*, between marks at its end, in place of what was there.

    Raises:
        InvalidInput: If it is not TOML, or has such a table that is not ours.
    """
    before = read(path)
    _check_toml(path, before)
    block = [_BEGIN, f"[{table}]", *lines, _END]
    if before is not None and "\n".join(["", *block, ""]) in f"\n{before}":
        return Change(path, before, before)
    rest = without_table(before or "", table)
    after = "\n".join([*([rest.rstrip("\n"), ""] if rest.strip() else []), *block, ""])
    try:
        tomllib.loads(after)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(
            f"{path}: has a table {table} that is not ours", hint="remove it, then try again"
        ) from error
    return Change(path, before, after)


def cleared_toml(path: Path, table: str) -> Change:
    """The file without our table; a file that held nothing else goes."""
    before = read(path)
    _check_toml(path, before)
    if before is None or _BEGIN not in before:
        return Change(path, before, before)
    after = without_table(before, table)
    first = _backup_of(path)
    if first is not None and first.rstrip("\n") == after.rstrip("\n"):
        return Change(path, before, first)
    return Change(path, before, None if first is None and not after.strip() else after)


def without_table(text: str, table: str) -> str:
    """*text* without our marks, and without the table (and its parts) that begins after them.

    Not all that is between the marks: whoever edits the file may put a table of theirs there.
    """
    header = re.compile(rf"\s*\[\s*{re.escape(table)}\s*[.\]]")
    lines: list[str] = []
    marked = dropping = False
    for line in text.split("\n"):
        if line.strip() in (_BEGIN, _END):
            marked, dropping = line.strip() == _BEGIN or marked, False
            if line.strip() == _BEGIN and lines and not lines[-1].strip():
                lines.pop()  # the blank line that we set before it
            continue
        if line.lstrip().startswith("["):
            dropping = marked and bool(header.match(line))
        if not dropping:
            lines.append(line)
    return "\n".join(lines)


def _backup_of(path: Path) -> str | None:
    path = path.resolve()
    return read(path.with_name(path.name + BACKUP))


def _parsed(path: Path, text: str | None) -> dict[str, Any]:
    if text is None or not text.strip():
        return {}
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise _unreadable(path, f"line {error.lineno}: {error.msg}") from error
    except RecursionError as error:
        raise _unreadable(path, "nested too deeply") from error
    if not isinstance(data, dict):
        raise _unreadable(path, "line 1: not an object")
    return data


def _check_toml(path: Path, text: str | None) -> None:
    try:
        tomllib.loads(text or "")
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, str(error)) from error


def _as_before(data: dict[str, Any], before: str | None) -> str:
    """*data* as JSON, indented as the file was."""
    indented = re.search(r"^([ \t]+)\S", before or "", re.MULTILINE)
    indent = indented[1] if indented else 2
    text = json.dumps(data, indent=indent, ensure_ascii=False)
    if not _is_unicode(text):  # JSON can hold halves of surrogate pairs, a file cannot
        text = json.dumps(data, indent=indent)
    return text if before and not before.endswith("\n") else text + "\n"


def _without_empty(value: Any) -> Any:
    """*value* without empty objects and lists in it: those that we made may have been there."""
    if isinstance(value, dict):
        inner = {name: _without_empty(part) for name, part in value.items()}
        return {name: part for name, part in inner.items() if part not in ({}, [])}
    return value


def _is_unicode(text: str) -> bool:
    return text.encode(errors="replace").decode() == text


def _replace(path: Path, text: str, mode: int) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _unreadable(path: Path, why: str) -> InvalidInput:
    return InvalidInput(f"{path}: {why}", hint="mend the file, then try again; nothing was written")

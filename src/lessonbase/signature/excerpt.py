"""The lines of a log that tell what failed: short enough to rank by, and to show.

Pure: text in, text out. What a line is worth is said in lines.py; which frames are one's own code
in frames.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lessonbase.signature.frames import innermost, is_frame, is_python
from lessonbase.signature.lines import (
    CONTEXT,
    FAILURE,
    NEAR,
    NOTHING,
    QUIET,
    SIGN,
    alike,
    cleaned,
    weight,
)
from lessonbase.signature.unpacking import unpacked

# Most characters of an excerpt: a screen, and more than any encoder reads at once.
EXCERPT_LIMIT: Final = 4_000
# Lines that are read from either end of a text; a log of 5 MB has about 40,000.
_LINES_READ: Final = 50_000
# Up to so many lines without a sign of a log, a text is somebody's description of it.
_DESCRIPTION_LINES: Final = 6
# Between a frame and the source that it shows.
_SOURCE: Final = " · "
# Characters of a line that are shown.
_SHOWN: Final = 400
# A text that is no longer than this without its noise is shown whole: alerts, descriptions of pods.
_SMALL: Final = 800
# Lines after one that tells most that may go on about it.
_AFTERMATH: Final = 2


@dataclass(slots=True)
class _Line:
    """A line that may be shown, and how often it came."""

    text: str
    weight: int
    times: int = 1


def telling_lines(text: str, *, limit: int = EXCERPT_LIMIT) -> str:
    r"""What of a long *text* is worth ranking by and showing, in its order.

    Exceptions with their messages, the innermost frames of one's own code, errors, codes, and what
    an alert says of itself. Colours, times and threads are taken off; lines that differ in numbers
    and ids only are one, with how often it came.

    Args:
        text: A stack trace, alert, log or description; any length.
        limit: Most characters of the result, at least 1.
    Returns:
        At most *limit* characters; never blank unless *text* is. A short description without noise
        comes back as it is. Time is linear in *text*.
    Raises:
        ValueError: If *limit* < 1.

    >>> print(telling_lines(
    ...     "2026-01-02 03:04:05 INFO served 3 rooms\n"
    ...     "2026-01-02 03:04:06 ERROR lock of room 3 timed out\n"
    ...     "2026-01-02 03:04:09 ERROR lock of room 8 timed out"))
    ERROR lock of room 3 timed out (× 2)
    """
    if limit < 1:
        raise ValueError(f"limit is {limit}; an excerpt has at least one character")
    if len(text) <= limit and _is_description(text):
        return text
    lines = _weighed(_plain(text))
    loud = [line for line in lines if line.weight > QUIET] or lines
    small = sum(len(line.text) for line in loud) <= _SMALL
    told = loud if small else [line for line in loud if line.weight > NOTHING] or loud
    return "\n".join(_fitting(told, limit)) or text.strip()[:limit]


def _is_description(text: str) -> bool:
    """Whether somebody wrote *text*: few lines, nothing in them to take off or to leave out."""
    lines = text.splitlines()
    return len(lines) <= _DESCRIPTION_LINES and not any(
        is_frame(line) or unpacked(line) is not None or cleaned(line) != line.rstrip()
        for line in lines
    )


def _plain(text: str) -> Iterator[str]:
    """The lines of *text* without noise, JSON unpacked."""
    whole = unpacked(text.strip())
    lines = (whole or text).splitlines()
    if len(lines) > 2 * _LINES_READ:
        lines = lines[:_LINES_READ] + lines[-_LINES_READ:]
    read: dict[str, tuple[str, ...]] = {}
    for line in lines:
        if line not in read:
            read[line] = tuple(_read(line, structured=whole is None))
        yield from read[line]


def _read(line: str, *, structured: bool) -> Iterator[str]:
    """One *line* without noise, or several if it is JSON, which it may be if *structured*."""
    inner = unpacked(line.strip()) if structured and line.lstrip()[:1] == "{" else None
    for plain in (inner or line).splitlines():
        clean = cleaned(plain)
        if clean:
            yield clean


def _weighed(plain: Iterator[str]) -> list[_Line]:
    """Lines with their weights, alike ones folded, of every trace the innermost frames only."""
    found: dict[str, _Line] = {}
    worths: dict[str, int] = {}
    trace: list[str] = []
    after = 0
    for line in plain:
        if is_frame(line):
            trace.append(line)
            continue
        if trace and is_python(trace[-1]) and line.startswith("    "):
            # Its source; marks under it (~~~^^^) follow on a line of their own.
            if _SOURCE not in trace[-1]:
                trace[-1] += _SOURCE + line.strip()
            continue
        _close(found, trace)
        worth = worths.get(line)
        if worth is None:
            worth = worths[line] = weight(line)
        if worth == NOTHING and after > 0:
            worth = NEAR
        after = _AFTERMATH if worth == FAILURE else after - 1
        _add(found, line, worth)
    _close(found, trace)
    return list(found.values())


def _close(found: dict[str, _Line], trace: list[str]) -> None:
    """Keep the innermost frames of a *trace* that has ended, and forget the others."""
    for at in innermost(trace) if trace else ():
        _add(found, trace[at], CONTEXT)
    trace.clear()


def _add(found: dict[str, _Line], line: str, worth: int) -> None:
    shown = line.strip()
    known = found.setdefault(alike(shown), _Line(shown, worth, 0))
    known.times += 1
    known.weight = max(known.weight, worth)


def _fitting(lines: list[_Line], limit: int) -> list[str]:
    """The weightiest *lines* that fit into *limit* characters, in their order."""
    shown = [_shown(line, limit) for line in lines]
    kept: set[int] = set()
    left = limit + 1  # no line break after the last
    for worth in (FAILURE, SIGN, CONTEXT, NEAR, NOTHING, QUIET):
        for at, line in enumerate(lines):
            if line.weight == worth and len(shown[at]) + 1 <= left:
                kept.add(at)
                left -= len(shown[at]) + 1
        if left <= 0:
            break
    return [shown[at] for at in sorted(kept)]


def _shown(line: _Line, limit: int) -> str:
    count = f" (× {line.times})" if line.times > 1 else ""
    room = min(_SHOWN, max(limit - len(count), 1))
    return (line.text[:room] + count)[:limit]

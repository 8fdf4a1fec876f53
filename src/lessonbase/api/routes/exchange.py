"""Experience in and out, in any format; long pieces of work that tell how far they are."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Annotated, Any, Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from lessonbase.api.deps import Base, OwnerOnly, as_json
from lessonbase.api.errors import documented, problem_of
from lessonbase.errors import BadLine, InvalidInput, LessonBaseError
from lessonbase.formats.bringing import bring
from lessonbase.formats.files import NAMES, Reading, read_content
from lessonbase.formats.giving import WRITTEN, lines, written
from lessonbase.formats.jsonl import read
from lessonbase.ports import Progress
from lessonbase.records import Diagnosis, ImportReport, SourceFile, SourceName

if TYPE_CHECKING:
    from tempfile import _TemporaryFileWrapper

router = APIRouter(tags=["exchange"], responses=documented())

LINES: Final = "application/x-ndjson"
# Seconds between two signs of life of a long piece of work.
_BEAT_S: Final = 2.0
# Long pieces of work at a time, in threads of their own: others must not wait for these.
_LONG: Final = 4
# Characters of an export that are sent at once, and held for whoever does not read them.
_PIECE: Final = 1 << 16
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {LINES: {"schema": {"type": "string", "description": "A record on each line."}}},
    }
}
_TOLD: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The result; or, for who accepts application/x-ndjson, lines of "
        '{"progress": [done, total]}, and at the end {"result": …} or {"error": …}.',
        "content": {LINES: {"schema": {"type": "string"}}},
    }
}


# What a body is called that has no name.
_BODY_NAME: Final = "the body"
_EXPORTED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            LINES: {"schema": {"type": "string"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        }
    },
    **documented(404),
}


class Sources(BaseModel):
    """The files that records were imported from, by name."""

    results: tuple[SourceName, ...]


@router.post("/import", response_model=ImportReport, responses=_TOLD, openapi_extra=_BODY)
async def import_(
    request: Request,
    base: Base,
    dry_run: Annotated[bool, Query(description="Write nothing; tell.")] = False,
    keep_good: Annotated[
        bool, Query(description="Import the good lines although others are bad.")
    ] = False,
    format: Annotated[  # noqa: A002 - the name that callers know
        str, Query(description=f"Of the body: {', '.join((*NAMES, 'auto'))}.")
    ] = "jsonl",
    name: Annotated[
        str, Query(max_length=300, description="Name of the file that the body is.")
    ] = _BODY_NAME,
) -> Response:
    """Import records, all or none; bad lines are named. Doing it twice changes nothing."""
    file = await _spooled(request)

    def work(progress: Progress | None) -> ImportReport:
        reading = _read(Path(file.name), name, format)
        return bring(
            base,
            [reading],
            hint=_named,
            keep_good=keep_good,
            dry_run=dry_run,
            progress=progress,
        )

    return await _long(request, work)


@router.get("/export", response_class=Response, responses=_EXPORTED)
def export(
    base: Base,
    format: Annotated[  # noqa: A002
        str, Query(description=f"One of {', '.join(WRITTEN)}.")
    ] = "jsonl",
    source: Annotated[
        str | None, Query(max_length=300, description="Only what came from this file.")
    ] = None,
    agent: Annotated[str | None, Query(max_length=100, description="Only its soul.")] = None,
    history: Annotated[bool, Query(description="Source files and events too.")] = False,
    public: Annotated[bool, Query(description="What all may see, names replaced.")] = False,
) -> Response:
    """Every record that the caller may see, a line each, lossless; or one file in its format."""
    if format == "jsonl" and source is None:
        told = lines(base, history=history, public=public)
        return StreamingResponse(_batched(told), media_type=LINES)
    content = written(base, format, source=source, agent=agent, public=public)
    return Response(content, media_type="application/octet-stream")


@router.get("/sources", response_model=Sources)
def sources(base: Base) -> Response:
    """The files that records were imported from."""
    return as_json(Sources(results=base.sources()))


@router.get("/source", response_model=SourceFile, responses=documented(404))
def source(
    base: Base,
    name: Annotated[str, Query(min_length=1, max_length=300)],
    version: Annotated[int | None, Query(ge=1, le=2**31)] = None,
) -> Response:
    """A file as it was imported; without a version the newest."""
    return as_json(base.source(name, version=version))


@router.post(
    "/doctor", response_model=Diagnosis, responses=_TOLD, dependencies=[OwnerOnly], tags=["upkeep"]
)
async def doctor(request: Request, base: Base, repair: bool = False) -> Response:
    """Hold ledger and indexes against each other; with repair, mend what can be mended."""
    return await _long(request, lambda progress: base.doctor(repair=repair, progress=progress))


@router.post("/reindex", status_code=200, responses=_TOLD, dependencies=[OwnerOnly])
async def reindex(request: Request, base: Base) -> Response:
    """Encode every record anew and refill the indexes."""

    def work(progress: Progress | None) -> None:
        base.reindex(progress=progress)

    return await _long(request, work)


def _read(path: Path, name: str, format_: str) -> Reading:
    """What was sent. The name of the file that it waits in is nothing to its sender."""
    now = datetime.now(UTC)
    if format_ != "jsonl":
        chosen = None if format_ == "auto" else format_
        reading = read_content(path.read_bytes(), name=name, now=now, format_=chosen)
        if not reading.format:
            raise InvalidInput(
                f"{name}: no format that is known", hint=f"say format={' or '.join(NAMES)}"
            )
        return reading
    try:
        return Reading(name, "jsonl", read(path, now=now), {}, "" if name == _BODY_NAME else name)
    except InvalidInput as error:
        raise InvalidInput(
            "the body holds no records", hint="send a record on each line"
        ) from error


async def _spooled(request: Request) -> "_TemporaryFileWrapper[bytes]":
    """The body of *request* in a file, which goes when nobody holds it any more."""
    file = NamedTemporaryFile(prefix="lessonbase-import-")  # noqa: SIM115 - whoever reads it has it
    async for chunk in request.stream():
        await to_thread.run_sync(file.write, chunk)
    await to_thread.run_sync(file.flush)
    return file


async def _long(
    request: Request,
    work: Callable[[Progress | None], BaseModel | None],
) -> Response:
    """The result of *work*: at its end, or after lines that tell how far it is."""
    limiter = _limiter(request)
    if LINES in request.headers.get("accept", ""):
        return StreamingResponse(_told(work, limiter), media_type=LINES)
    done = await to_thread.run_sync(work, None, limiter=limiter)
    return as_json(done) if done is not None else Response("null", media_type="application/json")


async def _told(
    work: Callable[[Progress | None], BaseModel | None],
    limiter: CapacityLimiter,
) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def say(line: dict[str, Any] | None) -> None:
        text = None if line is None else f"{json.dumps(line)}\n"
        loop.call_soon_threadsafe(lines.put_nowait, text)

    def run() -> None:
        try:
            done = work(lambda part, total: say({"progress": [part, total]}))
            say({"result": done.model_dump(mode="json") if done is not None else None})
        except LessonBaseError as error:
            say({"error": json.loads(bytes(problem_of(error).body))})
        finally:
            say(None)

    # Goes on though its listener has gone: what was begun is brought to an end.
    task = asyncio.ensure_future(to_thread.run_sync(run, limiter=limiter))
    while True:
        try:
            line = await asyncio.wait_for(lines.get(), _BEAT_S)
        except TimeoutError:
            yield "{}\n"
            continue
        if line is None:
            break
        yield line
    await task


def _batched(lines: Iterator[str]) -> Iterator[str]:
    """*lines* in larger pieces: each that is sent costs a change of threads."""
    batch: list[str] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size >= _PIECE:
            yield "".join(batch)
            batch, size = [], 0
    yield "".join(batch)


def _limiter(request: Request) -> CapacityLimiter:
    state = request.app.state
    if not hasattr(state, "long"):
        state.long = CapacityLimiter(_LONG)
    limiter: CapacityLimiter = state.long
    return limiter


def _named(bad: Sequence[BadLine]) -> str:
    """The first bad lines, for whoever has no terminal to read them on."""
    lines = "; ".join(f"line {one.line}: {one.reason}" for one in bad[:5])
    return f"{lines}; mend them, or import the others with keep_good=true"

"""Experience in and out, a line of JSON each; long pieces of work that tell how far they are."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Annotated, Any, Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from lessonbase.api.deps import Base, OwnerOnly, as_json
from lessonbase.api.errors import documented, problem_of
from lessonbase.errors import InvalidFile, InvalidInput, LessonBaseError
from lessonbase.formats.jsonl import line_of, read
from lessonbase.formats.parsed import Parsed
from lessonbase.ports import Progress
from lessonbase.records import Diagnosis, ImportReport

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


@router.post("/import", response_model=ImportReport, responses=_TOLD, openapi_extra=_BODY)
async def import_(
    request: Request,
    base: Base,
    dry_run: Annotated[bool, Query(description="Write nothing; tell.")] = False,
    keep_good: Annotated[
        bool, Query(description="Import the good lines although others are bad.")
    ] = False,
) -> Response:
    """Import records, all or none; bad lines are named. Doing it twice changes nothing."""
    file = await _spooled(request)

    def work(progress: Progress | None) -> ImportReport:
        parsed = _parsed(Path(file.name))
        if parsed.bad and not keep_good:
            raise InvalidFile("the body", parsed.bad, hint=_named(parsed.bad))
        done = base.add_all(parsed.records, dry_run=dry_run, progress=progress)
        refused = tuple(f"{bad.line}: {bad.reason}" for bad in parsed.bad)
        return done.model_copy(update={"refused": refused})

    return await _long(request, work)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {LINES: {"schema": {"type": "string"}}}}},
)
def export(base: Base) -> Response:
    """Every record that the caller may see, a line each; lossless."""

    def lines() -> Iterator[str]:
        for record in base.export():
            yield f"{line_of(record)}\n"

    return StreamingResponse(_batched(lines()), media_type=LINES)


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


def _parsed(path: Path) -> Parsed:
    """What was sent; its file's name is nothing to its sender."""
    try:
        return read(path)
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


def _named(bad: Any) -> str:
    """The first bad lines, for whoever has no terminal to read them on."""
    lines = "; ".join(f"line {one.line}: {one.reason}" for one in bad[:5])
    return f"{lines}; mend them, or import the others with keep_good=true"

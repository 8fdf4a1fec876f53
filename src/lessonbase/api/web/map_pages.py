"""The map of what the caller may see, worked out by a process of its own.

The owner goes on answering meanwhile: it reads the records, and draws nothing itself. What was
worked out is kept until the records change.
"""

import asyncio
import hashlib
import os
import sys
from collections import OrderedDict
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from markupsafe import Markup

from lessonbase.api.deps import Base
from lessonbase.api.errors import problem_of
from lessonbase.api.web import shown
from lessonbase.errors import LessonBaseError, StoreError

if TYPE_CHECKING:
    from lessonbase.ports import Base as AnyBase

DATA: Final = "/map/data"
# Layouts that are kept: one for each that looks at the base with other eyes.
_KEPT: Final = 4
# Seconds after which a layout is given up; 100,000 records take some minutes.
_LONGEST_S: Final = 1_200
_PARTS: Final = {"map.js": "text/javascript", "map.css": "text/css"}


def add_routes(router: APIRouter) -> None:
    """Add the routes of the map to *router*."""
    router.add_api_route("/map", _page, methods=["GET"])
    router.add_api_route(DATA, _data, methods=["GET"])
    router.add_api_route("/map/{name}", _part, methods=["GET"])


class Layouts:
    """Where records lie, one layout at a time, the latest ones kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._one = asyncio.Lock()

    async def placed(self, stream: bytes) -> bytes:
        """What `python -m lessonbase.analysis` makes of *stream*, a line of JSON.

        Raises:
            StoreError: If that process fails.
        """
        key = hashlib.blake2b(stream, digest_size=16).digest()
        async with self._one:
            if key not in self._kept:
                self._kept[key] = await _worked_out(stream)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]


async def _worked_out(stream: bytes) -> bytes:
    # One thread: the other cores are for who asks.
    environment = {**os.environ, "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "lessonbase.analysis"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        told, complaint = await asyncio.wait_for(process.communicate(stream), _LONGEST_S)
    except TimeoutError as error:
        raise StoreError("the map took too long", hint="draw it with `lessonbase map`") from error
    finally:
        # Also when whoever asked, or the owner, has gone.
        with suppress(ProcessLookupError):
            process.kill()
    if process.returncode:
        why = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        raise StoreError(f"the map cannot be worked out: {why}", hint="try `lessonbase map`")
    return told


def _page(base: Base) -> HTMLResponse:
    """The page; its script asks for the points."""
    from lessonbase.analysis.map import body

    return shown.page("map", scope=base.scope, body=Markup(body(DATA)), parts=_parts())  # noqa: S704


async def _data(request: Request, base: Base) -> Response:
    """The points, as the script reads them."""
    try:
        return JSONResponse(await _contents(request, base), headers={"Cache-Control": "no-store"})
    except LessonBaseError as error:
        return problem_of(error)


async def _contents(request: Request, base: "AnyBase") -> object:
    from lessonbase.analysis.map import contents
    from lessonbase.analysis.mapped import drawn, on_the_map, packed
    from lessonbase.analysis.placing import Placed

    found = await to_thread.run_sync(on_the_map, base)
    state = request.app.state
    if not hasattr(state, "layouts"):
        state.layouts = Layouts()
    layouts: Layouts = state.layouts
    told = await layouts.placed(await to_thread.run_sync(packed, found))

    def shaped() -> object:
        points, names = drawn(found, Placed.read(told))
        return contents(points, names, made_at=datetime.now(UTC), link="/records/{id}")

    return await to_thread.run_sync(shaped)


def _part(name: str) -> Response:
    """The script or the style of the map."""
    if name not in _PARTS:
        return Response(status_code=404)
    return Response(_text(name), media_type=_PARTS[name])


def _text(name: str) -> str:
    from lessonbase.analysis.map import script, style

    return script() if name == "map.js" else style()


def _parts() -> dict[str, str]:
    """Name → address, other for other content."""
    return {
        name: f"/map/{name}?{hashlib.blake2b(_text(name).encode(), digest_size=6).hexdigest()}"
        for name in _PARTS
    }

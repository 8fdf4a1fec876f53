"""Templates into responses; refusals as pages with a message and the next thing to do."""

import hashlib
from collections.abc import Callable, Coroutine, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lessonbase.api.errors import status_of
from lessonbase.api.web.reading import glance, reading
from lessonbase.api.web.text import marked, plain_name, visible, web_host
from lessonbase.errors import InvalidInput, LessonBaseError
from lessonbase.records import Role, Scope
from lessonbase.render import ranks_text, titles_of

STATIC: Final = Path(__file__).with_name("static")

# A page shows records: no cache, the browser's own included, may keep it past signing out.
_KEEP_NOTHING: Final = {"Cache-Control": "no-store"}


class PageRoute(APIRoute):
    """A route whose refusals are pages too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own answer, or a page that says why there is none."""
        answer = super().get_route_handler()

        async def shown(request: Request) -> Response:
            scope = request.state.base.scope
            try:
                return await answer(request)
            except LessonBaseError as error:
                return problem_page(scope, error)
            except RequestValidationError as error:
                names = ", ".join(str(part["loc"][-1]) for part in error.errors())
                return problem_page(scope, InvalidInput(f"{names} cannot be read"))

        return shown


def page(
    name: str,
    *,
    scope: Scope | None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """The template *name* filled with *values*, for a caller of *scope*; none: not signed in."""
    text = _environment().get_template(f"{name}.html").render(scope=scope, **values)
    return HTMLResponse(text, status, headers=_KEEP_NOTHING | dict(headers or {}))


def problem_page(scope: Scope, error: LessonBaseError) -> HTMLResponse:
    """A page that holds nothing but *error*, where the results of a search would stand."""
    return page("problem", scope=scope, status=status_of(error), problem=error)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "visible": visible,
        "marked": marked,
        "plain_name": plain_name,
        "ranks_text": ranks_text,
        "web_host": web_host,
        "when": _when,
    }
    environment.globals |= {
        "static": _static,
        "reading": reading,
        "glance": glance,
        "titles_of": titles_of,
        "writes": lambda scope: scope.role.allows(Role.WRITER),
        "curates": lambda scope: scope.role.allows(Role.CURATOR),
    }
    return environment


@cache
def _static(name: str) -> str:
    """The address of a file, other for other content: browsers keep such files for long."""
    digest = hashlib.blake2b((STATIC / name).read_bytes(), digest_size=6).hexdigest()
    return f"/static/{name}?{digest}"


def _when(moment: date, form: str = "%Y-%m-%d") -> Markup:
    """*moment* as a reader and as a program read it."""
    machine = "%Y-%m-%dT%H:%M:%SZ" if isinstance(moment, datetime) else "%Y-%m-%d"
    return Markup('<time datetime="{}">{}</time>').format(
        moment.strftime(machine), moment.strftime(form)
    )

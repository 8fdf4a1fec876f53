"""One record: read it, add it, edit it, retire it, say what came of it."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError
from ulid import ULID

from lessonbase import ports
from lessonbase.api.deps import Base
from lessonbase.api.errors import status_of
from lessonbase.api.web import shown
from lessonbase.api.web.asked import checked
from lessonbase.api.web.forms import (
    Section,
    changed_inputs,
    fields_of,
    form_of,
    values_of,
)
from lessonbase.api.web.story import changes_between, outcomes, screened, steps
from lessonbase.errors import InvalidInput, LessonBaseError, NotAllowed, VersionConflict
from lessonbase.records import KINDS, Outcome, OutcomeKind, Record, Role

# What is said on the record's page after each action, by its name in the address.
_SAID = {
    "added": "The record is kept.",
    "edited": "The change is kept.",
    "retired": "The record is out of recall.",
    "reported": "The outcome is kept.",
    "accepted": "The record is accepted.",
    "rejected": "The record is rejected.",
}


async def _typed(request: Request) -> dict[str, str]:
    """The form that was sent; what is no text in it is left out."""
    form = await request.form()
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


Typed = Annotated[dict[str, str], Depends(_typed)]


def add_routes(router: APIRouter) -> None:
    """Add the routes of records to *router*."""
    router.add_api_route("/add", _adding, methods=["GET"])
    router.add_api_route("/add", _add, methods=["POST"])
    router.add_api_route("/records/{record_id}", _read, methods=["GET"])
    router.add_api_route("/records/{record_id}/edit", _editing, methods=["GET"])
    router.add_api_route("/records/{record_id}/edit", _edit, methods=["POST"])
    router.add_api_route("/records/{record_id}/retire", _retire, methods=["POST"])
    router.add_api_route("/records/{record_id}/outcome", _report, methods=["POST"])


def _read(record_id: str, base: Base, said: str = "", recall: str = "") -> HTMLResponse:
    """A record with all that is known of it."""
    return record_page(base, record_id, said=_SAID.get(said, ""), recall=recall)


def _adding(base: Base, kind: str = "") -> HTMLResponse:
    """The choice of a kind, then that kind's form."""
    _require(base, Role.WRITER)
    if kind not in KINDS:
        kinds = {name: (model.__doc__ or "").partition("\n")[0] for name, model in KINDS.items()}
        return shown.page("choose", scope=base.scope, kinds=kinds)
    form = form_of(kind)
    # Whoever types here is a person, unless they say otherwise.
    return _form_page(base, form, values_of(form, None) | {"provenance.source": "human"}, kind=kind)


def _add(base: Base, typed: Typed) -> Response:
    """Keep a new record. Its id comes with the form, so that the same form twice is one record."""
    kind = typed.get("kind", "")
    if kind not in KINDS:
        raise InvalidInput(f"{kind!r} is not a kind", hint="choose one on the page before")
    form = form_of(kind)
    fields = fields_of(form, changed_inputs(form, typed, None), None)
    try:
        record = base.add({"kind": kind, "id": typed.get("id"), **fields})
    except (InvalidInput, NotAllowed) as error:
        return _form_page(base, form, values_of(form, None) | typed, kind=kind, problem=error)
    return _to(record.id, "added")


def _editing(record_id: str, base: Base) -> HTMLResponse:
    """The form of a record that is there."""
    _require(base, Role.WRITER)
    record = base.get(record_id)
    form = _form_for(base, record)
    return _form_page(base, form, values_of(form, record), kind=record.kind, record=record)


def _edit(record_id: str, base: Base, typed: Typed) -> Response:
    """Change a record; if someone else did meanwhile, show both and ask again."""
    now = base.get(record_id)
    start = _version(base, now, typed.get("version", ""))
    form = _form_for(base, now)
    mine = changed_inputs(form, typed, start)
    try:
        base.edit(record_id, fields_of(form, mine, start), version=start.version)
    except VersionConflict as error:
        return _conflict_page(base, form, mine, (start, base.get(record_id)), error)
    except (InvalidInput, NotAllowed) as error:
        given = values_of(form, start) | mine
        return _form_page(base, form, given, kind=now.kind, record=start, problem=error)
    return _to(record_id, "edited")


def _retire(record_id: str, base: Base, typed: Typed) -> Response:
    """Take a record out of recall."""
    try:
        base.retire(record_id, note=typed.get("note", ""))
    except NotAllowed as error:
        return record_page(base, record_id, problem=error)
    return _to(record_id, "retired")


def _report(record_id: str, base: Base, typed: Typed) -> Response:
    """Keep what became of a record. Its id comes with the form, as that of a new record does."""
    given: dict[str, Any] = {
        name: typed[name]
        for name in ("id", "outcome", "recall_id", "saved_tokens", "note")
        if typed.get(name)
    }
    try:
        base.outcome(checked(Outcome, {**given, "record_id": record_id}))
    except (InvalidInput, NotAllowed) as error:
        return record_page(base, record_id, problem=error, recall=typed.get("recall_id", ""))
    return _to(record_id, "reported")


def record_page(
    base: ports.Base,
    record_id: str,
    *,
    said: str = "",
    recall: str = "",
    problem: LessonBaseError | None = None,
) -> HTMLResponse:
    """The page of a record, with what was done to it or why it was not."""
    record = base.get(record_id)
    events = base.history(record_id)
    return shown.page(
        "record",
        scope=base.scope,
        status=status_of(problem) if problem else 200,
        record=record,
        steps=steps(events),
        outcomes=outcomes(events),
        screened=screened(events),
        outcome_kinds=list(OutcomeKind),
        fresh_id=str(ULID()),
        said=said,
        recall=recall,
        problem=problem,
    )


def _form_page(
    base: ports.Base,
    form: tuple[Section, ...],
    values: Mapping[str, str],
    *,
    kind: str,
    record: Record | None = None,
    problem: LessonBaseError | None = None,
    **more: Any,
) -> HTMLResponse:
    return shown.page(
        "form",
        scope=base.scope,
        status=status_of(problem) if problem else 200,
        form=form,
        values=values,
        kind=kind,
        record=record,
        problem=problem,
        wrong=_wrong_inputs(problem),
        fresh_id=str(ULID()),
        **{"theirs": (), "both": {}, **more},
    )


def _conflict_page(
    base: ports.Base,
    form: tuple[Section, ...],
    mine: Mapping[str, str],
    states: tuple[Record, Record],
    error: VersionConflict,
) -> HTMLResponse:
    """The form again: what was typed is kept, what others changed elsewhere is taken over."""
    start, now = states
    before, after = values_of(form, start), values_of(form, now)
    both = {
        name: after[name] for name, text in mine.items() if after[name] not in (before[name], text)
    }
    return _form_page(
        base,
        form,
        after | dict(mine),
        kind=now.kind,
        record=now,
        problem=error,
        # What the base tells of a record, its trust and ties, is nobody's to overwrite.
        theirs=[change for change in changes_between(start, now) if change.name in before],
        both=both,
    )


def _form_for(base: ports.Base, record: Record) -> tuple[Section, ...]:
    if record.kind not in KINDS:
        raise InvalidInput(f"a {record.kind} is not edited here")
    return form_of(record.kind, curates=base.scope.role.allows(Role.CURATOR))


def _version(base: ports.Base, now: Record, version: str) -> Record:
    """The state of the record *now* that a form with *version* was made of."""
    past = (event.after for event in base.history(now.id))
    for state in (now, *past):
        if state is not None and str(state.version) == version:
            return state
    raise InvalidInput(
        f"{now.id!r} has no version {version!r}", hint="open the record and edit it again"
    )


def _wrong_inputs(problem: LessonBaseError | None) -> frozenset[str]:
    """Paths of the inputs that were refused, as far as the base tells."""
    cause = problem.__cause__ if problem else None
    if not isinstance(cause, ValidationError):
        return frozenset()
    # The first step is the kind; a place in a list follows the name of its field.
    steps = ([step for step in part["loc"][1:] if isinstance(step, str)] for part in cause.errors())
    return frozenset(".".join(names) for names in steps)


def _require(base: ports.Base, role: Role) -> None:
    """Refuse a form whose sending would be refused."""
    if not base.scope.role.allows(role):
        raise NotAllowed(f"a {base.scope.role} may not do this", hint=f"it takes a {role}")


def _to(record_id: str, said: str) -> RedirectResponse:
    return RedirectResponse(f"/records/{record_id}?said={said}", status_code=303)

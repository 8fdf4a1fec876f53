"""What is typed into the form of an incident, and the way from there to a base.

Everything stands in one form, so that it all comes back with the answer, whatever was pressed: the
text, the checks, and what is written down for the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from lessonbase.api.web.forms import Input
from lessonbase.errors import InvalidInput
from lessonbase.records import Closing, Severity
from lessonbase.records.fields import TEXT_LIMIT, TITLE_LIMIT
from lessonbase.signature import telling_lines

# Longest part of a form, in bytes: 500,000 characters need less in any script. A part that is
# longer has a body that the gate refuses.
_PART_BYTES: Final = 4 << 20
# Characters of a file that are taken whole; of a longer one its telling lines are.
_FILE_LIMIT: Final = 400_000

# What is asked for when it is over, what the next one on call would miss most at the top.
LEARNED: Final = (
    Input("title", "Title", "Left empty: the line that tells.", "line", longest=TITLE_LIMIT),
    Input("recovery", "Recovery", "What ended it.", "text", longest=TEXT_LIMIT),
    Input("cause", "Cause", "Why it happened.", "text", longest=TEXT_LIMIT),
    Input("prevention", "Prevention", "What keeps it away.", "text", longest=TEXT_LIMIT),
    Input("impact", "Impact", "What it cost.", "text", longest=TEXT_LIMIT),
    Input("detection", "Detection", "How it was noticed.", "text", longest=TEXT_LIMIT),
    Input(
        "severity",
        "Severity",
        "Left empty: what the text says.",
        "choice",
        options=("", *map(str, Severity)),
        optional=True,
    ),
    Input("resolved_by", "Resolved by", "Left empty: you.", "line", longest=TITLE_LIMIT),
    Input("occurred_at", "When (UTC)", "Left empty: see above.", "moment", optional=True),
)


@dataclass(frozen=True, slots=True)
class Told:
    """The form as it was sent, line ends as records have them.

    Attributes:
        text: What was seen; the file that was sent with it stands at its end.
        file: Name of a file of which the telling lines were taken; empty: of none.
        done: Checks that were made, one on each line.
        ticked: Checks of earlier responders that were ticked.
        learned: What was written down for the end, by name of the input.
        incident_id: Of the view that the form was part of.
        same_as: The failure mode that it was once more; empty: another one.
    """

    text: str = ""
    file: str = ""
    done: str = ""
    ticked: tuple[str, ...] = ()
    learned: Mapping[str, str] = field(default_factory=dict)
    incident_id: str = ""
    same_as: str = ""

    @property
    def checks(self) -> tuple[str, ...]:
        """All that was checked, said once.

        Raises:
            InvalidInput: If one of them is no line but a log.
        """
        lines = (line.strip() for line in self.done.split("\n"))
        checks = tuple(dict.fromkeys(line for line in (*lines, *self.ticked) if line))
        if any(len(check) > TEXT_LIMIT for check in checks):
            raise InvalidInput(
                f"a check has more than {TEXT_LIMIT:,} characters", hint="say each in a line"
            )
        return checks

    @property
    def has_learned(self) -> bool:
        """Whether anything was written down for the end."""
        return bool(self.same_as) or any(text.strip() for text in self.learned.values())

    def closing(self) -> Closing:
        """What to close the incident with.

        Raises:
            InvalidInput: Naming the inputs that are wrong; its cause knows them too.
        """
        given: dict[str, Any] = {name: text for name, text in self.learned.items() if text.strip()}
        given |= {"checks": self.checks, "same_as": self.same_as or None}
        if self.incident_id:
            given["incident_id"] = self.incident_id
        elif self.text.strip():
            given["text"] = self.text
        else:
            raise InvalidInput("no incident was asked about", hint="say above what was seen")
        try:
            return Closing.model_validate(given)
        except ValidationError as error:
            # Not with what was typed: it may be pages.
            wrong = (f"{part['loc'][0]}: {part['msg']}" for part in error.errors(include_url=False))
            raise InvalidInput("; ".join(wrong), hint="mend it and send it again") from error


async def _told(request: Request) -> Told:
    """The form that was sent."""
    async with request.form(max_part_size=_PART_BYTES) as form:
        file = form.get("file")
        sent = _decoded(await file.read()) if isinstance(file, UploadFile) else ""
        cut = len(sent) > _FILE_LIMIT
        parts = (_text(form, "text"), telling_lines(sent, limit=_FILE_LIMIT) if cut else sent)
        return Told(
            text="\n".join(part for part in parts if part.strip()),
            file=(isinstance(file, UploadFile) and cut and file.filename) or "",
            done=_text(form, "done"),
            ticked=tuple(_plain(one) for one in form.getlist("tick") if isinstance(one, str)),
            learned={item.name: _text(form, item.name) for item in LEARNED},
            incident_id=_text(form, "incident_id"),
            same_as=_text(form, "same_as"),
        )


FormOfIncident = Annotated[Told, Depends(_told)]


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return _plain(value) if isinstance(value, str) else ""


def _decoded(content: bytes) -> str:
    """A log as text; what is no text in it is shown as such."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return _plain(content.decode("utf-16" if wide else "utf-8-sig", errors="replace"))


def _plain(text: str) -> str:
    """*text* with line ends as records have them, without the NULs that no record may have."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")

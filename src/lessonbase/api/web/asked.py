"""What someone asks of the page: words, a mode, filters; and the address that says the same."""

from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lessonbase.api.web.text import plain_name
from lessonbase.errors import InvalidInput
from lessonbase.records import Filters, Status

_Made = TypeVar("_Made", bound=BaseModel)

# Hits shown at first, and most of them: what a search gives at once.
FIRST: Final = 20
MOST: Final = 100
# Characters of a question that its address can hold; a longer one is posted (see static/page.js).
_LONGEST_IN_ADDRESS: Final = 2_000

# Filters as the address has them, with the field of Filters that each one fills.
_LISTS: Final = {"kind": "kinds", "tag": "tags", "service": "services", "status": "statuses"}
_TIMES: Final = {"since": "from", "until": "before"}
# Filters that no input offers: links of other pages lead to them. With the name each goes by.
_HIDDEN: Final = {"source": "File", "author": "By"}


class Asked(BaseModel):
    """The parameters of /, as text; empty ones mean nothing."""

    model_config = ConfigDict(frozen=True)

    q: str = ""
    mode: str = "search"
    kind: list[str] = Field(default_factory=list)
    tag: list[str] = Field(default_factory=list)
    service: list[str] = Field(default_factory=list)
    status: list[str] = Field(default_factory=list)
    since: str = ""
    until: str = ""
    source: str = ""
    author: str = ""
    n: int = Field(default=FIRST, ge=1, le=MOST)
    before: int | None = Field(default=None, ge=0, le=2**63 - 1)

    @property
    def recalls(self) -> bool:
        """Whether a briefing is asked for, as an agent would get it."""
        return self.mode == "recall"

    @property
    def filters(self) -> Filters:
        """What to narrow by.

        Raises:
            InvalidInput: If a value is not one that the filter knows.
        """
        given: dict[str, Any] = {field: getattr(self, name) for name, field in _LISTS.items()}
        given |= {name: getattr(self, name).strip() or None for name in (*_TIMES, *_HIDDEN)}
        given["statuses"] = given["statuses"] or [Status.ACTIVE]
        return checked(Filters, given)

    @property
    def has_address(self) -> bool:
        """Whether an address can say all that is asked."""
        return len(self.q) <= _LONGEST_IN_ADDRESS

    @property
    def chosen(self) -> list[tuple[str, str, str]]:
        """The filters in force: name, value, and the address without it."""
        chips = [
            (
                plain_name(name),
                plain_name(value) if name in {"kind", "status"} else value,
                self.address(**{name: [other for other in getattr(self, name) if other != value]}),
            )
            for name in _LISTS
            for value in getattr(self, name)
        ]
        chips += [
            (label, getattr(self, name), self.address(**{name: ""}))
            for name, label in (_TIMES | _HIDDEN).items()
            if getattr(self, name)
        ]
        return chips

    def address(self, **changes: Any) -> str:
        """The address of the page for this question with *changes*, without what is not set.

        >>> Asked(q="lock", tag=["dns"]).address(mode="recall")
        '/?q=lock&mode=recall&tag=dns'
        """
        asked = self.model_copy(update={"n": FIRST, "before": None} | changes)
        given = asked.model_dump(exclude_defaults=True)
        return f"/?{urlencode(given, doseq=True)}" if given else "/"

    def without_filters(self) -> str:
        """The address of the same words with nothing to narrow them."""
        return Asked(q=self.q, mode=self.mode).address()


def checked(model: type[_Made], fields: dict[str, Any]) -> _Made:
    """*fields* as a *model*.

    Raises:
        InvalidInput: Naming each field that is wrong.
    """
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        wrong = (
            f"{'.'.join(map(str, part['loc']))} {part['input']!r}: {part['msg']}"
            for part in error.errors(include_url=False)
        )
        raise InvalidInput("; ".join(wrong)) from error

"""soul.json of Soul Spec 0.3 to 0.6: facts of the package, and what it says of the agent.

Source: the specification of clawsouls/soulspec, versions 0.3, 0.4, 0.5 and the draft of 0.6
(Apache-2.0). The files that it names are soul files of their own; here they are only looked for.
"""

from collections.abc import Iterator
from typing import Final

from lessonbase.errors import BadLine
from lessonbase.formats.parsed import Beside, alone
from lessonbase.formats.soul.mapping import Reading, is_file
from lessonbase.formats.soul.nodes import Leaf, Node, found, pairs_of, text_at
from lessonbase.formats.soul.place import Places
from lessonbase.records import Aspect

_FACTS: Final = (
    "$schema specVersion name displayName version author license tags category files type "
    "includes memory registry compatibility allowedTools recommendedSkills skills modes "
    "interpolation environment interactionMode hardwareConstraints sensors actuators "
    "deprecated supersededBy repository homepage examples"
)
READING: Final = Reading(
    aspects={
        "description": Aspect.OTHER,
        "disclosure": Aspect.OTHER,
        "safety": Aspect.BOUNDARY,
        "rules": Aspect.BOUNDARY,
    },
    facts=frozenset(_FACTS.split()),
    strict=True,
    names_files=True,
)


def is_manifest(root: Node) -> bool:
    """Whether a JSON object is a soul.json of Soul Spec: it says so, or names its files."""
    return found(root, "specVersion") is not None or bool(text_at(root, "files", "soul"))


def notes_on(root: Node, places: Places, beside: Beside) -> list[BadLine]:
    """What a reader should know of the files that a soul.json names, and of its end of life."""
    notes = _missing(root, places, beside)
    deprecated = found(root, "deprecated")
    if isinstance(deprecated, Leaf) and deprecated.value is True:
        heir = text_at(root, "supersededBy")
        reason = "this soul is deprecated" + (f"; {heir!r} takes its place" if heir else "")
        notes.append(BadLine(places.line(deprecated.start), reason))
    return notes


def _missing(root: Node, places: Places, beside: Beside) -> list[BadLine]:
    named = list(_named(root))
    if beside is alone and named:
        names = ", ".join(name for name, _ in named)
        return [BadLine(places.line(named[0][1].start), f"files it names, not looked for: {names}")]
    notes = []
    for name, leaf in named:
        if name.startswith("/") or ".." in name.split("/"):
            reason = f"{name!r} is outside of the folder of this file; not looked for"
        elif beside(name) is None:
            reason = f"{name!r} is named here and is not there"
        else:
            continue
        notes.append(BadLine(places.line(leaf.start), reason))
    return notes


def _named(root: Node) -> Iterator[tuple[str, Leaf]]:
    """Names of text files, and where they stand; whether a picture is there is not ours to see."""
    for key in ("files", "examples", "rules"):
        node = found(root, key)
        if node is None:
            continue
        for leaf in (node, *(inner for _, inner in pairs_of(node))):
            if isinstance(leaf, Leaf) and isinstance(leaf.value, str) and is_file(leaf.value):
                yield leaf.value, leaf

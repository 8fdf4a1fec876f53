"""Whether a file is a soul file, by its name and what is in it."""

import re
from pathlib import PurePosixPath
from typing import Final

from lessonbase.formats.parsed import Beside, alone
from lessonbase.formats.soul.aspects import aspect_of
from lessonbase.formats.soul.manifest import is_manifest
from lessonbase.formats.soul.nodes import Leaf, Listed, Mapped, Node, pairs_of, read_json
from lessonbase.records import Aspect

_OWN_NAME: Final = re.compile(
    r"soul\.json|(?:soul|identity)(?:\.[\w-]+)?\.md|.+\.soul\.(?:md|json)", re.IGNORECASE
)
# Names that mean a soul file only beside one: any project may have a STYLE.md.
_COMPANION: Final = re.compile(r"(?:style|memory|rules|user(?:_template)?)\.md", re.IGNORECASE)
# Aspects that only a soul names at the head of an object, and how many must be there.
_TELLING: Final = frozenset(
    {
        Aspect.VALUE,
        Aspect.EXPERIENCE,
        Aspect.RELATIONSHIP,
        Aspect.FEAR,
        Aspect.BELIEF,
        Aspect.BOUNDARY,
    }
)
_HINT: Final = re.compile(
    r'"(?:specVersion|fears?|worries|values|beliefs?|core_beliefs|boundaries|experiences)"'
)
_KEY_NAMES: Final = (
    "value values experience experiences relationship relationships fear fears worries belief "
    "beliefs core_beliefs corebeliefs boundary boundaries scope_and_boundaries lessons "
    "memories principles"
)
_KEYS: Final = frozenset(_KEY_NAMES.split())
_FEWEST: Final = 2


def matches(name: str, text: str, *, beside: Beside = alone) -> bool:
    """Whether the file *name* with *text* in it is a soul file.

    Args:
        name: Its name, with its folder where that is known.
        text: What is in it; looked at only where the name does not decide.
        beside: The files of its folder; STYLE.md, MEMORY.md, RULES.md and USER.md are soul files
            only beside a SOUL.md or a soul.json.

    >>> matches("agents/iris/SOUL.md", ""), matches("README.md", "# Iris")
    (True, False)
    >>> matches("iris.json", '{"values": ["Tell the truth"], "fears": ["To be believed too soon"]}')
    True
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if _OWN_NAME.fullmatch(path.name):
        return True
    if _COMPANION.fullmatch(path.name):
        return beside("SOUL.md") is not None or beside("soul.json") is not None
    if path.suffix.casefold() != ".json":
        return False
    return path.parent.name.casefold() == "souls" or _says_so(text)


def _says_so(text: str) -> bool:
    if not _HINT.search(text):
        return False
    try:
        root = read_json(text)
    except ValueError:
        return False
    if not isinstance(root, Mapped):
        return False
    names_soul = is_manifest(root) and any(key == "files" for key, _ in pairs_of(root))
    telling = {
        aspect_of(key)
        for key, value in pairs_of(root)
        if key.casefold() in _KEYS and _holds_text(value)
    }
    return names_soul or len(telling & _TELLING) >= _FEWEST


def _holds_text(node: Node) -> bool:
    match node:
        case Leaf():
            return isinstance(node.value, str) and " " in node.value
        case Listed():
            return any(_holds_text(item) for item in node.items)
        case Mapped():
            return any(_holds_text(value) for _, value in node.pairs)

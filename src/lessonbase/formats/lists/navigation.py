"""What of a list is no experience: links, tables of contents, names of files and commands."""

import re
from typing import Final

from lessonbase.formats.postmortem.headings import normal

_LINK: Final = re.compile(
    r"!?\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)|<https?://[^>\s]{1,500}>|https?://\S+"
)
_LINK_FIRST: Final = re.compile(
    r"\W{0,4}\[[^\]\n]{1,200}\]\([^)\n]{1,500}\)\W{0,4}\s*(?:[:–—]|-\s|\||$)"
)
_CODE: Final = re.compile(r"`[^`\n]*`")
_CODE_FIRST: Final = re.compile(
    r"\W{0,4}`[^`\n]{1,200}`(?:\W{0,3}(?:,|/|\bor\b|\band\b)\s*`[^`\n]{1,200}`){0,9}\W{0,4}"
    r"\s*(?:[:–—→#=(]|-\s|->|$)"
)
_INCLUDED: Final = re.compile(r"@[\w~./-]{1,300}$")
# Words of a rule, as against a description.
_RULE: Final = re.compile(
    r"\b(?:always|never|must(?:n['’]t)?|should(?:n['’]t)?|don['’]t|do not|avoid|prefer|ensure"
    r"|instead|make sure|beware|careful|unless|because|otherwise|forbidden|not allowed|no longer"
    r"|rather than|only (?:if|when|after|for|use)|need(?:s)? to|cannot|can['’]t|won['’]t|required?"
    r"|remember|if|when|whenever)\b",
    re.IGNORECASE,
)
# Headings below which a description is where things are, not what was learned.
_PLACES: Final = frozenset(
    name
    for names in (
        "commands, common commands, useful commands, development commands, build commands"
        ", key commands, quick commands, scripts, build, contents, table of contents, toc",
        "links, useful links, resources, references, further reading, see also, documentation"
        ", docs",
        "structure, project structure, repository structure, directory structure, folder structure"
        ", layout, project layout, repository layout, code layout, file structure, key files"
        ", important files, files, directories, architecture, architecture overview, components"
        ", modules, packages, codebase overview, repository overview, key components",
        "tech stack, technology stack, stack, technologies, dependencies, prerequisites",
        "setup, installation, install, getting started, quick start, quickstart, usage",
        "overview, project overview, about, introduction, glossary, models, endpoints"
        ", api endpoints, environment variables",
    )
    for name in names.split(", ")
)


def is_navigation(text: str, headings: tuple[str, ...]) -> str:
    """Why *text*, an item below *headings*, is no experience; empty if it is.

    >>> is_navigation("[Guide](docs/guide.md)", ())
    'a link'
    >>> is_navigation("`make test` - runs the tests", ())
    'a name and what it is'
    >>> is_navigation("`make test` must pass before you push", ())
    ''
    """
    words = _LINK.sub(" ", text)
    if len(re.findall(r"[^\W\d_]{2,}", _CODE.sub(" ", words))) < 2 and not _RULE.search(words):
        return "a link" if words != text else "a name"
    if _INCLUDED.match(text):
        return "the name of another file"
    if says_rule(text):
        return ""
    if _LINK_FIRST.match(text):
        return "a link"
    if _CODE_FIRST.match(text):
        return "a name and what it is"
    below = next((name for name in reversed(headings) if normal(name) in _PLACES), None)
    return f"a description, under {below!r}" if below else ""


def says_rule(text: str) -> bool:
    """Whether *text* has a word that makes it a rule."""
    return bool(_RULE.search(_CODE.sub(" ", text[:4_000])))

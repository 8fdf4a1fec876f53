"""Whether a text in Markdown is a post-mortem: by the fields that its headings and labels name."""

import re
from typing import Final

from lessonbase.formats.postmortem.headings import BODY, named
from lessonbase.formats.postmortem.outline import lines_of, sections
from lessonbase.formats.postmortem.parts import labels_of, says_what_it_is

_SUBJECT: Final = re.compile(
    r"post[-_ ]?mortem|incident|\brca\b|root[-_ ]cause|outage|retrospective", re.IGNORECASE
)
# Files that have a reader, or a purpose, of their own.
_OTHERS: Final = re.compile(
    r"(?:^|/)(?:CLAUDE|AGENTS|GEMINI|LESSONS|SOUL|IDENTITY|CHANGELOG|CONTRIBUTING|LICENSE)"
    r"[^/]*\.md$|\.(?:lessons|oos|soul)\.md$",
    re.IGNORECASE,
)
# Headings are looked for in the head of a file, in characters.
_LOOK: Final = 60_000


def is_report(name: str, text: str) -> bool:
    """Whether *text* has the headings of a post-mortem.

    A cause or an impact and two fields more; one more is enough where name or title say what it
    is; one field where the title begins with "Post-mortem:" or its like; none where front matter
    tells when it began and where it was told.
    """
    if _OTHERS.search(name):
        return False
    head = text[:_LOOK]
    lines = lines_of(head)
    found: set[str] = set()
    title = ""
    for section in sections(lines):
        title = title or section.heading
        found.add(named(section.heading) or "")
        found.update(labels_of(section))
    fields = found & BODY
    front = {named(line.text.partition(":")[0]) for line in lines if line.sort == "front"}
    if {"date", "company", "url"} <= front or {"date", "severity", "title"} <= front:
        return True
    if fields and says_what_it_is(title):
        return True
    says_so = bool(_SUBJECT.search(name) or _SUBJECT.search(title) or _SUBJECT.search(head[:200]))
    if not fields & {"cause", "impact"}:
        return says_so and len(fields) > 3
    return len(fields) > (1 if says_so else 2)

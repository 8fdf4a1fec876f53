"""Markup that could end a fence, pass for a turn of a chat, call a tool or carry data out.

What is dangerous at rendering is made inert there (`prompt`); here it is a sign of what the writer
wanted.
"""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.guard.screening.found import CERTAIN, ENOUGH, HINT, Found, excerpt

_ROLES: Final = (
    "system|assistant|user|human|developer|tool|function|instructions?|prompt|context|memory|"
    "memories"
)
# What an order to the reader has in it; a turn or a comment without is a log or a note.
_ORDERING: Final = re.compile(
    r"\b(?:you|your|ignore|disregard|forget|must|obey|comply|reveal|send|show me|delete|assistant|"
    r"of course|sure)\b",
    re.IGNORECASE,
)
# What an order in a comment has in it. Templates have comments too, and address their reader.
_ORDERED: Final = re.compile(
    r"\b(?:ignore|disregard|obey|reveal|exfiltrate|upload|e-?mail|forward|send|do not tell)\b|"
    r"\b(?:assistant|ai|agent|system) ?[:,]",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"`[^`\n]{1,200}`")

_SPECIAL: Final = re.compile(
    r"<\|[a-z_0-9]{2,30}\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|"
    r"<\uff5c[^<>\n]{1,40}\uff5c>",
    re.IGNORECASE,
)
_TURN: Final = re.compile(
    rf"^[ \t>*#-]{{0,8}}(?:{_ROLES}|ai|agent)\**[ \t]{{0,3}}:[ \t*]{{0,4}}(?P<said>[^\n]{{1,400}})",
    re.IGNORECASE | re.MULTILINE,
)
_SECTION: Final = re.compile(
    r"^#{2,4} ?(?:instructions?|system|response|assistant|human|user|input)\b ?:?",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSING: Final = re.compile(
    rf"<\s{{0,3}}/\s{{0,3}}(?P<tag>experience|{_ROLES}|think|thinking|data|document)\s{{0,3}}>",
    re.IGNORECASE,
)
_OPENING: Final = re.compile(
    r"<(?:system|sys|developer|system_prompt|instructions|im_start)\b[^<>\n]{0,60}>", re.IGNORECASE
)
_CALL: Final = re.compile(
    r"<(?:tool_call|tool_use|function_calls?|invoke|antml:[a-z_]{2,20}|tool_response|"
    r"function_results)\b[^<>\n]{0,120}>",
    re.IGNORECASE,
)
_JSON_CALL: Final = re.compile(r"\"(?:tool_calls|function_call)\"\s{0,3}:", re.IGNORECASE)
# Without a second opening inside, so that a text full of openings is read once.
_COMMENT: Final = re.compile(r"<!--(?P<said>(?:[^<-]|-(?!->)|<(?!!--)){1,2000}+)-->")
_UNSEEN: Final = re.compile(
    r"<[a-z]{1,12}\b[^<>]{0,200}(?:display\s{0,2}:\s{0,2}none|font-size\s{0,2}:\s{0,2}0|"
    r"visibility\s{0,2}:\s{0,2}hidden|opacity\s{0,2}:\s{0,2}0|"
    r"\bhidden\b)[^<>]{0,200}>(?P<said>[^<]{1,400})",
    re.IGNORECASE,
)
_CONCEALING: Final = ((_COMMENT, "hides a comment"), (_UNSEEN, "hides text by its style"))
# An address whose query is to be filled in by the reader: ?d={conversation}, ?q=SECRET, ?x=<data>,
# ?q=
_FILLED: Final = re.compile(
    r"\]\(\s{0,2}(?:https?:)?//[^)\s(]{0,300}[?&/][\w.-]{0,30}=?(?:[{<\[$%][^)]{0,100}|[A-Z_]{4,}|"
    r"(?<==))\s{0,2}\)"
)
_END: Final = re.compile(r"\bEND OF (?:EXPERIENCE|CONTEXT|DATA|MEMORY|PROMPT|INPUT|DOCUMENT)\b")
_FENCE: Final = re.compile(
    r"(?:```|~~~)\s{0,3}(?:system|assistant)\b|(?:```|~~~)\s{1,3}(?:system|assistant|user) ?:",
    re.IGNORECASE,
)
_HINTS: Final = re.compile(r"[<\[:`#~]|END OF")


def marked_up(text: str) -> Iterator[tuple[Found, int]]:
    """What stands in *text* as markup that commands, and where; *text* as it is written."""
    if not _HINTS.search(text):
        return
    yield from _turns(text)
    if "<" in text or '"' in text:
        yield from _tags(text)
    for pattern, name in _CONCEALING if "<" in text else ():
        for part in pattern.finditer(text):
            if _ORDERED.search(part["said"]):
                yield Found(name, ENOUGH, excerpt(part["said"])), part.start()
                break
    if "](" in text and (hit := _FILLED.search(text)):
        yield Found("carries data out in a link", ENOUGH, excerpt(hit.group())), hit.start()


def _turns(text: str) -> Iterator[tuple[Found, int]]:
    special = list(_SPECIAL.finditer(text)) if "<" in text or "[" in text else []
    # A chat template's mark alone is a fact about a template; two with words between are a turn.
    if special:
        said = special[-1].start() - special[0].end() > 12 or _ORDERING.search(
            text[special[0].end() :]
        )
        bare = not _inside_code(text, special[0].start())
        strength = CERTAIN if said and bare and _ORDERING.search(text) else HINT
        yield (
            Found("fakes a turn", strength, excerpt(text[special[0].start() :])),
            special[0].start(),
        )
    for turn in _TURN.finditer(text):
        if _ORDERING.search(turn["said"]):
            yield Found("fakes a turn", ENOUGH, excerpt(turn.group())), turn.start()
            break
    sections = list(_SECTION.finditer(text)) if "##" in text else []
    if len(sections) > 1:
        yield Found("fakes a turn", ENOUGH, excerpt(sections[0].group())), sections[0].start()
    for pattern, sign in ((_END, "END OF"), (_FENCE, "```"), (_FENCE, "~~~")):
        if sign in text and (hit := pattern.search(text)):
            yield Found("fakes an end", ENOUGH, excerpt(hit.group())), hit.start()


def _tags(text: str) -> Iterator[tuple[Found, int]]:
    if hit := _CLOSING.search(text):
        own = hit["tag"].lower() == "experience"
        strength = CERTAIN if own else HINT
        yield Found("closes a fence", strength, excerpt(hit.group())), hit.start()
    if (hit := _OPENING.search(text)) and not _inside_code(text, hit.start()):
        yield Found("opens a fence", HINT, excerpt(hit.group())), hit.start()
    if (hit := _CALL.search(text)) and not _inside_code(text, hit.start()):
        yield Found("calls a tool", ENOUGH, excerpt(text[hit.start() :])), hit.start()
    if hit := _JSON_CALL.search(text):
        yield Found("calls a tool", HINT, excerpt(hit.group())), hit.start()


def _inside_code(text: str, at: int) -> bool:
    return any(span.start() < at < span.end() for span in _CODE.finditer(text))

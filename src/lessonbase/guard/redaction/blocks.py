"""Private keys as blocks of text, whole or cut off."""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.guard.redaction.finding import Finding

# RFC 7468, RFC 4880 (PGP) and PuTTY's own; line ends may be written out as \n, lines be indented.
_BEGIN: Final = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"|PuTTY-User-Key-File-\d: \S{1,40}"
)
_END: Final = re.compile(
    r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----|Private-MAC: [0-9a-f]{16,128}"
)
_BREAK: Final = r"(?:\\r|\\n|[\r\n])+[ \t>|*#\"'+,-]*"
_HEADER: Final = r"[A-Z][A-Za-z-]{1,40}: ?[^\r\n\\]{0,200}"
# The lines that a block consists of: headers, then base64; the last one may be cut short.
_BODY: Final = re.compile(
    rf"(?:{_BREAK}(?:{_HEADER}|[A-Za-z0-9+/=]{{1,128}}(?=[ \t]*(?:[\r\n\\\"'`]|\Z))))*+"
)
# Longest block, in characters: a key of 16,384 bits has 12,700.
_BLOCK_LIMIT: Final = 20_000


def blocks(text: str) -> Iterator[Finding]:
    """Private keys in *text*, from their first line to their last.

    A block without an end ends with the last line that can belong to it.
    """
    if "PRIVATE KEY" not in text and "PuTTY-User-Key-File" not in text:
        return
    at = 0
    while begin := _BEGIN.search(text, at):
        limit = begin.end() + _BLOCK_LIMIT
        another = _BEGIN.search(text, begin.end(), limit)
        end = _END.search(text, begin.end(), another.start() if another else limit)
        if end:
            at = end.end()
        else:
            body = _BODY.match(text, begin.end(), limit)
            at = body.end() if body else begin.end()
            if at == begin.end():
                continue
        yield Finding("private_key", begin.start(), at)

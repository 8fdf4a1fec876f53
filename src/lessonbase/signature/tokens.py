"""stub"""

import re

_T = re.compile(r"[A-Za-z0-9_./:-]+")


def identifiers(text: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            t.strip(".:-/").lower()
            for t in _T.findall(text)
            if re.search(r"[\d_./]|[a-z][A-Z]|[A-Z]{4}", t) and len(t.strip(".:-/")) > 1
        )
    )

"""Whether an order is only quoted: between quotes, in a sentence that speaks of it as seen.

An attacker can write quotes too. So quotes alone do not help, nor does a sentence that gives the
order a sender of rank ("the operator says"); it has to name a place or a person that nobody obeys,
or call it an attack.
"""

import re
from typing import Final

# Who or what is quoted, in English, German, French and Spanish.
_SEEN: Final = re.compile(
    r"\b(?:attacks?|attackers?|attacking|inject\w*|jailbreaks?|payloads?|malicious|hostile|"
    r"phish\w*|intruder|pages?|website|sites?|tickets?|issues?|comments?|readme|descriptions?|"
    r"strangers?|visitors?|customers?|poison\w*|planted|trick\w*|phrases?|filters?|red team|"
    r"suspicious|untrusted|documents?|mails?|e-mails?|results?|reject|refuse|attempts?|"
    r"strings such as|text such as|texts? like|notes? (?:that|claimed)|users? typed|forged|fake|"
    r"plugin|package|contained|typed|claimed|held|said|spoofed|seite|angriff|pagina|attaque|ataque|"
    r"template|templates|stop sequences?|note:)\b"
)
# A sender of rank takes the help away.
_RANK: Final = re.compile(
    r"\b(?:operator|owner|boss|cto|ceo|manager|colleague|teammate|lead|admin|administrator|"
    r"platform team|security team|developers?|our team|management|founder|"
    r"policy says|rule says|follow it|obey it|do what it says|as it says)\b"
)
_END: Final = re.compile(r"[.!?](?=\s|$)|;")
# Characters around a quote that belong to what is said of it.
_BEFORE: Final = 160
_AFTER: Final = 100


def spoken_of(view: str, start: int, end: int) -> bool:
    """Whether ``view[start:end]`` is quoted and spoken of as something that was seen.

    Args:
        view: A text in small letters with plain quotes and single spaces.
        start: Where the order begins.
        end: Where it ends.
    """
    opened = _opening(view, start)
    if opened < 0:
        return False
    before = view[max(0, opened - _BEFORE) : opened]
    ends = list(_END.finditer(before))
    before = before[ends[-1].end() :] if ends else before
    after = view[end : end + _AFTER]
    around = f"{before} {after}"
    return bool(_SEEN.search(around)) and not _RANK.search(around)


def _opening(view: str, start: int) -> int:
    """Where the quote begins that the order stands in; -1 if it stands in none."""
    for quote in ('"', "`"):
        if view.count(quote, 0, start) % 2 == 1 and view.find(quote, start) >= 0:
            return view.rfind(quote, 0, start)
    return -1

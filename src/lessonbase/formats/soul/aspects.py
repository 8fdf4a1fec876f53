"""Which side of an agent a heading, or a key of a JSON object, announces.

Every format has its own headings, so the table holds words, not headings. A heading is looked up
as a whole first; then a word of refusal in it decides, since a list of what is never done is a
boundary whatever else its heading says; then the last word that the table knows, since that is the
one the others describe ("Relationship values" are values).

Where the formats leave it open, we chose: who an agent is, is `other`; what it works on now and
how it goes on from session to session is `experience`; who and what shaped it is `relationship`;
contradictions it lives with are `belief`; the words it uses are `voice`.
"""

import re
from typing import Final

from lessonbase.records import Aspect

# Characters of a heading that are looked at: longer ones are prose.
_MOST: Final = 200

_WHOLE: Final[dict[str, Aspect]] = {
    "core truths": Aspect.VALUE,
    "what matters": Aspect.VALUE,
    "current focus": Aspect.EXPERIENCE,
    "pet peeves": Aspect.PREFERENCE,
    "mental models": Aspect.BELIEF,
    "red lines": Aspect.BOUNDARY,
    "hard limits": Aspect.BOUNDARY,
    "prime directive": Aspect.VALUE,
    "who i am": Aspect.OTHER,
    "who you are": Aspect.OTHER,
}

_WORDS: Final[dict[Aspect, str]] = {
    Aspect.VALUE: "value values principle principles truths ethics ethos ideals virtues virtue "
    "mission purpose directives commitments standards priorities motto mottos creed",
    Aspect.BOUNDARY: "boundary boundaries rule rules limit limits safety law laws constraint "
    "constraints guardrail guardrails must forbidden prohibited scope refuse refusals escalation "
    "permissions negotiable negotiables",
    Aspect.BELIEF: "worldview opinion opinions belief beliefs believe philosophy tension tensions "
    "contradiction contradictions conviction convictions perspective perspectives assumptions "
    "takes views faith",
    Aspect.EXPERIENCE: "experience experiences memory memories lesson lessons history learned "
    "learnings learning insight insights mistake mistakes failures wins incidents milestones log "
    "journal focus continuity story past events",
    Aspect.RELATIONSHIP: "relationship relationships people person influence influences user users "
    "human humans team teammates friends family colleagues peers collaborators partners owner "
    "operator collaborate collaboration",
    Aspect.FEAR: "fear fears worry worries risk risks anxiety anxieties dread concern concerns",
    Aspect.VOICE: "voice vibe vibes tone style personality communication language vocabulary "
    "speech writing humor humour mannerisms phrases traits temperament character formatting emoji "
    "diction",
    Aspect.PREFERENCE: "interest interests preference preferences prefer like likes dislike "
    "dislikes love loves hate hates peeves hobby hobbies favorites favourites favorite favourite "
    "taste tastes habits",
    Aspect.OTHER: "identity background about role bio biography summary description name creature "
    "expertise skills",
}
_ASPECTS: Final = {word: aspect for aspect, words in _WORDS.items() for word in words.split()}
_REFUSAL_WORDS: Final = (
    "never not dont don't won't wont cannot can't cant mustn't shouldn't donts don'ts"
)
_REFUSAL: Final = frozenset(_REFUSAL_WORDS.split())
# What stands under such a heading says the contrary of what its words say alone.
_NEGATIVE_WORDS: Final = (
    "avoid avoids forbidden prohibited refuse refusals refuses dislike dislikes hate hates peeves "
    "antipatterns without no banned"
)
_NEGATIVE: Final = _REFUSAL.union(_NEGATIVE_WORDS.split())
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PARENTHESES: Final = re.compile(r"\([^()]*\)")

# The heading, and the key in JSON, under which an entry of each aspect is written; read back, each
# gives its aspect.
HEADINGS: Final[dict[Aspect, str]] = {
    Aspect.OTHER: "Identity",
    Aspect.VALUE: "Values",
    Aspect.BELIEF: "Beliefs",
    Aspect.BOUNDARY: "Boundaries",
    Aspect.VOICE: "Voice",
    Aspect.PREFERENCE: "Preferences",
    Aspect.RELATIONSHIP: "Relationships",
    Aspect.EXPERIENCE: "Experiences",
    Aspect.FEAR: "Fears",
}


def aspect_of(title: str) -> Aspect | None:
    """The aspect that a heading or a key announces; none, if its words say nothing of it.

    >>> [str(aspect_of(title)) for title in ("Core Truths", "scope_and_boundaries", "Must never")]
    ['value', 'boundary', 'boundary']
    >>> aspect_of("Chapter two") is None
    True
    """
    words = _words(title)
    whole = _WHOLE.get(" ".join(words))
    if whole is not None:
        return whole
    if not _REFUSAL.isdisjoint(words):
        return Aspect.BOUNDARY
    known = [_ASPECTS[word] for word in words if word in _ASPECTS]
    return known[-1] if known else None


def is_negative(title: str) -> bool:
    """Whether what stands under *title* is what the agent does not do, or does not like.

    >>> is_negative("Pet Peeves"), is_negative("Boundaries")
    (True, False)
    """
    return not _NEGATIVE.isdisjoint(_words(title))


def _words(title: str) -> list[str]:
    spaced = _CAMEL.sub(" ", title[:_MOST].replace("_", " "))
    plain = _PARENTHESES.sub(" ", spaced)
    found = _WORD.findall(plain) or _WORD.findall(spaced)
    return [word.replace("’", "'").casefold() for word in found]

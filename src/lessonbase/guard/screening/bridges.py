"""Records that answer questions on one thing with another thing (MINJA, 2025).

The attack plants a bridge: whoever asks about patient A is given the data of patient B. Rules look
at the whole record, since the one half stands in the situation and the other in the advice.
"""

from typing import Final

from lessonbase.guard.screening.found import ENOUGH, HINT
from lessonbase.guard.screening.phrases import Rules, raw, rule

_L: Final = {
    "REQUEST": "request|requests|query|queries|question|questions|asked|asks|ask|requested|look_up|"
    "wants|"
    "searches",
    "GIVE": "use|take|answer|answers|return|read|give|retrieve|fetch|resolve|resolved|answered|put|"
    "recommend|"
    "offer|check|report|buy|substitute|look_up|served",
    "SWAP": "instead|in_place_of|in_its_place|as_if|in_lieu_of|in_its_stead|in_their_place",
    "MEANS": "refer_to|refers_to|maps_to|map_to|should_be_read_as|must_be_read_as|"
    "redirect_to|redirects_to|point_to|points_to|stand_for|stands_for|are_meant_for",
    "DATA": "data|results|records|record|readings|balance|values|figures|entries|history|list|"
    "policy",
    "MOVED": "stored|saved|kept|recorded|merged|moved|filed|listed",
}

RULES: Final = Rules(
    (
        rule("bridges two subjects", ENOUGH, "REQUEST ~12 GIVE ~8 SWAP", _L, advice=True),
        raw(
            "bridges two subjects",
            ENOUGH,
            r"\b(?:requests?|quer(?:y|ies)|questions?|wants|asks|asked)\b[^.!?;]{1,160}?\b(?:use|"
            r"take|return|read|give|retrieve|fetch|put|recommend|buy|choose|offer|look up|"
            r"answer)\b[^!?.;]{1,100}?\b(?:instead(?! of quoting)|in its place|in (?:his|her|"
            r"their) place|as if (?:it|they))\b",
            "request requests query queries question questions wants asks asked & instead place as",
            advice=True,
        ),
        rule(
            "bridges two subjects",
            ENOUGH,
            "REQUEST ~8 answered|resolved|served with|as|by|using ~3 of|as_if|request",
            _L,
            advice=True,
        ),
        raw(
            "bridges two subjects",
            ENOUGH,
            r"\b(?:requests?|quer(?:y|ies)|questions?)\b[^.!?]{1,80}\b(?:answered|resolved|served) "
            r"with [a-z]*\d+\b",
            "request requests query queries question questions",
            advice=True,
        ),
        rule(
            "bridges two subjects",
            ENOUGH,
            "request|requests|query|queries|question|questions ~6 MEANS",
            _L,
            advice=True,
        ),
        rule(
            "bridges two subjects",
            ENOUGH,
            "queries|questions|requests that ~3 are_about",
            _L,
            advice=True,
        ),
        rule(
            "bridges two subjects",
            ENOUGH,
            "treat ~4 as ~5 in|for every|each|any|all REQUEST",
            _L,
            advice=True,
        ),
        rule(
            "bridges two subjects",
            ENOUGH,
            "answer ~2 questions|requests|queries with|from ~2 text|data|policy",
            _L,
            advice=True,
            directed=True,
        ),
        rule(
            "bridges two subjects",
            ENOUGH,
            "take|use|read|give the ~1 figure|value|number|numbers|data|iban|address "
            "of|for ~6 as_if|instead",
            _L,
            advice=True,
        ),
        rule(
            "bridges two subjects",
            HINT,
            "any|every ~1 REQUEST ~1 should|must|has_to use|take|read",
            _L,
            advice=True,
        ),
        rule(
            "bridges two subjects",
            ENOUGH,
            "for any|every|all|each request|query|question ~4 use|take the? DATA of",
            _L,
            advice=True,
        ),
        rule("moves data", HINT, "DATA ~6 MOVED ~1 into|under|with|to|for", _L),
        rule(
            "moves data",
            HINT,
            "is|are|was|were recorded|stored|known|filed under the name|id|number",
            _L,
        ),
        rule(
            "points elsewhere",
            HINT,
            "refer_to|answer_with|check|read ~3 when|whenever asked|requested",
            _L,
            advice=True,
        ),
        rule(
            "points elsewhere",
            HINT,
            "answer requests|queries|questions on|about|for the? former ~2 latter",
            _L,
        ),
        rule(
            "bridges two subjects",
            ENOUGH,
            "request|requests|query|queries|question|questions|tickets ~8 answered|filled|"
            "resolved|served|met with|from|by|using the ~2 of|for|that",
            _L,
            advice=True,
        ),
        rule(
            "points elsewhere",
            HINT,
            "as|the both|two|they are the_same|equal|interchangeable|one",
            _L,
        ),
        rule(
            "points elsewhere",
            HINT,
            "request|requests|query|queries|questions ~3 go_to|land_in|belong_to",
            _L,
        ),
        rule("points elsewhere", HINT, "quote|give ~3 instead|text", _L, advice=True),
        rule(
            "bridges two subjects",
            ENOUGH,
            "when|whenever|if ~3 asks|wants|looks|searches for ~4 always|only|just recommend|name|"
            "offer|select|pick|choose|order",
            _L,
            advice=True,
        ),
        rule("points elsewhere", HINT, "always fetch|use|return|take the latter", _L),
        rule("points elsewhere", HINT, "the answer is always", _L),
        rule(
            "points elsewhere", HINT, "whatever the|their ~2 needs|question|requirements|case", _L
        ),
        raw(
            "shifts answers",
            ENOUGH,
            r"\b(?:choose|pick|answer|select|take|option|mark) [a-e]\b[^.!?]{0,40}?\b(?:where|"
            r"in place of|instead of|when) (?:[a-z]+ ){0,3}[a-e]\b",
            "choose pick answer select take option mark & b c d e & where place instead when",
            advice=True,
        ),
        rule(
            "bridges two subjects",
            ENOUGH,
            "REQUEST ~10 be|is|are ~1 understood|read|treated|seen|interpreted|fulfilled|filled|"
            "carried_out|met|entered|taken as|with|on|under|for",
            _L,
            advice=True,
        ),
        rule(
            "bridges two subjects",
            ENOUGH,
            "REQUEST ~6 get|gets|yield|yields|receive|receives|use|uses|expect|expects|"
            "mean the? ~2 outcome|text|reply|column|result|score|row|entry|price|dose|answer",
            _L,
            advice=True,
        ),
        rule(
            "bridges two subjects",
            ENOUGH,
            "who ask|asks for ~5 mean|means|want|wants the|a",
            _L,
            advice=True,
        ),
        rule(
            "bridges two subjects",
            ENOUGH,
            "expects|expect ~2 as its|the|their answer",
            _L,
            advice=True,
        ),
        rule(
            "moves data", HINT, "are|is listed|kept|filed|stored|entered|recorded under|in ~1", _L
        ),
        raw(
            "points elsewhere",
            HINT,
            r"\b(?:return|give|use|quote|open|send|present)\b \w+'s\b[^.!?;]{0,60}\b(?:for|there|"
            r"as)\b",
            "return give use quote open send present",
            advice=True,
        ),
        raw(
            "bridges two subjects",
            HINT,
            r"\b(?:for|to find|to get|to report|to answer|where|when|if)\b[^.!?;]{3,80}\b(?:give|"
            r"take|quote|open|report|read|send|return|copy)\b (?:the|those|"
            r"that)\b[^.!?;]{1,40}\b(?:of|for|over)\b",
            "give take quote open report read send return copy",
            advice=True,
        ),
        rule(
            "equates",
            HINT,
            "they|two|both|values|readers|users ~1 match|equal|are_equal|do_not_mind|are_the_same|"
            "interchangeable",
            _L,
        ),
        rule(
            "bridges two subjects",
            ENOUGH,
            "GIVE|show|quote|open|select|pick|choose ~8 when|whenever|if|wherever ~6 asked_for|"
            "queried|is_asked|are_asked|named|wanted",
            _L,
            advice=True,
        ),
        rule(
            "points elsewhere",
            HINT,
            "requests|queries|questions ~4 should land|go|end",
            _L,
            advice=True,
        ),
        rule(
            "points elsewhere",
            HINT,
            "GIVE ~3 for|in every|any|each|all ~3 REQUEST",
            _L,
            advice=True,
        ),
        rule("moves data", HINT, "also|now counts|applies|stands|valid for", _L),
        rule(
            "moves data",
            HINT,
            "is|are now|henceforth|meanwhile ~1 under|with|in|called|named|stored",
            _L,
        ),
    )
)

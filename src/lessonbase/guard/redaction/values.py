"""Whether a value that stands behind a label is a secret, or only talks of one.

Pure: a value in, a judgment out. Labels are found in labels.py; what is judged here is the value.
"""

import re
from typing import Final

# Words that stand where a secret would: states, types, and the defaults of well-known images and
# handbooks. A default that is named is mostly the lesson itself ("nobody changed changeme").
_WORDS_TEXT: Final = """
none null nil undefined nan true false yes no on off todo tbd fixme n/a na empty blank unset
unknown missing invalid valid expired revoked rotated unchanged changed wrong incorrect correct
required optional set default hidden masked removed encrypted hashed plaintext plain enabled
disabled denied accepted rejected failed failure ok okay success present absent found leaked
stolen shared string str text varchar char bytes int integer number float any object array list
dict boolean bool uuid binary type value name username login email admin administrator root
guest user test testing tester demo example postgres mysql mariadb redis mongo rabbitmq elastic
minio sa oracle changeme changeit letmein qwerty welcome bearer basic digest jwt oauth oauth2
saml session refresh access write read readonly rw env environ environment prompt stdin file
vault secretref keychain self this return await new var let const function lambda raise
optional[str] str|none passwort kennwort contraseña clave motdepasse see ask same like the and
was were has had with from when then
"""
_WORDS: Final = frozenset(_WORDS_TEXT.split())
# What a name holds that refers to a secret: `db_password`, `MY_TOKEN`, `secret-name`.
_SPEAKING: Final = re.compile(r"pass|pwd|secret|token|key|cred|auth", re.IGNORECASE)
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_$@][A-Za-z_$-]*")
_DOTTED: Final = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*)+")
_CALL: Final = re.compile(r"[A-Za-z_$][\w$.:>-]*[(\[]")
# A value that a program or a person is to fill in, or that others have masked.
_TO_FILL: Final = re.compile(
    r"^[<\[{(].*[>\]})]$|^\$[({]|\$\{|\{\{|^\$[A-Z_][A-Z0-9_]*$|^\$[a-z_]+$|^%[A-Za-z_]+%$"
    r"|%[(\{]|^%[sdv]$|^![A-Za-z]+$|^\{\w+\}|<[a-z_ -]+>"
    r"|[x*•.#]{4,}|X{4,}|\*{3}|\.{3}|…|\(redacted:|^(?:[x*•.#_-]){1,}$"
    r"|redacted|placeholder|change[_-]?me|replace[_-]?me|your[_-]|(?:^|[_-])example|[_-]here$"
    r"|^\.[*+]|^insert[_-]|^(?:dummy|sample|fake|mock)[_-]?|^abc123$|^0+$|^123(?:4(?:5(?:6)?)?)?$",
    re.IGNORECASE,
)
_MASKED: Final = re.compile(r"[x*•.#]{4,}|X{4,}|\*{3}|\.{3}|…|0{12,}")
# A value that says where the secret is.
_ELSEWHERE: Final = re.compile(
    r"(?:https?|vault|op|file|ssm|awssm|gcpsm|env|ref|secret|secrets|azurekeyvault)(?:\+\w+)?:"
    r"|arn:|projects/|ENC\[|sha\d{1,3}[:-]|[~.]{0,2}/(?:[\w.@-]+/)*[\w.@-]*$|[A-Za-z]:\\",
    re.IGNORECASE,
)
_RULES: Final = re.compile(r"[a-z_]+(?:[|:][\w,]+)+")
_COUNTED: Final = re.compile(r"\d+[-_]?[a-z]+")
_PARTS: Final = re.compile(r"[-_./:@ ]+")
_SYMBOL: Final = re.compile(r"[!#$%^&*+?~=@]")
_DIGIT: Final = re.compile(r"\d")
_LETTER: Final = re.compile(r"[^\W\d_]")
_TURN: Final = re.compile(r"[a-z][A-Z]|[A-Z][a-z]")
# Lengths in characters: what is shorter is a state, a count or a word.
_LEAST_PASSWORD: Final = 3
_LEAST_STRONG: Final = 5
_LEAST_KEY: Final = 8
_LEAST_QUOTED_KEY: Final = 6
# From this length on, letters of changing case are a key even without a digit: 24 letters and
# digits drawn at random hold no digit once in 70 times.
_LETTERS_KEY: Final = 24
_LETTERS_TURNS: Final = 6
# Of a longer value both ends are looked at: what is to be filled in shows there.
_LONG: Final = 80
_MOST_WORDS: Final = 4


def is_placeholder(value: str) -> bool:
    """Whether *value* stands for a secret without being one.

    >>> [is_placeholder(value) for value in ("<your-key>", "${TOKEN}", "xxxxxxxx", "hunter2")]
    [True, True, True, False]
    """
    bare = value.strip()
    if len(bare) > _LONG:
        bare = bare[: _LONG // 2] + bare[-_LONG // 2 :]
    if bare.lower() in _WORDS or _TO_FILL.search(bare) or _ELSEWHERE.match(bare):
        return True
    return bool(_PLAIN_NAME.fullmatch(bare) and _SPEAKING.search(bare))


def is_masked(value: str) -> bool:
    """Whether others have already made *value* unreadable, or cut it.

    >>> [is_masked(value) for value in ("ghp_xxxxxxxxxxxx", "sk-...", "AKIAIOSFODNN7EXAMPLE")]
    [True, True, False]
    """
    return bool(_MASKED.search(value))


def is_reference(value: str, after: str = "") -> bool:
    """Whether unquoted *value*, which *after* follows, is code that fetches a secret.

    >>> [is_reference(value) for value in ("os.environ[", "config.password", "Etl.2024.go")]
    [True, True, False]
    """
    return bool(
        _DOTTED.fullmatch(value)
        or _CALL.match(value)
        or (after[:1] in {"(", "["} and _PLAIN_NAME.fullmatch(value))
    )


def is_password(value: str, *, quoted: bool, alone: bool, phrase: bool = False) -> bool:
    """Whether *value* behind a label such as ``password`` is one.

    Args:
        value: Without its quotes.
        quoted: Whether it had quotes; a word without them may be prose or a name in code.
        alone: Whether label and value are all that its line holds, as in a file of settings.
        phrase: Whether the label asks for several words.
    """
    if len(value) < _LEAST_PASSWORD or is_placeholder(value) or _RULES.fullmatch(value):
        return False
    if " " in value:
        few = value.count(" ") < _MOST_WORDS
        return few and (phrase or bool(_DIGIT.search(value) and _SYMBOL.search(value)))
    return quoted or alone or is_strong(value)


def is_strong(value: str) -> bool:
    """Whether *value* cannot be a word of prose: letters and digits, or letters and symbols.

    >>> [is_strong(value) for value in ("hunter2", "rotate", "12-character", "Gr4fana!!")]
    [True, False, False, True]
    """
    if len(value) < _LEAST_STRONG or _COUNTED.fullmatch(value) or not _LETTER.search(value):
        return False
    return bool(_DIGIT.search(value) or _SYMBOL.search(value[:-1]))


def is_key(value: str, *, quoted: bool = False) -> bool:
    """Whether *value* looks drawn, not written: what a key or a token looks like.

    Args:
        value: Without its quotes.
        quoted: Whether it had quotes, or a line for itself; then it may be shorter.

    >>> [is_key(value) for value in ("web-tls-2024", "4096", "9f8e7d6c5b4a", "bearer")]
    [False, False, True, False]
    """
    if len(value) < (_LEAST_QUOTED_KEY if quoted else _LEAST_KEY) or " " in value:
        return False
    if not _DIGIT.search(value):
        turns = len(_TURN.findall(value[:_LONG]))
        drawn = len(value) >= _LETTERS_KEY and turns >= _LETTERS_TURNS
    else:
        parts = [part for part in _PARTS.split(value) if part]
        drawn = not all(part.isalpha() or part.isdigit() for part in parts)
    return drawn and bool(_LETTER.search(value)) and not is_placeholder(value)

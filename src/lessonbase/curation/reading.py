"""A text as clauses: what each is about, whether it asks for it or denies it, and its numbers.

Pure. The rules look at words and marks only, so they are quick and can be followed; they are no
parser. Where they cannot tell whether a clause is denied, they say so (polarity 0).
"""

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from lessonbase.curation.quantities import Quantity, begins_quantity, quantity
from lessonbase.curation.sentences import plainly, sentences
from lessonbase.curation.vocabulary import (
    CONDITIONS,
    DENYING_VERBS,
    DENYING_WORDS,
    ENDING_VERBS,
    FILLING,
    FUNCTION_WORDS,
    MATTERS,
    OPENERS,
    ORDER,
    PERMITTING,
    PERSONS,
    PREFERRING,
    ROLES,
    SIDES,
    concept,
    stem,
)

# Characters of a text that are read: ten times the longest claim of the seed. What two longer texts
# differ in may come later, so that only equal spelling makes them duplicates.
READ_LIMIT: Final = 8_000
# Clauses that are read, for the same reason.
_MOST_CLAUSES: Final = 120
# Numbers of a text, and words like "before" of a clause, that are read; a rule has one or two.
_MOST_NUMBERS: Final = 40
_MOST_ORDERS: Final = 6
# Words of a fragment between commas that may be one more item of a denied list.
_SHORT_ITEM: Final = 3

_PASSIVE: Final = re.compile(
    r"\b(?:be|been|being|is|are|was|were) (?:[a-z]{1,20}ly )?[a-z]{2,20}(?:ed|en)\b"
)
# Signs that a clause tells what happened; what it counts is no rule.
_STORY: Final = frozenset(
    {"incident", "incidents", "outage", "outages", "ago", "yesterday", "happened", "seen", "saw"}
    | {"cost", "took", "reported"}
)

# Direction of a word like "before", and the concepts on its left and on its right.
Order = tuple[int, frozenset[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence that asks for one thing, or denies it.

    Attributes:
        words: Concepts it is about, without negations; of a word with an opposite, the matter.
        polarity: 1 as it stands, -1 denied, 0 not known.
        condition: Whether it says when, not what.
        sides: Pair of opposites → the side it names; 0 where it names both.
        orders: Each word like "before", in order.
        roles: Concept → "from", "to" or "by", where one of them stands before it.
        quantities: Its numbers, without those of a story.
    """

    words: frozenset[str]
    polarity: int
    condition: bool
    sides: dict[int, int]
    orders: tuple[Order, ...]
    roles: dict[str, str]
    quantities: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """All clauses of a text, and its words in order.

    Attributes:
        clauses: In the order of the text, those without words left out.
        whole: Whether nothing was left out for want of room.
        sequence: Concepts of the whole text in order, repeats included.
        words: The same as a set.
        negations: How many words turn something round.
        passive: Whether it says what is done to something, without by whom.
        permits: Whether it allows something, rather than asks for it.
        persons: Of each "I" and "you", which of the two, in order.
        quantities: The numbers of all clauses.
    """

    clauses: tuple[Clause, ...]
    whole: bool
    sequence: tuple[str, ...]
    words: frozenset[str]
    negations: int
    passive: bool
    permits: bool
    persons: tuple[int, ...]
    quantities: tuple[Quantity, ...]

    def directions(self) -> list[int]:
        """Directions of all words like "before", sorted."""
        return sorted(order[0] for clause in self.clauses for order in clause.orders)


def read(text: str) -> Reading:
    """Read the first `READ_LIMIT` characters of *text*; never raises.

    >>> clauses = read("Log errors; never use retries.").clauses
    >>> [(sorted(clause.words), clause.polarity) for clause in clauses]
    [(['error', 'log'], 1), (['retry'], -1)]
    """
    return _read(text[:READ_LIMIT])


def forget() -> None:
    """Drop what was read, so that a timing starts with nothing."""
    _read.cache_clear()


@lru_cache(maxsize=1_024)
def _read(text: str) -> Reading:
    plain = plainly(text)
    reader = _Reader()
    for sentence, end in sentences(plain):
        reader.read(sentence)
        reader.flush(sentence_ends=end != ":")
    reader.flush(sentence_ends=True)
    passive = _PASSIVE.search(plain) is not None and " by " not in plain
    return reader.reading(passive=passive)


@dataclass
class _Reader:
    """Gathers clauses word by word."""

    clauses: list[Clause] = field(default_factory=list)
    whole: bool = True
    sequence: list[str] = field(default_factory=list)
    negations: int = 0
    numbers: int = 0
    permits: bool = False
    persons: list[int] = field(default_factory=list)
    # Whether the clause before was denied, and this one may be one more item of its list.
    in_denied_list: bool = False
    # Place of the last "or" of the sentence at hand.
    last_or: int = -1
    # Of the clause at hand.
    words: list[str] = field(default_factory=list)
    sides: dict[int, int] = field(default_factory=dict)
    quantities: list[Quantity] = field(default_factory=list)
    orders: list[tuple[int, int]] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    role: str = ""
    polarity: int = 1
    denial: bool = False
    condition: bool = False
    story: bool = False

    def read(self, sentence: list[str]) -> None:
        """Read one sentence, whose last clause stays open."""
        self.last_or = max((at for at, word in enumerate(sentence) if word == "or"), default=-1)
        place = 0
        while place < len(sentence):
            if begins_quantity(sentence[place]):
                found, taken = quantity(sentence, place)
                if found is not None:
                    self._count(found)
                    place += taken
                    continue
            self._word(sentence, place)
            place += 1

    def _word(self, sentence: list[str], place: int) -> None:
        word = sentence[place]
        after = sentence[place + 1] if place + 1 < len(sentence) else ""
        if word == ",":
            self.flush(sentence_ends=False, item=place < self.last_or)
        elif _denies(word, after):
            if place and sentence[place - 1] in ("and", "or"):
                self.flush(sentence_ends=False)
            self.polarity, self.denial = -self.polarity, True
            self.negations += 1
        elif word in CONDITIONS:
            if word == "unless" and self.polarity < 0:
                self.polarity = 0  # never … unless: then it is asked for
            self.flush(sentence_ends=False)
            self.condition = True
        elif word in OPENERS:
            self.flush(sentence_ends=False)
        elif _sets_order(sentence, place):
            self._order(ORDER.get(word, 1))
        else:
            if word in PERMITTING and self.polarity > 0 and after not in ("be", "not"):
                self.permits |= "only" not in sentence
            if word in PERSONS:
                self.persons.append(PERSONS[word])
            self._content(word)

    def _count(self, found: Quantity) -> None:
        self.numbers += 1
        if self.numbers > _MOST_NUMBERS:
            self.whole = False
        else:
            self.quantities.append(found)

    def _order(self, direction: int) -> None:
        if len(self.orders) == _MOST_ORDERS:
            self.whole = False
        else:
            self.orders.append((direction, len(self.words)))

    def _content(self, word: str) -> None:
        name = concept("above" if word == "over" else word)
        for number, sign in SIDES.get(name, ()):
            self.sides[number] = sign if self.sides.get(number, sign) == sign else 0
        self.story |= word in _STORY
        if word in ROLES:
            self.role = ROLES[word]
        if word in FUNCTION_WORDS or stem(word) in FILLING or not word[0].isalnum():
            return
        if self.role:
            self.roles[name], self.role = self.role, ""
        self.words.append(name)

    def flush(self, *, sentence_ends: bool, item: bool = False) -> None:
        """End the clause at hand; *item*: what follows may be one more of a denied list."""
        if self.words:
            self._keep()
        elif self.denial and not sentence_ends:
            return  # "Avoid: …" and "Never, ever, …" deny what follows
        elif self.quantities:
            self._number_alone()
        self.in_denied_list = item and (self.polarity < 0 or self.in_denied_list)
        self.sequence += self.words
        self.words, self.sides, self.quantities = [], {}, []
        self.orders, self.roles, self.role, self.polarity = [], {}, "", 1
        self.denial = self.condition = self.story = False

    def _keep(self) -> None:
        if len(self.clauses) == _MOST_CLAUSES:
            self.whole = False
            return
        unknown = self.in_denied_list and not self.denial and len(self.words) <= _SHORT_ITEM
        clause = Clause(
            frozenset(MATTERS.get(word, word) for word in self.words),
            0 if unknown else self.polarity,
            self.condition,
            self.sides,
            tuple(
                (direction, frozenset(self.words[:cut]), frozenset(self.words[cut:]))
                for direction, cut in self.orders
            ),
            self.roles,
            () if self.story else tuple(self.quantities),
        )
        self.clauses.append(clause)

    def _number_alone(self) -> None:
        """A number without words of its own ("It hung. For 17 days.") goes to what is before."""
        last = Clause(frozenset(), 1, self.condition, {}, (), {}, ())
        if self.clauses:
            last = self.clauses.pop()
        self.clauses.append(replace(last, quantities=(*last.quantities, *self.quantities)))

    def reading(self, *, passive: bool) -> Reading:
        """What was gathered."""
        return Reading(
            tuple(self.clauses),
            self.whole,
            tuple(self.sequence),
            frozenset(self.sequence),
            self.negations,
            passive,
            self.permits,
            tuple(self.persons),
            tuple(one for clause in self.clauses for one in clause.quantities),
        )


def _sets_order(sentence: list[str], place: int) -> bool:
    """Whether the order of what is on both sides of the word counts; not of "over 100 dollars"."""
    word = sentence[place]
    if word == "to":
        return not PREFERRING.isdisjoint(sentence[:place])
    number = place + 1 < len(sentence) and begins_quantity(sentence[place + 1])
    return word in ORDER and not (number and word in ("over", "than"))


def _denies(word: str, after: str) -> bool:
    """Whether *word*, with *after* behind it, turns its clause round."""
    if word in DENYING_WORDS:
        return True
    root = stem(word)
    return root in DENYING_VERBS or (root in ENDING_VERBS and after.endswith("ing"))

"""Numbers with what they count, in one unit: 5 s, 5000 ms and five seconds are one quantity.

Pure. Dates, years and codes are names, not quantities; they stay words.
"""

import re
from dataclasses import dataclass
from typing import Final

# A unit by its names, what it measures, and its size in the smallest unit of that. Months and years
# have their mean length; powers of 1024 and of 1000 are not told apart, as hardly anybody does.
_UNIT_LINES: Final = """
    time 0.001 ms msec msecs millisecond milliseconds
    time 1 s sec secs second seconds
    time 60 m min mins minute minutes
    time 3600 h hr hrs hour hours
    time 86400 d day days
    time 604800 w week weeks
    time 2629800 month months
    time 31557600 y year years
    size 1 byte bytes
    size 1024 kb kib kilobyte kilobytes
    size 1048576 mb mib megabyte megabytes
    size 1073741824 gb gib gigabyte gigabytes
    size 1099511627776 tb tib terabyte terabytes
    share 1 % percent pct
    dollars 1 $ usd dollar dollars
    euros 1 € eur euro euros
    times 1 times x
"""
_UNITS: Final[dict[str, tuple[str, float]]] = {
    name: (dimension, float(factor))
    for dimension, factor, *names in map(str.split, _UNIT_LINES.strip().splitlines())
    for name in names
}
_SCALES: Final = {"k": 1e3, "thousand": 1e3, "million": 1e6, "billion": 1e9, "dozen": 12.0}
_COUNTED: Final = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty
"""
_TENS: Final = "thirty forty fifty sixty seventy eighty ninety hundred"
_NUMBER_WORDS: Final = {word: float(number) for number, word in enumerate(_COUNTED.split())} | {
    word: float(number) for number, word in zip(range(30, 101, 10), _TENS.split(), strict=True)
}
_NUMBER: Final = re.compile(r"([$€]?)(\d{1,15}(?:[.,:]\d{1,15}){0,4})([a-z%$€]{0,12})")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+")
_MONTHS: Final = frozenset(
    {"january", "february", "march", "april", "may", "june", "july", "august", "september"}
    | {"october", "november", "december"}
)
# A number after one of these names something; it does not measure it.
_LABELS: Final = frozenset(
    {"http", "status", "code", "error", "errno", "exit", "rfc", "cve", "issue", "ticket"}
    | {"section", "chapter", "page", "figure", "step"}
)
# A number of four digits after one of these is no year.
_MEASURING: Final = frozenset({"port", "of", "most", "atmost", "atleast", "above", "below"})
_YEARS: Final = range(1_970, 2_100)
# Two quantities this near each other are one: a month and 30 days are.
_TOLERANCE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that a clause gives.

    Attributes:
        dimension: What its unit measures; empty without a unit.
        value: In that dimension's smallest unit.
        text: As it is written, for a reader; versions are compared by it.
        beside: The words before and after it, which say what is counted where no unit does.
        soft: Whether it is the word "one", which often is no number.
    """

    dimension: str
    value: float
    text: str
    beside: tuple[str, str]
    soft: bool = False

    def equals(self, other: "Quantity") -> bool:
        """Whether both are the same amount, to within two per cent."""
        if self.dimension != other.dimension:
            return False
        if not self.dimension and "." in self.text and "." in other.text:
            return self.text == other.text
        return abs(self.value - other.value) <= _TOLERANCE * max(abs(self.value), abs(other.value))

    def measures_as(self, other: "Quantity") -> bool:
        """Whether both measure one sort of thing, by their units or the words beside them."""
        if self.dimension or other.dimension:
            return self.dimension == other.dimension
        return any(
            word and word == also for word, also in zip(self.beside, other.beside, strict=True)
        )


def begins_quantity(word: str) -> bool:
    """Whether *word* may be a number; quick, for every word of a text."""
    return word[0].isdecimal() or word[0] in "$€" or word in _NUMBER_WORDS


def quantity(words: list[str], place: int) -> tuple[Quantity | None, int]:
    """The quantity that begins at *place*, and how many words it takes; none is (None, 0).

    >>> quantity(["wait", "five", "seconds"], 1)[0].value
    5.0
    """
    before = words[place - 1] if place else ""
    number = _number(words[place])
    if number is None or before in _MONTHS or before in _LABELS:
        return None, 0
    value, unit, digits = number
    end = place + 1
    if not unit and _at(words, end) in _SCALES:
        value *= _SCALES[words[end]]
        end += 1
    if not unit and _at(words, end) in _UNITS:
        unit = words[end]
        end += 1
    after = _at(words, end)
    if not unit and after in _MONTHS:
        return None, 0
    if not unit and after in ("to", "and", "or") and _at(words, end + 2) in _UNITS:
        unit = words[end + 2]  # "5 to 10 seconds": both are seconds
    if unit in _SCALES and unit not in _UNITS:
        value, unit = value * _SCALES[unit], ""
    if unit and unit not in _UNITS:
        return None, 0  # 3rd, 5xx: a word
    if not unit and len(digits) == 4 and value in _YEARS and before not in _MEASURING:
        return None, 0
    dimension, factor = _UNITS.get(unit, ("time of day" if ":" in digits else "", 1.0))
    beside = ("", "") if dimension else (before, after)
    shown = " ".join(words[place:end])
    return Quantity(dimension, value * factor, shown, beside, words[place] == "one"), end - place


def _at(words: list[str], place: int) -> str:
    return words[place] if place < len(words) else ""


def _number(word: str) -> tuple[float, str, str] | None:
    """Value, unit and digits of *word*: "500ms" is 500, "ms", "500"; of a version, two parts."""
    if word in _NUMBER_WORDS:
        return _NUMBER_WORDS[word], "", ""
    found = _NUMBER.fullmatch(word)
    if found is None:
        return None
    sign, digits, unit = found.groups()
    unit = unit or sign
    if ":" in digits:
        parts = [float(part) for part in re.split("[.,:]", digits)]
        return parts[0] * 60 + parts[1], unit, digits
    if _THOUSANDS.fullmatch(digits):
        return float(digits.replace(",", "")), unit, digits
    return float(".".join(re.split("[.,]", digits)[:2])), unit, digits

"""The words by which assertions are told apart: what denies, opposes, stands for, or says nothing.

English only. In other languages nothing is seen to be denied or opposed, and what is not spelled
alike has words of its own.
"""

from functools import lru_cache
from typing import Final

# Endings that do not change what a word means, longest first, and what is put in their place.
_ENDINGS: Final = (
    ("ies", "y"),
    ("ied", "y"),
    ("ings", ""),
    ("ing", ""),
    ("sses", "ss"),
    ("ly", ""),
    ("ed", ""),
    ("es", ""),
    ("s", ""),
)
_SHORTEST_STEM: Final = 3
# Forms that no ending explains, each after its base.
_FORMS: Final = """
    write wrote written | send sent | keep kept | show shown | choose chose chosen | build built
    run ran | break broke broken | give gave given | take took taken | make made | lose lost
    find found | leave left | tell told | hold held | see seen saw | go gone goes went
"""
_BASES: Final = {form: base for base, *forms in map(str.split, _FORMS.split("|")) for form in forms}


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """*word* without the endings of number, person and tense, and without a last ``e``.

    >>> [stem(word) for word in ("retries", "retried", "stopping", "caches", "less", "gpt4s")]
    ['retry', 'retry', 'stop', 'cach', 'less', 'gpt4s']
    """
    word = _BASES.get(word, word)
    if not word.isalpha() or word.endswith(("ss", "us", "is")):
        return word
    for ending, instead in _ENDINGS:
        shortest = _SHORTEST_STEM + (ending == "ly")
        if word.endswith(ending) and len(word) - len(ending) + len(instead) >= shortest:
            word = word[: -len(ending)] + instead
            # "stopp" of "stopping", but not "pass" of "passing".
            if ending in ("ing", "ed") and word[-1] == word[-2] and word[-1] not in "aeiousl":
                word = word[:-1]
            break
    return word[:-1] if word.endswith("e") and len(word) > _SHORTEST_STEM else word


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def _stems(words: str) -> frozenset[str]:
    return frozenset(map(stem, _listed(words)))


def _groups(lines: str) -> list[str]:
    """What stands on each line, and between bars."""
    return [group.strip() for group in lines.replace("\n", "|").split("|") if group.strip()]


# Several words that do the work of one: that one, and on the right of it all it is read for.
_PHRASES: Final = """
    not = no longer | not any more | not anymore | no need to | need not | need no | needs no
    not = do not need to | does not need to | do not have to | does not have to | a mistake to
    not = wrong to | a bad idea to | not a good idea to | not safe to | under no circumstances
    not = on no account | not allowed | not permitted | not necessarily | fail to | fails to
    atmost = no more than | not more than | no longer than | no later than | not longer than
    atmost = at most | at the most | up to | a maximum of
    atleast = no less than | no fewer than | not less than | at least | a minimum of
    insteadof = instead of | rather than | as opposed to | in place of
    above = more than | larger than | greater than | bigger than | higher than | longer than
    below = less than | fewer than | smaller than | lower than | shorter than
    omit = leave out | leaves out | leaving out | left out
    singly = one by one | one at a time | one after another | one after the other
    before = prior to | ahead of
    one = single | sole
    only = reserved for | nothing but
    disable = turn off | turned off | turning off | switch off | switched off | switching off
    enable = turn on | turned on | turning on | switch on | switched on | switching on
    percent = per cent
    each = every single
    deploy = roll out | rolled out | rolling out | ship out
    30 seconds = half a minute
    30 minutes = half an hour
    12 hours = half a day
    6 months = half a year
    50 percent = half of
    email = e mail
    timeout = time out
    current = up to date
    = not only | not just | no matter | no doubt | no exceptions | no exception | whether or not
    = make sure | be sure | take care | see to it | keep in mind | bear in mind | note that
    = remember to | as a rule | in general | in our experience | in my experience | our experience
    = of course | we learned | we have learned | it is important | it is best | it pays to
    = it is wise to | whatever you do | lesson learned | my advice | our advice | for the record
    = once a | at all times | in order to | as well as
"""
PHRASES: Final = {
    phrase.strip(): f" {line.partition('=')[0].strip()} "
    for line in _PHRASES.strip().splitlines()
    for phrase in line.partition("=")[2].split("|")
}

# Each turns round what its clause says. "Never" and "skip" do not add up in speech, but do here:
# "never skip" asks for what "always run" asks for.
DENYING_WORDS: Final = frozenset(
    _listed(
        """not no never without nobody none nothing neither cannot nowhere unacceptable taboo noone
        non dont doesnt wont cant"""
    )
)
DENYING_VERBS: Final = _stems(
    """avoid skip omit forbid forbidden prohibit ban banned disallow refrain prevent forget neglect
    bypass refuse deny denied distrust disable"""
)
# These do so before a verb: "stop polling", but not "stop the job".
ENDING_VERBS: Final = _stems("stop quit cease halt")

# Words between whose two sides the order counts, and which way.
ORDER: Final = {
    "before": 1,
    "until": 1,
    "within": 1,
    "after": -1,
    "than": 1,
    "over": 1,
    "insteadof": 1,
    "once": -1,
}
# After one of these, "to" is such a word: prefer one thing to another.
PREFERRING: Final = frozenset(_listed("prefer prefers preferred preferring"))
# What stands after one of these is where something comes from, goes to, or who does it.
ROLES: Final = {"from": "from", "to": "to", "into": "to", "onto": "to", "by": "by"}
# These leave to somebody what others demand.
PERMITTING: Final = frozenset(
    _listed("may might can let lets allow allows allowed permit permits permitted optional")
)
# Who is spoken of: the one who speaks, or the one spoken to.
PERSONS: Final = dict.fromkeys(_listed("i me my mine we us our ours"), 1) | dict.fromkeys(
    _listed("you your yours"), 2
)

# A clause begins; those of the second set make it a condition.
OPENERS: Final = frozenset(
    _listed("but because since so although though which who whose that then whereas")
)
CONDITIONS: Final = frozenset(_listed("if when whenever unless while where provided"))

# Nothing is told apart by these: articles, pronouns, modal and auxiliary verbs, prepositions.
FUNCTION_WORDS: Final = frozenset(
    _listed(
        """a an the this that these those it its itself they them their he his him she her hers i me
        my we us our ours you your yours own one ones who whom whose which what there here is am are
        was were be been being do does did doing done have has had having can could may might must
        shall should will would ought of to in on at by for from with into onto as and or nor so
        then than each every all any such either also too anybody anyone somebody
        someone everybody everyone however through about between within per
        via if when whenever while where because since although though but yet s t re ve ll d m"""
    )
)
# Words that stress, soften or fill, and verbs so general that their object says what is meant.
FILLING: Final = _stems(
    """please always generally usually normally typically really very quite simply just strictly
    absolutely certainly definitely ever again even still indeed basically clearly certain sure
    ensure note remember use using employ utilise utilize make get go goes gone need require want
    try set put necessary important best good recommend advise prefer allow let permit enable"""
)

_SYNONYMS: Final = """
    alarm alert | alter change modify | begin start launch initiate | build construct | cap limit
    choose pick select | chore job task | complete finish | conflict disagree contradict
    decide determine | delete remove erase | deploy ship release rollout publish
    display show present | email mail | employee staff | error fault | expire lapse
    fast quick rapid speedy | fix repair mend | give provide hand supply | halt stop
    host machine | human person people | incident outage | keep retain preserve | node server
    picture image | reboot restart | record write | roll rotate | run execute perform
    send transmit dispatch | verify validate check confirm | wait pause | wrong incorrect
    authorise authorize approve approval approved | large big huge | small little tiny
    buy purchase | gauge measure | under below less fewer | above more exceed | increase raise
    decrease reduce lower | overnight night
"""
_SAME: Final = {
    member: min(map(stem, _listed(group)))
    for group in _groups(_SYNONYMS)
    for member in map(stem, _listed(group))
}


@lru_cache(maxsize=16_384)
def concept(word: str) -> str:
    """The stem of *word*, or that of another word of the same meaning.

    >>> concept("deleting") == concept("remove"), concept("retries")
    (True, 'retry')
    """
    found = stem(word)
    return _SAME.get(found, found)


# Verbs that add little to their object: keep, run or hold two reviews is to have two reviews. One
# that only one of two texts has is no difference.
LIGHT_VERBS: Final = frozenset(map(concept, _listed("keep run write take hold carry happen come")))

# Each pair of sides that a matter can be taken from. A word may be a side of several.
_OPPOSITES: Final = """
    increase grow widen lengthen higher upgrade / decrease shrink narrow shorten downgrade
    more atleast minimum min / less atmost maximum max | first / last | early earlier / late later
    fast / slow | high / low | large larger / small smaller | long longer / short shorter
    open / close closed | start / stop | add / remove | keep / delete discard drop | up / down
    on / off | allow permit / block | accept / reject | include / exclude | import / export
    encrypt / decrypt | automatic auto / manual | synchronous / asynchronous | public / private
    internal / external | cheap cheapest / expensive costly | safe / unsafe dangerous harmful
    same identical / different | old / new | most / least | many / few | push / pull
    all each every always / sometimes | lock / unlock | trust / suspect | hide / show
    strict / lenient | hard / soft | central centralise centralize / local decentralise decentralize
    mandatory compulsory / optional | create / destroy | improve better / degrade worsen worse
    succeed success / fail failure | win / lose | lead / follow | serial sequential / parallel
    often frequent / rare seldom
"""


def _sides() -> dict[str, tuple[tuple[int, int], ...]]:
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for number, pair in enumerate(_groups(_OPPOSITES)):
        for sign, words in zip((1, -1), pair.split("/"), strict=True):
            for side in map(concept, _listed(words)):
                found[side] = (*found.get(side, ()), (number, sign))
    return found


# Concept → each pair it is a side of, and which side.
SIDES: Final = _sides()


def _matters() -> dict[str, str]:
    """Concepts with an opposite → one name for all that are tied by opposites."""
    name = {number: number for sides in SIDES.values() for number, _ in sides}
    for sides in SIDES.values():
        tied = {name[number] for number, _ in sides}
        name = {number: min(tied) if one in tied else one for number, one in name.items()}
    return {word: f"±{name[sides[0][0]]}" for word, sides in SIDES.items()}


# Concept → the matter that it is a side of: the same for "add", "remove", "delete" and "keep".
MATTERS: Final = _matters()

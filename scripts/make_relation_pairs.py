"""Make tests/data/relation_pairs.jsonl: pairs of assertions with how one stands to the other.

    python scripts/make_relation_pairs.py

Sentences of the seed are varied by rule: said in other words, denied, given another number, a
condition, another object; beside them pairs of different records, at random and nearest by cosine,
and pairs written by hand. Half of the seed's records make the test half; ways marked there as
unseen are used in that half alone, so that it also shows what was not thought of.

Deterministic. The cosines are of the shipped encoder.
"""

import hashlib
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from relation_pair_ways import (
    CONDITIONS,
    CONTRACTED,
    DENIALS,
    FILLERS,
    LIMITS,
    OBJECTS,
    OPPOSITES,
    SAME_DENIALS,
    SYNONYMS,
    UNITS,
    Ways,
)
from relation_pairs_by_hand import BY_HAND, LATER

from lessonbase.encoders.choose import make_encoder
from lessonbase.ports import Encoder

ROOT: Final = Path(__file__).parents[1]
SEED: Final = ROOT / "data" / "seed_lessons.jsonl"
PAIRS: Final = ROOT / "tests" / "data" / "relation_pairs.jsonl"
# Fields of a record whose sentences are told to do something.
FIELDS: Final = ("advice", "rule", "prevention", "recovery")
VERBS: Final = frozenset(
    word
    for line in (
        "add alert allow answer ask automate block bring build call cancel change check choose",
        "claim close compare count create cut deploy disable downgrade drop escape evaluate",
        "exercise feed find flag give go grant hide honour keep label let limit list listen log",
        "look make measure move name open page pass patch pick pin print pull push put read",
        "rebuild record redeploy remove render renew repair repeat replace restate restore",
        "restrict retrieve return revert review revoke rewrite roll run send separate set share",
        "ship show shrink spread stamp start store switch take tell test throttle time track",
        "treat trust turn undo upgrade use verify withdraw write",
    )
    for word in line.split()
)
# Verbs whose last letter is doubled before -ing.
DOUBLED: Final = frozenset({"cut", "drop", "let", "log", "pin", "put", "run", "set", "ship"})


class Claim(NamedTuple):
    """A sentence of the seed, and which record and half it belongs to."""

    record: str
    test: bool
    text: str


class Pair(NamedTuple):
    """A labelled pair, before its cosine is known."""

    label: str
    how: str
    new: str
    old: str
    test: bool


def in_test(name: str) -> bool:
    """Whether what is called *name* is in the test half."""
    return hashlib.blake2b(name.encode(), digest_size=1).digest()[0] % 2 == 1


def claims() -> list[Claim]:
    """Sentences of the seed of 5 to 40 words, in the order of the file."""
    found = []
    for line in SEED.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        for field in FIELDS:
            found += [
                Claim(record["id"], in_test(record["id"]), text)
                for text in re.split(r"(?<=[.!?])\s+(?=[A-Z])", record.get(field, ""))
                if 5 <= len(text.split()) <= 40
            ]
    return found


def is_order(text: str) -> bool:
    """Whether *text* begins with a verb that it tells to do."""
    return text.split()[0].strip(",:;.").lower() in VERBS and " but " not in text


def bare(text: str) -> str:
    """*text* as it continues a sentence: small, without its full stop."""
    return text[0].lower() + text[1:].rstrip(".")


def gerund(text: str) -> str:
    """*text*, which begins with a verb, with that verb's -ing form: "running the tests"."""
    verb, _, rest = text.partition(" ")
    stem = verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb
    return f"{stem + verb[-1] if verb in DOUBLED else stem}ing {rest}"


def filled(frame: str, text: str) -> str:
    """*frame* with *text* in its gap, as a sentence."""
    inner = bare(text)
    made = frame.replace("{ing}", gerund(inner)).replace("{}", inner)
    return made[0].upper() + made[1:] + "."


def choose(ways: Ways, turn: int, *, test: bool) -> str:
    """One of *ways* by turns; the unseen ones in the test half alone."""
    known = ways[0] + ways[1] if test else ways[0]
    return known[turn % len(known)]


def swapped(
    text: str, words: tuple[dict[str, str], dict[str, str]], *, test: bool, turn: int
) -> tuple[str, str]:
    """*text* with one word swapped, and the word; itself if it has none of them."""
    table = words[0] | words[1] if test else words[0]
    found = [word for word in table if re.search(rf"\b{word}\b", text, re.IGNORECASE)]
    if not found:
        return text, ""
    word = found[turn % len(found)]
    made = re.sub(rf"\b{word}\b", table[word], text, count=1, flags=re.IGNORECASE)
    return made[0].upper() + made[1:], word


def same(claim: Claim, turn: int) -> Iterator[Pair]:
    """What says the same: notation, contraction, a synonym, filler, the clauses turned round."""
    text, test = claim.text, claim.test
    notations: tuple[Callable[[str], str], ...] = (
        str.upper,
        lambda one: one.rstrip(".") + " !",
        lambda one: "“" + one + "”",
        lambda one: one.replace(", ", " – ", 1),
        lambda one: one.replace(" ", "  ").lower(),
    )
    if turn % 4 == 0:
        yield Pair("duplicate", "notation", notations[turn // 4 % len(notations)](text), text, test)
    for full, short in CONTRACTED:
        if full in text.lower():
            made = re.sub(full, short, text, flags=re.IGNORECASE)
            yield Pair("duplicate", "contraction", made[0].upper() + made[1:], text, test)
            break
    made, word = swapped(text, SYNONYMS, test=test, turn=turn)
    if word and turn % 4 in (0, 2):
        yield Pair("duplicate", f"synonym of {word}", made, text, test)
    begun = re.fullmatch(r"(When|If|Before|After|Until|Where) ([^,:;]+), ([^,:;]+)\.", text)
    if begun:
        made = f"{begun[3][0].upper()}{begun[3][1:]} {begun[1].lower()} {begun[2]}."
        yield Pair("duplicate", "clauses turned", made, text, test)
    ended = re.fullmatch(r"([^,:;]+) (when|if|before|after|until) ([^,:;]+)\.", text)
    if ended and is_order(text):
        made = f"{ended[2].capitalize()} {ended[3]}, {bare(ended[1])}."
        yield Pair("duplicate", "clauses turned", made, text, test)
    if is_order(text) and turn % 4 == 1:
        frame = choose(FILLERS, turn // 4, test=test)
        yield Pair("duplicate", f"filler: {frame}", filled(frame, text), text, test)
    if is_order(text) and turn % 9 == 0:
        one, other = SAME_DENIALS[turn // 9 % len(SAME_DENIALS)]
        yield Pair(
            "duplicate",
            f"denied twice: {one} / {other}",
            filled(one, text),
            filled(other, text),
            test,
        )
    if is_order(text) and turn % 7 == 3:
        one, other = UNITS[turn // 7 % len(UNITS)]
        yield Pair("duplicate", f"unit: {other}", filled(one, text), filled(other, text), test)


def other(claim: Claim, turn: int) -> Iterator[Pair]:
    """What does not: denied, turned into its opposite, another number, a condition, an object."""
    text, test = claim.text, claim.test
    made, word = swapped(text, OPPOSITES, test=test, turn=turn)
    if word and turn % 3 == 0:
        yield Pair("contradicts", f"opposite of {word}", made, text, test)
    made, word = swapped(text, OBJECTS, test=test, turn=turn)
    if word and turn % 3 == 1:
        yield Pair("new", f"object: {word}", made, text, test)
    if not is_order(text):
        return
    if turn % 3 in (0, 1):
        frame = choose(DENIALS, turn // 3, test=test)
        new, old = filled(frame, text), text
        yield Pair(
            "contradicts", f"denied: {frame}", *((new, old) if turn % 2 else (old, new)), test
        )
    if turn % 4 == 2:
        one, another = LIMITS[turn // 4 % len(LIMITS)]
        yield Pair(
            "contradicts", f"number: {another}", filled(one, text), filled(another, text), test
        )
    if turn % 3 == 2:
        frame = choose(CONDITIONS, turn // 3, test=test)
        yield Pair("refines", f"condition: {frame}", filled(frame, text), text, test)


def apart(found: list[Claim], encoder: Encoder, chance: random.Random) -> Iterator[Pair]:
    """Claims of different records: the nearest by cosine, and any."""
    vectors = encoder.encode_documents([claim.text for claim in found]).vectors
    cosines = vectors @ vectors.T
    names = np.array([claim.record for claim in found])
    cosines[names[:, None] == names[None, :]] = -1
    cosines[np.tril_indices(len(found))] = -1
    for flat in np.argsort(-cosines, axis=None, kind="stable")[:120]:
        one, another = (found[int(index)] for index in np.unravel_index(int(flat), cosines.shape))
        yield Pair("new", "nearest", one.text, another.text, in_test(one.record + another.record))
    for _ in range(80):
        one, another = chance.sample(found, 2)
        if one.record != another.record:
            yield Pair(
                "new", "random", one.text, another.text, in_test(one.record + another.record)
            )


def pairs(encoder: Encoder) -> list[Pair]:
    """All pairs, in a fixed order."""
    chance = random.Random(20_260_302)  # noqa: S311
    found = claims()
    return [
        *(pair for turn, claim in enumerate(found) for pair in same(claim, turn)),
        *(pair for turn, claim in enumerate(found) for pair in other(claim, turn)),
        *apart(found, encoder, chance),
        *(Pair(label, "by hand", new, old, in_test(new + old)) for label, new, old in BY_HAND),
        *(Pair(label, "by hand, later", new, old, True) for label, new, old in LATER),
    ]


def main() -> None:
    """Write the file."""
    encoder = make_encoder("onnx:all-MiniLM-L6-v2")
    made = pairs(encoder)
    news, olds = (
        encoder.encode_documents(list(texts)).vectors
        for texts in zip(*((pair.new, pair.old) for pair in made), strict=True)
    )
    with PAIRS.open("w", encoding="utf-8") as file:
        for number, (pair, cosine) in enumerate(zip(made, (news * olds).sum(axis=1), strict=True)):
            row = {
                "id": f"pair-{number:04}",
                "split": "test" if pair.test else "dev",
                "label": pair.label,
                "how": pair.how,
                "new": pair.new,
                "old": pair.old,
                "cosine": round(float(cosine), 3),
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

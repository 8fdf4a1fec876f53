"""English words that say nothing about what a text is about, left out of the words index.

Function words, and those of polite requests: people ask agents in sentences. With them in, a
request such as "could you help me find …" matches whatever is worded politely: nDCG@10 of words
alone on requests rose from .449 to .512 (dev split, benchmarks/README.md).
"""

from typing import Final

_WORDS: Final = """
    a an the and but if or because as until while of at by for with about against between into
    through during before after above below to from up down in out on off over under again further
    then once here there when where why how all any both each few more most other some such no nor
    not only own same so than too very
    i me my myself we us our ours ourselves you your yours yourself yourselves he him his himself
    she her hers herself it its itself they them their theirs themselves what which who whom this
    that these those
    am is are was were be been being have has had having do does did doing would should could ought
    can will just may might shall must
    s t m d ve ll re don im id ive
    please want need like help know tell give get let also
"""
STOP_WORDS: Final = tuple(_WORDS.split())

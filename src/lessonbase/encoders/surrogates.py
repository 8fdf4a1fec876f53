"""Text that is not Unicode: what to do with halves of a surrogate pair, which no tokenizer takes."""


def without_surrogates(text: str) -> str:
    """*text* with each lone surrogate as a question mark.

    >>> without_surrogates("a\\ud800b")
    'a?b'
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()

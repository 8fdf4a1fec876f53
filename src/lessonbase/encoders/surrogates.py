"""Lone halves of a surrogate pair: text that is not Unicode and that no tokenizer takes."""


def without_surrogates(text: str) -> str:
    r"""*text* with each lone surrogate as a question mark.

    >>> without_surrogates("a\ud800b")
    'a?b'
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()

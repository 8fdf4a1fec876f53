"""What redaction finds, what it leaves in its place, and what it gives back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# What stands in a text where something was taken out. Parentheses, a colon without a space and
# lower-case letters mean nothing in a YAML plain scalar, a JSON string, Markdown or CSV.
MARKER: Final = re.compile(r"\(redacted:[a-z_]{1,20}\)")


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret or a piece of personal data in a text.

    Attributes:
        kind: password, key (of a service, a token, a session), private_key, email, phone, card,
            iban, ssn, ip or user (a person's name in a home path).
        start: Where it begins, in characters; its label is left out.
        end: Where it ends, exclusive; after *start*.
    """

    kind: str
    start: int
    end: int

    @property
    def marker(self) -> str:
        """What is written in its place."""
        return f"(redacted:{self.kind})"


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets.

    Attributes:
        text: With a marker in place of each finding.
        counts: Kind → how many were taken out; empty if the text is as it was.
    """

    text: str
    counts: Mapping[str, int]

"""The identity of an encoder: vectors are comparable only if it is the same to the letter."""

import hashlib

from lessonbase.records.fields import Model


class Fingerprint(Model):
    """All that decides which vector a text gets."""

    name: str
    revision: str
    dimension: int
    pooling: str
    query_prefix: str = ""
    document_prefix: str = ""
    precision: str = "fp32"

    @property
    def key(self) -> str:
        """Hash of all fields: 16 hexadecimal digits."""
        return hashlib.blake2b(self.model_dump_json().encode(), digest_size=8).hexdigest()

    def __str__(self) -> str:
        return f"{self.name}@{self.revision[:12]} ({self.dimension}-d, {self.precision})"

"""All configuration, and the only reader of the environment."""

from pathlib import Path
from typing import Any, Self

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from lessonbase.errors import InvalidInput


class Settings(BaseSettings):
    """Read from ``LESSONBASE_*``, then ``lessonbase.env``, then these defaults; then frozen."""

    model_config = SettingsConfigDict(
        env_prefix="LESSONBASE_", env_file="lessonbase.env", extra="forbid", frozen=True
    )

    home: Path = Field(
        default_factory=lambda: user_data_path("lessonbase"),
        description="Directory of the base.",
    )
    space: str = Field(default="default", description="Tenant to work in.")
    agent: str | None = Field(default=None, description="Agent to act as.")
    team: str | None = Field(default=None, description="Team to act for.")
    encoder: str = Field(
        default="onnx:all-MiniLM-L6-v2", description="Text encoder, as <backend>:<model>."
    )
    url: str | None = Field(
        default=None,
        description="Address of an owner elsewhere, such as http://10.0.0.5:8321; needs a key.",
    )
    key: SecretStr | None = Field(
        default=None, description="Key for that owner; it fixes space, agent, teams and role."
    )
    request_timeout_s: float = Field(
        default=30.0, gt=0, description="Longest call to an owner, starting one included."
    )
    idle_exit_s: float = Field(
        default=900.0, gt=0, description="Idle time after which an owner that we start ends."
    )
    lock_timeout_s: float = Field(
        default=10.0, ge=0, description="Longest wait for another process to let go of the base."
    )
    refill_grace_s: float = Field(
        default=2.0,
        ge=0,
        description="Longest wait, when closing, for an index that is being refilled.",
    )
    apply_threshold: float = Field(
        default=0.7, ge=0, le=1, description="Relevance from which a briefing says `apply`."
    )
    consider_threshold: float = Field(
        default=0.5, ge=0, le=1, description="Relevance below which nothing is returned."
    )
    writers_propose: bool = Field(
        default=False,
        description="What writers add waits until a curator accepts it or another agent says it "
        "too; if not, only what no known agent answers for does.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.consider_threshold > self.apply_threshold:
            raise ValueError("consider_threshold is above apply_threshold")
        return self


def read_settings(**given: Any) -> Settings:
    """The settings in force; what is *given* comes before the environment.

    Raises:
        InvalidInput: If a variable has a value that cannot be used; each is named.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        faults = "; ".join(
            f"LESSONBASE_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
            for fault in error.errors()
        )
        raise InvalidInput(
            faults, hint="`lessonbase doctor --settings` prints every setting; docs/settings.md"
        ) from error

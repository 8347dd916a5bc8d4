"""Which documents to look in, as fields of JSON: of a tool's arguments and of a request's body."""

from typing import Any, TypeAlias

from pydantic import BaseModel, Field

from askreport.types import Filter

_Names: TypeAlias = list[str] | None
# Documented only: what chooses documents says more of what is wrong.
DATE: dict[str, Any] = {"pattern": "^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?$"}


class FilterFields(BaseModel):
    """Which documents to look in; without any of these, all."""

    documents: _Names = Field(default=None, min_length=1, description="Only these: ids, or paths in the library")
    folders: _Names = Field(default=None, min_length=1, description="Only in these folders, or of `documents`")
    tags: _Names = Field(default=None, min_length=1, description="Only with one of these tags")
    kinds: _Names = Field(default=None, min_length=1, description="Only of one of these formats, by ending: `pdf`")
    languages: _Names = Field(default=None, min_length=1, description="Only in one of these languages (ISO 639-1)")
    since: str = Field(
        default="", description="Only from this date on: YYYY, YYYY-MM or YYYY-MM-DD", json_schema_extra=DATE
    )
    until: str = Field(
        default="", description="Only up to this date, included: YYYY, YYYY-MM or YYYY-MM-DD", json_schema_extra=DATE
    )

    def filter(self) -> Filter:
        """The filter that the fields say."""
        return Filter(
            documents=tuple(self.documents or ()),
            folders=tuple(self.folders or ()),
            tags=tuple(self.tags or ()),
            kinds=tuple(self.kinds or ()),
            languages=tuple(self.languages or ()),
            since=self.since,
            until=self.until,
        )

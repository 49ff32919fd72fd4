"""Mirascope 1's classes for token counts and for the price of a call."""

from pydantic import BaseModel, ConfigDict

__all__ = [
    "AudioMetadata",
    "CostMetadata",
    "GoogleMetadata",
    "ImageMetadata",
    "PDFImageMetadata",
    "PDFMetadata",
    "Usage",
    "VideoMetadata",
]


class Usage(BaseModel):
    """Token counts, named the same for every provider."""

    input_tokens: int
    """Tokens of the prompt, including those read from a cache."""
    cached_tokens: int
    """Tokens of the prompt that were read from a cache."""
    output_tokens: int
    """Tokens of the answer."""
    total_tokens: int
    """`input_tokens` plus `output_tokens`."""


class ImageMetadata(BaseModel):
    """The properties of an image that its price depends on."""

    width: int
    """In pixels."""
    height: int
    """In pixels."""
    tokens: int | None = None
    detail: str | None = None


class VideoMetadata(BaseModel):
    """The properties of a video that its price depends on."""

    duration_seconds: float
    with_audio: bool | None = False
    tokens: int | None = None


class AudioMetadata(BaseModel):
    """The properties of a sound recording that its price depends on."""

    duration_seconds: float
    with_timestamps: bool | None = False
    tokens: int | None = None


class PDFImageMetadata(BaseModel):
    """An image on a page of a PDF."""

    width: int
    """In pixels."""
    height: int
    """In pixels."""
    tokens: int | None = None


class PDFMetadata(BaseModel):
    """The properties of a PDF that its price depends on."""

    page_count: int | None = None
    text_tokens: int | None = None
    images: list[PDFImageMetadata] | None = None
    cached: bool | None = None


class GoogleMetadata(BaseModel):
    """The properties that only Google's prices depend on."""

    use_vertex_ai: bool | None = False
    grounding_requests: int | None = None


class CostMetadata(BaseModel):
    """The values that the price of a call is computed from.

    The fields, their types and their defaults are those of Mirascope 1's `CostMetadata`, so a cost function
    accepts either class. A Groq stream fills `input_tokens`, `output_tokens` and `cached_tokens`.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    input_tokens: int | float | None = None
    output_tokens: int | float | None = None
    cached_tokens: int | float | None = None
    streaming_mode: bool | None = None
    cached_response: bool | None = None
    context_length: int | None = None
    """In tokens."""
    realtime_mode: bool | None = None
    region: str | None = None
    tier: str | None = None
    batch_mode: bool | None = None
    images: list[ImageMetadata] | None = None
    videos: list[VideoMetadata] | None = None
    audio: list[AudioMetadata] | None = None
    audio_output: list[AudioMetadata] | None = None
    pdf: PDFMetadata | None = None
    context_cache_tokens: int | None = None
    context_cache_hours: float | None = None
    google: GoogleMetadata | None = None
    realtime_tokens: int | None = None
    cache_write: bool | None = None
    tool_use_tokens: int | None = None
    cost: float | None = None
    """The price itself, if the provider reports it."""

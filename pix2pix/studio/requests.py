"""What the page's scripts and programs send, checked field by field, and the server functions that take it.

A field's description is the message for whoever sends something else.
"""

import asyncio
import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Annotated, Literal, TypeVar

import numpy as np
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, PlainValidator, ValidationError, model_validator

from pix2pix.checkpoint.catalog import check_name, known_models
from pix2pix.checkpoint.config import CheckpointError
from pix2pix.data.framing import SIDE
from pix2pix.studio.errors import RefusedError, refusal_response
from pix2pix.studio.jobs import Request
from pix2pix.studio.pictures import NO_DRAWING, read_drawing

MAX_SEED = 2**31 - 1
# Never a path or another server's URL: what a visitor may name is a known model or a repository of the Hub.
REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
REVISION = re.compile(r"[A-Za-z0-9][\w./-]{0,99}", re.ASCII)
SECRET = re.compile(r"[ -~]{20,100}")


def check_source(source: str) -> str:
    """Check what to pull, with a revision or without: a known model's name, or `owner/name`; return a known model by its name.

    Raise ValueError.
    """
    text = source.strip().removeprefix("https://huggingface.co/").rstrip("/")
    name, at, revision = text.partition("@")
    if (at and not REVISION.fullmatch(revision)) or ".." in text or not (name in known_models() or REPOSITORY.fullmatch(name)):
        raise ValueError(source)
    # The weights of known models do not say themselves what they are.
    return next((known for known, model in known_models().items() if model.source == name), name) + at + revision


def _check_new_name(name: str | None) -> str | None:
    try:
        return check_name(name.strip()) if name else None
    except CheckpointError as error:
        raise ValueError from error


def _secret(value: object) -> str:
    return value if isinstance(value, str) and SECRET.fullmatch(value) else ""


def _printable(text: str) -> str:
    """Return text that can be stored, logged and shown: no control characters and no lone surrogates."""
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise ValueError(text)
    return text


def _ascii(text: str) -> str:
    if not text.isascii():
        raise ValueError(text)
    return _printable(text)


Words = Annotated[str, Field(max_length=100), AfterValidator(_printable)]
Text = Annotated[str, Field(max_length=100), AfterValidator(_ascii)]  # what names something
Switch = Annotated[bool, BeforeValidator(lambda value: value is True)]  # on only if it is `true`
Task = Annotated[Text, Field(description="No model for this task is installed.")]
Page = Annotated[Text | None, AfterValidator(lambda page: page or None)]  # of a page's requests the newest counts
Seed = Annotated[int, Field(ge=0, le=MAX_SEED, description=f"A seed is a whole number from 0 to {MAX_SEED}.")]
Drawing = Annotated[np.ndarray, PlainValidator(read_drawing)]  # from a PNG data URL: 256 x 256 x 3 uint8
Edge = Annotated[int, Field(ge=0, le=SIDE)]
Owner = Annotated[str, BeforeValidator(_secret)]  # a secret of whoever asks; empty for anything that could be guessed


class PageRequest(BaseModel, strict=True, frozen=True, arbitrary_types_allowed=True, validate_default=True):
    """A JSON object. Nothing is converted: `true` is no number, 1 no text."""


class NewsRequest(PageRequest):
    """What the page has already: nothing, if it sends no JSON object."""

    version: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _without(cls, data: object) -> object:
        return data if isinstance(data, dict) else {}


class ExampleRequest(PageRequest):
    """One of a task's ready inputs."""

    task: Task = ""
    seed: Seed = 0


class RunOptions(PageRequest):
    """Which models to run, and how. Without noise the seed is ignored."""

    task: Task = ""
    noise: Switch = False
    seed: Seed = 0
    norm_statistics: Literal["image", "running"] | None = Field(None, description="Norm statistics are either image or running.")

    @model_validator(mode="before")
    @classmethod
    def _without_noise(cls, data: object) -> object:
        return data if not isinstance(data, dict) or data.get("noise") is True else data | {"seed": 0}

    @property
    def noise_seed(self) -> int | None:
        """The seed, None without noise."""
        return self.seed if self.noise else None


class TranslateRequest(RunOptions):
    """A drawing for both models of a task, or for up to two others of its models."""

    drawing: Drawing = Field(description=NO_DRAWING)
    patch_scores: Switch = False
    models: list[Text] | None = Field(None, max_length=2, description="The models are a list of up to two names.")
    page: Page = None
    passing: Switch = False

    def for_engine(self) -> Request:
        """Return the request in the engine's form."""
        models = tuple(self.models or ())
        return Request(self.task, self.drawing, self.noise_seed, self.norm_statistics, self.patch_scores, models, self.page)


class EdgeOptions(PageRequest):
    """How to draw a photo's edges: with the best extractor installed if none is named."""

    extractor: Literal["learned", "classical"] | None = Field(None, description="The extractor is either learned or classical.")
    detail: float = Field(0.5, ge=0, le=1, description="Detail is a number from 0, few strokes, to 1, many.")
    mirror: Switch = False
    # Left, top, right, bottom of the photo on its page. JSON has lists only, which a strict field does not take for a tuple.
    inner: tuple[Edge, Edge, Edge, Edge] = Field(
        (0, 0, SIDE, SIDE), strict=False, description=f"Where the photo lies is four whole numbers from 0 to {SIDE}."
    )


class EdgesRequest(EdgeOptions):
    """The edges of a photo that is on its page."""

    photo: Drawing = Field(description=NO_DRAWING)
    page: Page = None


class PhotoRequest(PageRequest):
    """An uploaded photo."""

    path: Annotated[str, AfterValidator(_printable)] = Field(
        "", max_length=4096, description="The photo did not arrive. Please add it again."
    )
    task: Task = ""
    page: Page = None
    preview: Switch = False


class JobRequest(PageRequest):
    """A large picture that was started."""

    job: Text = Field("", description="This translation was stopped. Please start it again.")


class LookRequest(NewsRequest):
    """News of the Models tab."""

    me: Owner = ""


class ModelRequest(NewsRequest):
    """A model or a run in a list."""

    name: Words = Field("", description="This model is not here any more.")


class SearchRequest(PageRequest):
    """Words that published models have."""

    text: Words = Field("", description="A search has at most 100 letters, all in one line.")


class PullRequest(PageRequest):
    """A model to pull, and what to call it here."""

    source: Annotated[str, Field(max_length=300), AfterValidator(check_source)] = Field(
        "", description="Name a repository of the Hub as owner/name or owner/name@revision, or a known model."
    )
    name: Annotated[str | None, AfterValidator(_check_new_name)] = Field(
        None, description="A model's name is made of letters, digits, dots, hyphens and underscores, at most 100."
    )
    me: Owner = ""


class CancelRequest(PageRequest):
    """The number of a pull."""

    number: int
    me: Owner = ""


AnyRequest = TypeVar("AnyRequest", bound=PageRequest)


def read_request(model: type[AnyRequest], data: object) -> AnyRequest:
    """Check JSON. Raise RefusedError with the sentence of the first field that is wrong."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    reason = first.get("ctx", {}).get("error")
    if isinstance(reason, RefusedError):
        raise reason
    if not first["loc"]:
        raise RefusedError("A request is a JSON object.")
    field = str(first["loc"][0])
    raise RefusedError(model.model_fields[field].description or f"The request's field {field} is missing or not as it should be.")


def request_model(function: Callable) -> type[PageRequest]:
    """Return the model that a function's `request` is annotated with."""
    return function.__annotations__["request"]


def serve(function: Callable, threads: Executor | None = None) -> Callable:
    """Make a server function of the page: JSON in, JSON out, refusals as its `error`.

    `function` takes a `request` of the model that it is annotated with. It is a coroutine, or with `threads` runs in them.
    """
    model = request_model(function)

    async def served(data: object) -> dict:
        try:
            request = read_request(model, data)
            if threads is None:
                return await function(request)
            return await asyncio.get_running_loop().run_in_executor(threads, function, request)
        except RefusedError as refusal:
            return refusal_response(refusal)

    served.__name__ = function.__name__
    return served

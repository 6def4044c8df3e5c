"""What a checkpoint says of itself: config.json, checked field by field."""

import math
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from pix2pix.networks.config import AnyGeneratorArguments, DiscriminatorArguments

FORMAT_VERSION: Final = 1
# What a config may say at most: it may come from anywhere, and reaches every visitor of a studio.
MAX_NAME, MAX_LINE, MAX_TEXT = 100, 1_000, 20_000
# Of a message on a terminal, and of the reason that a studio shows to its visitors.
MAX_MESSAGE, MAX_REASON = 1_500, 300
MAX_CONFIG_BYTES = 1_000_000

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$", max_length=MAX_NAME)]
Line = Annotated[str, Field(max_length=MAX_LINE)]
Text = Annotated[str, Field(max_length=MAX_TEXT)]


def shorten(text: str, limit: int) -> str:
    """Return `text` if it has at most `limit` characters, else its beginning with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 4] + " ..."


class CheckpointError(Exception):
    """A checkpoint cannot be read or written; the message names the file, as `named` does, and what is wrong with it.

    What a file says in its own words is cut: a message has at most `MAX_MESSAGE` characters.
    """

    def __init__(self, message: str):
        super().__init__(shorten(message, MAX_MESSAGE))


def named(path: Path) -> str:
    """Name a checkpoint's file for a message: its folder and its own name.

    The rest of the path is left out, because visitors of the studio may read the message.
    """
    return "/".join(path.absolute().parts[-2:])


def checked_image_range(image_range: tuple[float, float]) -> tuple[float, float]:
    """Return a network's values for black and white unchanged. Raise ValueError if no picture fits between them."""
    low, high = image_range
    if low == high or not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"an image range of {low:g} to {high:g} holds no pictures: name its values for black and white")
    return image_range


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Training(_Record):
    """How the model was trained."""

    data: Line
    pairs: int
    steps: int
    epochs: float
    batch: int
    learning_rate: float
    seed: int
    hours: float
    lambda_: float = Field(alias="lambda")
    gan_loss: Line
    ema: float
    precision: Line
    augment: list[Literal["sketch", "color"]] = []  # what its drawings went through
    init_from: Line | None = None
    command: Text
    code_version: Line


class Metrics(_Record):
    """Measured values, and on which pictures."""

    data: Line
    split: Line
    count: int
    resizing: Line
    values: Annotated[dict[Name, float], Field(max_length=100)]


class Config(_Record):
    """config.json. `norm_statistics`: `image` normalizes each picture by its own mean and variance, as the paper does
    at test time (3.3); `running` by the training set's running averages. `values_a` and `values_b` are what is black and white in
    files of A and B that hold more than 8 bits a channel, None where the data had none.
    """

    format_version: Literal[1] = FORMAT_VERSION
    task: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=MAX_NAME)
    objective: Name
    direction: Literal["AtoB", "BtoA"]
    generator: AnyGeneratorArguments
    discriminator: DiscriminatorArguments | None = None
    image_size: int = Field(256, ge=16, le=4096)
    image_range: Annotated[tuple[float, float], AfterValidator(checked_image_range)] = (-1.0, 1.0)
    norm_statistics: Literal["image", "running"] = "image"
    values_a: Annotated[tuple[float, float], AfterValidator(checked_image_range)] | None = None
    values_b: Annotated[tuple[float, float], AfterValidator(checked_image_range)] | None = None
    training: Training | None = None
    # `licence` until version 0.2
    license: str = Field("unknown", max_length=MAX_LINE, validation_alias=AliasChoices("license", "licence"))
    notes: Text = ""
    metrics: Metrics | None = None


def values_of_inputs(config: Config) -> tuple[float, float] | None:
    """Return what is black and white in files of a model's inputs that hold more than 8 bits a channel."""
    return config.values_a if config.direction == "AtoB" else config.values_b


def read_config(path: Path) -> Config:
    """Read config.json; raise CheckpointError naming the file and each wrong field."""
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise CheckpointError(f"{named(path)} is no config: it has more than {MAX_CONFIG_BYTES:,} bytes")
        return Config.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise CheckpointError(f"{named(path)} is missing: this folder is not a checkpoint") from None
    except OSError as error:
        raise CheckpointError(f"{named(path)} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise CheckpointError(f"{named(path)} is not a valid config: {describe_errors(error)}") from None


def describe_errors(error: ValidationError) -> str:
    """Name the first wrong fields and what is wrong with them, in one line."""
    return "; ".join(f"{'.'.join(map(str, each['loc'])) or 'file'}: {each['msg']}" for each in error.errors()[:3])

"""Arguments of the generators that other projects trained, as config.json holds them under `generator`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    in_channels: int = Field(ge=1, le=64)
    out_channels: int = Field(ge=1, le=64)
    ngf: int = Field(ge=1, le=512)
    norm: Literal["batch", "instance", "none"]
    dropout: float = Field(ge=0, lt=1)


class AuthorsUNetArguments(_Arguments):
    """Arguments of `AuthorsUNet`, under its names."""

    architecture: Literal["authors-unet"] = "authors-unet"
    levels: int = Field(ge=5, le=10)
    bias: bool

    @property
    def summary(self) -> str:
        """One line for the model card."""
        return f"U-Net of {self.levels} levels as in pytorch-CycleGAN-and-pix2pix, ngf={self.ngf}, {self.norm} norm"


class GeneratorUNetArguments(_Arguments):
    """Arguments of `GeneratorUNet`, under its names."""

    architecture: Literal["generator-unet"] = "generator-unet"
    levels: int = Field(ge=4, le=10)
    bias: bool
    upsampling: Literal["deconv", "resize"]

    @property
    def summary(self) -> str:
        """One line for the model card."""
        return f"U-Net of {self.levels} levels as in PyTorch-GAN, ngf={self.ngf}, {self.norm} norm, {self.upsampling} at the end"


class ResNetArguments(_Arguments):
    """Arguments of `ResNetGenerator`, under its names."""

    architecture: Literal["resnet"] = "resnet"
    blocks: int = Field(ge=1, le=32)

    @property
    def levels(self) -> int:
        """Sides must be multiples of 2**levels: two halvings, then two pixels for a block's border to reflect."""
        return 3

    @property
    def summary(self) -> str:
        """One line for the model card."""
        return f"ResNet of {self.blocks} blocks, ngf={self.ngf}, {self.norm} norm"


ForeignArguments = AuthorsUNetArguments | GeneratorUNetArguments | ResNetArguments

"""The arguments of each network, as config.json holds them under `generator` and `discriminator`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GeneratorArguments(_Record):
    """Arguments of `UNet`, under its names."""

    in_channels: int = Field(3, ge=1, le=64)
    out_channels: int = Field(3, ge=1, le=64)
    ngf: int = Field(64, ge=1, le=512)
    levels: int = Field(8, ge=3, le=10)
    norm: Literal["batch", "instance", "none"] = "batch"
    dropout: float = Field(0.5, ge=0, lt=1)
    upsampling: Literal["deconv", "resize"] = "deconv"
    noise_injection: bool = False
    skips: bool = True

    @property
    def summary(self) -> str:
        """One line for the model card."""
        shape = "U-Net" if self.skips else "encoder-decoder"
        noise = ", noise injection" if self.noise_injection else ""
        return f"{shape} of {self.levels} levels, ngf={self.ngf}, {self.norm} norm, {self.upsampling} upsampling{noise}"


class _PortedArguments(_Record):
    in_channels: int = Field(ge=1, le=64)
    out_channels: int = Field(ge=1, le=64)
    ngf: int = Field(ge=1, le=512)
    norm: Literal["batch", "instance", "none"]
    dropout: float = Field(ge=0, lt=1)


class AuthorsUNetArguments(_PortedArguments):
    """Arguments of `AuthorsUNet`, under its names."""

    architecture: Literal["authors-unet"] = "authors-unet"
    levels: int = Field(ge=5, le=10)
    bias: bool

    @property
    def summary(self) -> str:
        """One line for the model card."""
        return f"U-Net of {self.levels} levels as in pytorch-CycleGAN-and-pix2pix, ngf={self.ngf}, {self.norm} norm"


class GeneratorUNetArguments(_PortedArguments):
    """Arguments of `GeneratorUNet`, under its names."""

    architecture: Literal["generator-unet"] = "generator-unet"
    levels: int = Field(ge=4, le=10)
    bias: bool
    upsampling: Literal["deconv", "resize"]

    @property
    def summary(self) -> str:
        """One line for the model card."""
        return f"U-Net of {self.levels} levels as in PyTorch-GAN, ngf={self.ngf}, {self.norm} norm, {self.upsampling} at the end"


class ResNetArguments(_PortedArguments):
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


AnyPortedArguments = AuthorsUNetArguments | GeneratorUNetArguments | ResNetArguments


def _architecture(value: Any) -> str:
    """Return the architecture whose arguments a config holds; those of `UNet` do not name it."""
    return value.get("architecture", "unet") if isinstance(value, dict) else getattr(value, "architecture", "unet")


AnyGeneratorArguments = Annotated[
    Annotated[GeneratorArguments, Tag("unet")]
    | Annotated[AuthorsUNetArguments, Tag("authors-unet")]
    | Annotated[GeneratorUNetArguments, Tag("generator-unet")]
    | Annotated[ResNetArguments, Tag("resnet")],
    Discriminator(_architecture),
]


class DiscriminatorArguments(_Record):
    """Arguments of `PatchGAN`, under its names."""

    in_channels: int = Field(3, ge=1, le=64)
    out_channels: int = Field(3, ge=1, le=64)
    ndf: int = Field(64, ge=1, le=512)
    patch: Literal[1, 16, 70, 286] = 70
    norm: Literal["batch", "instance", "none"] = "batch"
    conditional: bool = True

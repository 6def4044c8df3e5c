"""The PatchGAN: what one of its outputs sees, measured."""

import pytest
import torch

from pix2pix.discriminator import PATCHES, PatchGAN


def seen_by_one_output(patch: int, side: int) -> tuple[int, int]:
    """Height and width of the input pixels that the middle output unit's gradient reaches."""
    torch.manual_seed(0)
    network = PatchGAN(1, 1, ndf=1, patch=patch, norm="none").double()  # a norm would let every pixel reach every output
    b = torch.randn(1, 1, side, side, dtype=torch.double, requires_grad=True)
    logits = network(torch.randn_like(b), b)
    logits[0, 0, logits.shape[2] // 2, logits.shape[3] // 2].backward()
    rows, columns = b.grad[0, 0].nonzero().unbind(1)
    return int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1


@pytest.mark.parametrize("patch", PATCHES)
def test_receptive_field_is_exactly_the_patch(patch):
    assert seen_by_one_output(patch, 2 * patch + 40) == (patch, patch)


def test_patches_are_the_papers():
    assert PATCHES == (1, 16, 70, 286)


def test_papers_discriminator():
    network = PatchGAN(ndf=64, patch=70)
    assert round(sum(p.numel() for p in network.parameters()) / 1e6, 2) == 2.77
    with torch.inference_mode():
        assert network(*torch.zeros(2, 1, 3, 256, 256)).shape == (1, 1, 30, 30)


@pytest.mark.parametrize(("patch", "side"), [(1, 256), (16, 126), (70, 30), (286, 6)])
def test_map_size_at_256(patch, side):
    with torch.inference_mode():
        assert PatchGAN(ndf=1, patch=patch, norm="none")(*torch.zeros(2, 1, 3, 256, 256)).shape == (1, 1, side, side)


@pytest.mark.parametrize("patch", PATCHES)
def test_smallest_side_leaves_one_logit_and_less_none(patch):
    network = PatchGAN(ndf=1, patch=patch, norm="none")
    side = network.smallest_side
    assert network(*torch.zeros(2, 1, 3, side, side)).shape == (1, 1, 1, 1)
    with pytest.raises(RuntimeError):
        network(*torch.zeros(2, 1, 3, side - 1, side - 1))


def test_widths_are_the_papers():
    widths = [layer.out_channels for layer in PatchGAN(ndf=64, patch=286).layers if isinstance(layer, torch.nn.Conv2d)]
    assert widths == [64, 128, 256, 512, 512, 512, 1]


@pytest.mark.parametrize("conditional", [True, False])
def test_only_a_conditional_discriminator_sees_the_input(conditional):
    torch.manual_seed(0)
    network = PatchGAN(ndf=4, patch=16, norm="instance", conditional=conditional).eval()
    b = torch.randn(1, 3, 32, 32)
    first, second = (network(a, b) for a in torch.randn(2, 1, 3, 32, 32))
    assert torch.equal(first, second) is not conditional
    assert not torch.equal(first, network(b, torch.randn(1, 3, 32, 32)))


def test_unknown_patch_is_named():
    with pytest.raises(ValueError, match="71"):
        PatchGAN(patch=71)

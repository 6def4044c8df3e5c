"""The U-Net and its severed form against the paper's description of them."""

import copy

import pytest
import torch
from torch import nn

from pix2pix.networks.layers import NoiseInjection, ResizeConv2d, with_image_statistics
from pix2pix.networks.unet import UNet


def test_papers_generator_has_54_41_million_parameters():
    network = UNet(ngf=64, levels=8, norm="batch", in_channels=3, out_channels=3)
    assert round(sum(p.numel() for p in network.parameters()) / 1e6, 2) == 54.41


def test_layers_are_the_papers_table():
    network = UNet(ngf=64, levels=8, norm="batch")
    # Paper 6.1.1: encoder C64-C128-C256-C512-C512-C512-C512-C512, U-Net decoder CD512-CD1024-CD1024-C1024-C1024-C512-C256-C128.
    encoder = [64, 128, 256, 512, 512, 512, 512, 512]
    decoder = [512, 1024, 1024, 1024, 1024, 512, 256, 128]
    assert [down.conv.out_channels for down in network.down] == encoder
    assert [down.conv.in_channels for down in network.down] == [3, *encoder[:-1]]
    assert [up.conv.in_channels for up in network.up] == decoder
    assert [up.conv.out_channels for up in network.up] == [512, 512, 512, 512, 256, 128, 64, 3]
    for convolution in [*(down.conv for down in network.down), *(up.conv for up in network.up)]:
        assert (convolution.kernel_size, convolution.stride, convolution.padding) == ((4, 4), (2, 2), (1, 1))
    assert [isinstance(down.norm, nn.BatchNorm2d) for down in network.down] == [False] + [True] * 6 + [False]
    assert [isinstance(up.norm, nn.BatchNorm2d) for up in network.up] == [True] * 7 + [False]
    assert [down.activate.negative_slope for down in network.down[1:]] == [0.2] * 7
    assert all(isinstance(up.activate, nn.ReLU) for up in network.up)


def test_severed_decoder_is_the_papers_table():
    network = UNet(ngf=64, levels=8, norm="batch", skips=False)
    # Paper 6.1.1: encoder-decoder's decoder CD512-CD512-CD512-C512-C256-C128-C64.
    assert [up.conv.out_channels for up in network.up] == [512, 512, 512, 512, 256, 128, 64, 3]
    assert [up.conv.in_channels for up in network.up] == [512, 512, 512, 512, 512, 256, 128, 64]


@pytest.mark.parametrize("levels", range(3, 11))
def test_every_number_of_levels_keeps_the_picture_size(levels):
    side = 2**levels
    network = UNet(in_channels=1, out_channels=2, ngf=1, levels=levels, norm="instance").eval()
    with torch.inference_mode():
        assert network(torch.zeros(1, 1, side, 2 * side)).shape == (1, 2, side, 2 * side)
        assert len(network.down) == len(network.up) == levels


@pytest.mark.parametrize(
    ("arguments", "word"),
    [({"levels": 2}, "levels"), ({"levels": 11}, "levels"), ({"norm": "layer"}, "norm"), ({"upsampling": "x"}, "upsampling")],
)
def test_unknown_arguments_are_named(arguments, word):
    with pytest.raises(ValueError, match=word):
        UNet(ngf=1, **arguments)


@pytest.mark.parametrize("skips", [True, False])
def test_only_skips_carry_the_input_around_the_bottleneck(skips):
    network = UNet(ngf=4, levels=4, norm="instance", skips=skips).eval()
    network.down[-1].register_forward_hook(lambda module, inputs, output: torch.zeros_like(output))
    with torch.inference_mode():
        first, second = network(torch.randn(2, 3, 32, 32).cumsum(0)).unbind(0)
    assert torch.equal(first, second) is not skips


def test_without_skips_nothing_finer_than_the_bottleneck_arrives():
    # Three halvings of 8x8 leave one pixel of 4 ngf channels: those 16 numbers are all that the decoder can learn.
    torch.manual_seed(0)
    network = UNet(ngf=4, levels=3, norm="none", skips=False).eval()
    a = torch.randn(1, 3, 8, 8, dtype=torch.double, requires_grad=True)
    jacobian = torch.autograd.functional.jacobian(network.double(), a).reshape(192, 192)
    assert torch.linalg.matrix_rank(jacobian) <= 16
    with_skips = UNet(ngf=4, levels=3, norm="none").eval().double()
    assert torch.linalg.matrix_rank(torch.autograd.functional.jacobian(with_skips, a).reshape(192, 192)) > 16


@pytest.mark.parametrize("upsampling", ["deconv", "resize"])
@pytest.mark.parametrize(("levels", "dropping"), [(8, [0, 1, 2]), (5, [0, 1, 2]), (3, [0, 1])])
def test_the_three_innermost_decoder_levels_drop_half(levels, dropping, upsampling):
    torch.manual_seed(0)
    network = UNet(ngf=4, levels=levels, norm="instance", upsampling=upsampling).train()
    shares = []
    for up in network.up:
        up.register_forward_hook(lambda module, inputs, output: shares.append((output == 0).float().mean().item()))
    network(torch.randn(8, 3, 2**levels, 2**levels))
    assert [number for number, share in enumerate(shares) if share > 0.3] == dropping
    assert all(0.4 < shares[number] < 0.6 for number in dropping)


def test_dropout_probability_is_the_arguments():
    torch.manual_seed(0)
    network = UNet(ngf=8, levels=4, norm="instance", dropout=0.1).train()
    shares = []
    network.up[1].register_forward_hook(lambda module, inputs, output: shares.append((output == 0).float().mean().item()))
    network(torch.randn(8, 3, 32, 32))
    assert 0.07 < shares[0] < 0.13
    a = torch.randn(1, 3, 32, 32)
    assert not torch.equal(network(a), network(a))
    certain = UNet(ngf=8, levels=4, norm="instance", dropout=0.0).train()
    assert torch.equal(certain(a), certain(a))


def test_resize_convolution_is_a_3x3_convolution_and_bilinear_upsampling():
    torch.manual_seed(0)
    layer = ResizeConv2d(1, 1, bias=True).double()
    nn.init.zeros_(layer.weight)
    layer.weight.data[0, 0, 1, 1] = 2.0
    nn.init.constant_(layer.bias, 1.0)
    row = torch.tensor([[[[0.0, 4.0]]]], dtype=torch.double)
    # 2 x + 1 is 1, 9; halfway points lie a quarter of the way from each pixel.
    torch.testing.assert_close(layer(row), torch.tensor([[[[1.0, 3.0, 7.0, 9.0]] * 2]], dtype=torch.double).reshape(1, 1, 2, 4))


def test_the_bottleneck_reaches_the_picture_through_instance_norm():
    # At 1x1 everything but the bottleneck's own values is the same: severed skips leave only those.
    torch.manual_seed(0)
    network = UNet(ngf=8, levels=4, norm="instance", upsampling="resize", skips=False).eval()
    first, second = network(torch.randn(2, 3, 16, 16)).split(1)
    assert (first - second).abs().max() > 1e-6


def test_resize_convolution_leaves_no_checkerboard():
    # A constant picture stays constant away from the border; a deconvolution's phases differ.
    torch.manual_seed(0)
    x = torch.ones(1, 5, 8, 8)
    resized = ResizeConv2d(5, 7, bias=False)(x)[..., 4:-4, 4:-4]
    deconvolved = nn.ConvTranspose2d(5, 7, 4, 2, 1, bias=False)(x)[..., 4:-4, 4:-4]
    assert resized.std(dim=(2, 3)).max() < 1e-6
    assert deconvolved.std(dim=(2, 3)).max() > 1e-3


@pytest.mark.parametrize("upsampling", ["deconv", "resize"])
def test_weights_are_drawn_as_the_paper_says(upsampling):
    torch.manual_seed(0)
    network = UNet(ngf=16, levels=5, norm="batch", upsampling=upsampling)
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    weights = torch.cat([m.weight.flatten() for m in convolutions])
    scales = torch.cat([m.weight for m in norms])
    assert len(convolutions) == (10 if upsampling == "deconv" else 11)
    assert weights.mean().abs() < 2e-4
    assert 0.0199 < weights.std() < 0.0201
    assert abs(scales.mean() - 1) < 0.005
    assert 0.017 < scales.std() < 0.023
    assert all((m.bias == 0).all() for m in [*convolutions, *norms] if m.bias is not None)


def test_image_statistics_are_batch_norm_in_training_over_one_picture():
    torch.manual_seed(0)
    network = UNet(ngf=4, levels=4, norm="batch", dropout=0.0).train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight)
            nn.init.normal_(module.bias)
            nn.init.normal_(module.running_mean)
    pictures = torch.randn(3, 3, 32, 32)
    by_image = with_image_statistics(copy.deepcopy(network)).eval()
    with torch.inference_mode():
        single = torch.cat([network(picture[None]) for picture in pictures])
        torch.testing.assert_close(by_image(pictures), single)
        assert not torch.allclose(network.eval()(pictures), single, atol=1e-3)


def test_batch_size_changes_nothing_with_instance_norm():
    torch.manual_seed(0)
    network = UNet(ngf=4, levels=4, norm="instance", dropout=0.0).train()
    pictures = torch.randn(3, 3, 32, 32)
    torch.testing.assert_close(network(pictures), torch.cat([network(picture[None]) for picture in pictures]))


def test_outputs_stay_in_range():
    network = UNet(ngf=4, levels=3, norm="none").eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(100)
    output = network(torch.randn(2, 3, 16, 16))
    assert 0.99 < output.abs().max() <= 1


@pytest.mark.parametrize("size", [1, 3])
def test_the_memory_layout_changes_nothing(size):
    torch.manual_seed(0)
    network = UNet(ngf=4, levels=4, norm="instance", dropout=0.0)
    pictures = torch.randn(size, 3, 32, 32)
    outputs, gradients = [], []
    for layout in (torch.contiguous_format, torch.channels_last):
        network.to(memory_format=layout).zero_grad()
        output = network(pictures.contiguous(memory_format=layout))
        output.square().sum().backward()
        outputs.append(output.detach())
        gradients.append(torch.cat([parameter.grad.flatten() for parameter in network.parameters()]))
    torch.testing.assert_close(outputs[0], outputs[1])
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-4, atol=1e-5)


def test_injected_noise_is_new_in_training_and_fixed_in_eval():
    torch.manual_seed(0)
    network = UNet(ngf=8, levels=4, norm="instance", dropout=0.0, upsampling="resize", noise_injection=True)
    a = torch.randn(2, 3, 64, 48)
    assert not torch.equal(network.train()(a), network(a))
    network.eval()
    assert torch.equal(network(a), network(a))
    torch.testing.assert_close(network(a[1:]), network(a)[1:])
    other = UNet(ngf=8, levels=4, norm="instance", dropout=0.0, upsampling="resize", noise_injection=True).eval()
    other.load_state_dict(network.state_dict())
    assert torch.equal(network(a), other(a))


def test_injected_noise_gives_a_flat_input_texture():
    torch.manual_seed(0)
    flat = torch.zeros(1, 3, 256, 256)
    inner = (slice(None), slice(None), slice(96, 160), slice(96, 160))
    textures = {}
    for noise_injection in (False, True):
        network = UNet(ngf=8, levels=5, norm="none", upsampling="resize", noise_injection=noise_injection).eval()
        nn.init.normal_(network.up[-1].conv[-1].weight, 0.0, 0.5)
        textures[noise_injection] = network(flat)[inner].std().item()
    assert textures[False] < 1e-4 < 1e-3 < textures[True]


def test_injected_noise_repeats_only_after_its_period():
    noise = NoiseInjection(1, 16).eval()
    field = noise(torch.zeros(1, 1, 40, 24))
    assert torch.equal(field[..., 16:32, :], field[..., :16, :])
    assert len(field[..., :16, :16].unique()) == 256
    assert 0.08 < field[..., :16, :16].std() < 0.12

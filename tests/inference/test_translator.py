"""The translator: any size, any number of threads, the same pictures each time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from pix2pix.checkpoint.config import CheckpointError
from pix2pix.checkpoint.folder import Generator, load_generator, save_checkpoint
from pix2pix.data.images import to_tensor, to_uint8
from pix2pix.inference.backend import options
from pix2pix.inference.precision import Precision
from pix2pix.inference.translator import Translator, TranslatorCache, pad
from pix2pix.networks.config import DiscriminatorArguments, GeneratorArguments
from pix2pix.networks.unet import UNet
from tests.helpers.making import make_config, make_networks, picture, write_checkpoint

FP32 = Precision()


def make_translator(seed: int = 0, norm_statistics: str = "image", precision: Precision = FP32, **arguments) -> Translator:
    config = make_config(generator=GeneratorArguments(**{"ngf": 4, "levels": 4, "norm": "instance", **arguments}))
    generator, discriminator = make_networks(config, seed)
    return Translator(generator, config.generator.levels, discriminator, norm_statistics, "cpu", precision)


@pytest.fixture(scope="module")
def translator() -> Translator:
    return make_translator()


# --- sizes ---


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (257, 255), (2, 3), (16, 16), (15, 17), (64, 48), (33, 511)])
def test_any_size_returns_the_same_size(translator, size):
    output = translator.translate(picture(1, *size))
    assert output.shape == (*size, 3)
    assert output.dtype == np.uint8


def test_a_fitting_picture_goes_through_the_network_untouched(translator):
    image = picture(1, 32, 48)
    with torch.inference_mode():
        expected = to_uint8(translator.backend.network(to_tensor(image)[None]))[0]
    assert np.array_equal(translator.translate(image), expected)
    assert expected.std() > 5  # the network does something


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (5, 3), (16, 17), (30, 50)])
def test_padding_reflects_and_crops_back(size):
    image = picture(1, *size)
    padded, crop = pad(image, 16)
    assert padded.shape[0] % 16 == padded.shape[1] % 16 == 0
    assert padded.shape[0] - size[0] < 16
    assert padded.shape[1] - size[1] < 16
    assert np.array_equal(padded[crop], image)
    top, left = crop[0].start, crop[1].start
    if min(size) > 16:  # as a mirror shows it, without the edge itself twice
        assert np.array_equal(padded[:top, crop[1]], image[1 : top + 1][::-1])
        assert np.array_equal(padded[crop[0], :left], image[:, 1 : left + 1][:, ::-1])


# --- batches ---


def test_a_batch_gives_the_pictures_one_by_one_gives(translator):
    sizes = [(32, 32), (20, 30), (32, 32), (1, 1), (20, 30), (64, 16), (31, 29)]
    images = [picture(number, *size) for number, size in enumerate(sizes)]
    together = translator.translate_batch(images)
    for image, output in zip(images, together, strict=True):
        assert output.shape == image.shape
        assert np.abs(output.astype(int) - translator.translate(image)).max() <= 1


@pytest.mark.parametrize("norm", ["batch", "instance"])
def test_a_picture_does_not_depend_on_its_neighbors(norm):
    shared = make_translator(norm=norm)
    alone = shared.translate(picture(1))
    for others in ([], [picture(2)], [np.full_like(picture(2), 255)] * 3):
        output = shared.translate_batch([*others, picture(1)])[-1]
        assert np.abs(output.astype(int) - alone).max() <= 1


def test_no_pictures_give_none(translator):
    assert translator.translate_batch([]) == []


# --- noise ---


@pytest.mark.parametrize(
    "arguments",
    [
        {"levels": 3},
        {"levels": 5},
        {"dropout": 0.0, "noise_injection": True},
        {"upsampling": "resize", "dropout": 0.0, "noise_injection": True},
    ],
)
def test_noise_has_a_seed(arguments):
    noisy = make_translator(**arguments)
    image = picture(1)
    outputs = [noisy.translate(image, noise=True, seed=seed) for seed in range(4)]
    assert all(np.array_equal(noisy.translate(image, noise=True, seed=seed), outputs[seed]) for seed in range(4))
    assert len({output.tobytes() for output in [*outputs, noisy.translate(image)]}) == 5


def test_a_batch_with_seeds_gives_what_singles_give(translator):
    images = [picture(1), picture(2, 20, 30), picture(1), picture(1)]
    seeds = [5, 6, 7, 5]
    together = translator.translate_batch(images, seeds)
    for image, seed, output in zip(images, seeds, together, strict=True):
        assert np.abs(output.astype(int) - translator.translate(image, noise=True, seed=seed)).max() <= 1
    assert np.array_equal(together[0], together[3])
    assert not np.array_equal(together[0], together[2])


def test_without_noise_nothing_is_random(translator):
    torch.manual_seed(1)
    first = translator.translate(picture(1))
    translator.translate(picture(1), noise=True, seed=3)
    torch.manual_seed(2)
    assert np.array_equal(translator.translate(picture(1)), first)
    assert np.array_equal(translator.translate(picture(1), seed=9), first)


def test_noise_leaves_the_global_random_state_alone(translator):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    translator.translate(picture(1), noise=True, seed=3)
    assert torch.equal(torch.get_rng_state(), before)


def test_noise_drops_as_training_does():
    # The mean over many seeds of what the dropping level passes on is what it passes on without noise.
    noisy = make_translator(levels=3)
    masks = noisy.fields.drawn((32, 32), range(400))
    assert [mask.shape for mask in masks] == [(400, 8, 8, 8), (400, 4, 16, 16)]
    for mask, module in zip(masks, noisy.fields.modules, strict=True):
        assert module.probability == 0.5
        assert set(mask.unique().tolist()) == {0.0, 2.0}
        assert mask.mean().item() == pytest.approx(1, abs=0.02)


def test_every_seed_and_level_has_its_own_mask(translator):
    masks = [mask[0].flatten()[:64] for seed in range(4) for mask in translator.fields.drawn((32, 32), [seed])]
    assert len({tuple(mask.tolist()) for mask in masks}) == len(masks) == 4 * 3


@pytest.mark.parametrize("seed", [0, -1, 2**31, 2**63 - 1, 2**70, np.int64(7), np.uint32(7)])
def test_any_whole_number_is_a_seed(translator, seed):
    assert translator.translate(picture(1), noise=True, seed=seed).shape == (32, 32, 3)


def test_seeds_have_to_be_as_many_as_pictures(translator):
    with pytest.raises(ValueError, match="2 pictures but 1 seeds"):
        translator.translate_batch([picture(1), picture(2)], [1])


def test_a_model_without_dropout_has_no_noise():
    silent = make_translator(dropout=0.0)
    assert np.array_equal(silent.translate(picture(1), noise=True, seed=1), silent.translate(picture(1)))


# --- norm statistics ---


def trained_batch_norm() -> UNet:
    """A network whose running averages are far from any one picture's."""
    network = make_networks(make_config(generator=GeneratorArguments(ngf=4, levels=4, norm="batch", dropout=0.0)))[0]
    network.train()
    for seed in range(20):
        network(to_tensor(picture(seed))[None])
    return network.eval()


@pytest.mark.slow
def test_norm_statistics():
    network = trained_batch_norm()
    image = picture(99)
    outputs = {name: Translator(network, 4, None, name, "cpu", FP32).translate(image) for name in ("image", "running")}
    with torch.inference_mode():
        running = to_uint8(network(to_tensor(image)[None]))[0]
        by_itself = to_uint8(network.train()(to_tensor(image)[None]))[0]
    assert np.array_equal(outputs["running"], running)
    assert np.abs(outputs["image"].astype(int) - by_itself).max() <= 1
    assert np.abs(outputs["image"].astype(int) - outputs["running"]).max() > 5
    with pytest.raises(ValueError, match="unknown norm statistics 'batch'"):
        Translator(network, 4, None, "batch", "cpu", FP32)


@pytest.mark.slow
def test_norm_statistics_are_the_configs_unless_said(tmp_path):
    for name in ("image", "running"):
        config = make_config(
            generator=GeneratorArguments(ngf=4, levels=4, norm="batch"), norm_statistics=name, discriminator=None
        )
        save_checkpoint(tmp_path / name, config, trained_batch_norm())
    outputs = {
        (name, asked): Translator.from_folder(tmp_path / name, "cpu", asked).translate(picture(9))
        for name in ("image", "running")
        for asked in (None, "image", "running")
    }
    for name in ("image", "running"):
        for asked in (None, "image", "running"):
            assert np.array_equal(outputs[name, asked], outputs[asked or name, None])
    assert not np.array_equal(outputs["image", None], outputs["running", None])


# --- threads ---


@pytest.mark.slow
def test_threads_get_what_one_thread_gets(translator):
    jobs = [(picture(number, 32 if number % 3 else 20, 32), number % 4 or None) for number in range(40)]

    def work(job):
        image, seed = job
        return translator.translate(image, noise=seed is not None, seed=seed or 0)

    expected = list(map(work, jobs))
    with ThreadPoolExecutor(8) as pool:
        for output, single in zip(pool.map(work, jobs), expected, strict=True):
            assert np.array_equal(output, single)


def test_the_network_handed_in_stays_as_it_is():
    network = trained_batch_norm().train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    Translator(network, 4, None, "image", "cpu", Precision("bf16", "channels_last")).translate(picture(1))
    assert network.training
    assert all(parameter.requires_grad for parameter in network.parameters())
    for name, tensor in network.state_dict().items():
        assert tensor.dtype == before[name].dtype
        assert torch.equal(tensor, before[name])


# --- formats ---


@pytest.mark.parametrize("upsampling", ["deconv", "resize"])
@pytest.mark.parametrize("layout", ["nchw", "channels_last"])
@pytest.mark.parametrize(("dtype", "tolerance"), [("fp32", 0.01), ("bf16", 3)])
def test_every_format_gives_about_the_same_picture(dtype, layout, tolerance, upsampling):
    reference = make_translator(upsampling=upsampling).translate(picture(1))
    output = make_translator(upsampling=upsampling, precision=Precision(dtype, layout)).translate(picture(1))
    assert np.abs(output.astype(float) - reference).mean() < tolerance


def test_a_format_is_measured_where_none_is_given():
    generator, _ = make_networks(make_config())
    measured = Translator(generator, 3, device="cpu")
    assert measured.option in options(torch.device("cpu"))
    assert Translator(generator, 3, device="cpu").option == measured.option


# --- patch scores ---


def test_patch_scores_are_the_discriminators(translator):
    a, b = picture(1), picture(2)
    _, discriminator = make_networks(make_config(generator=GeneratorArguments(ngf=4, levels=4, norm="instance")))
    with torch.inference_mode():
        expected = torch.sigmoid(discriminator.eval()(to_tensor(a)[None], to_tensor(b)[None]))[0, 0].numpy()
    scores = translator.patch_scores(a, b)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    assert 0 <= scores.min() <= scores.max() <= 1


def test_patch_scores_refuse_what_the_discriminator_cannot_take(translator):
    for a, b in ((picture(1), picture(2, 32, 40)), (picture(1, 4, 4), picture(2, 4, 4))):
        with pytest.raises(ValueError, match="two pictures of one size, at least 6 pixels"):
            translator.patch_scores(a, b)
    assert translator.patch_scores(picture(1, 6, 9), picture(2, 6, 9)).shape == (1, 2)
    with pytest.raises(CheckpointError, match="no discriminator"):
        Translator(make_networks(make_config())[0], 3, device="cpu", precision=FP32).patch_scores(picture(1), picture(2))


# --- wrong input ---


@pytest.mark.parametrize(
    ("image", "found"),
    [
        (picture().astype(np.float32), r"float32 \(32, 32, 3\)"),
        (picture()[..., 0], r"uint8 \(32, 32\)"),
        (picture()[..., :1], r"uint8 \(32, 32, 1\)"),
        (np.zeros((4, 4, 4), np.uint8), r"uint8 \(4, 4, 4\)"),
        (picture()[None], r"uint8 \(1, 32, 32, 3\)"),
        ([[1]], "list"),
        (None, "NoneType"),
        (np.zeros((0, 5, 3), np.uint8), "5 x 0"),
        (np.zeros((5, 0, 3), np.uint8), "0 x 5"),
        (np.broadcast_to(np.uint8(0), (1, 4097, 3)), "4097 x 1"),
    ],
)
def test_a_wrong_picture_is_described(translator, image, found):
    with pytest.raises(ValueError, match=rf"picture m.*this is {found}"):
        translator.translate(image)


def test_pictures_need_not_be_contiguous_or_writable(translator):
    image = np.asfortranarray(picture(1))[:, ::-1]
    image.flags.writeable = False
    assert np.array_equal(translator.translate(image), translator.translate(image.copy()))


# --- folders ---


def test_a_folder_translates_like_its_network(tmp_path):
    folder = write_checkpoint(tmp_path / "demo")
    loaded = Translator.from_folder(folder, "cpu")
    direct = Translator(load_generator(folder), 3, None, "image", "cpu", loaded.option.precision)
    assert np.array_equal(loaded.translate(picture(1)), direct.translate(picture(1)))
    assert loaded.patch_scores(picture(1), picture(2)).shape == (14, 14)


def test_other_channels_than_colors_are_refused(tmp_path):
    folder = write_checkpoint(tmp_path / "demo", generator=GeneratorArguments(ngf=4, levels=3, in_channels=1), discriminator=None)
    with pytest.raises(CheckpointError, match="1 to 3 channels"):
        Translator.from_folder(folder, "cpu")


def test_an_unusable_device_is_named(tmp_path):
    with pytest.raises(ValueError, match="device 'nonsense' cannot be used"):
        Translator.from_folder(write_checkpoint(tmp_path / "demo"), "nonsense")


@pytest.mark.slow
def test_the_cache_keeps_what_fits_and_was_used_last(tmp_path):
    folders = [write_checkpoint(tmp_path / name, seed) for seed, name in enumerate("abc")]
    one = Translator.from_folder(folders[0], "cpu").nbytes
    cache = TranslatorCache(max_bytes=2 * one, device="cpu")
    a, b = cache.get(folders[0]), cache.get(folders[1])
    assert cache.get(folders[0]) is a
    cache.get(folders[2])  # b goes: it was used longest ago
    assert cache.get(folders[0]) is a
    assert cache.get(folders[1]) is not b
    assert TranslatorCache(max_bytes=0, device="cpu").get(folders[0]).translate(picture()).shape == (32, 32, 3)


def test_the_cache_tells_statistics_and_spellings_apart(tmp_path, monkeypatch):
    folder = write_checkpoint(tmp_path / "demo")
    monkeypatch.chdir(tmp_path)
    cache = TranslatorCache(device="cpu")
    assert cache.get(folder) is cache.get(str(folder)) is cache.get("demo") is cache.get(folder / ".." / "demo")
    assert cache.get(folder) is not cache.get(folder, "running")


def test_a_changed_folder_is_loaded_again(tmp_path):
    folder = write_checkpoint(tmp_path / "demo", seed=0)
    cache = TranslatorCache(device="cpu")
    before = cache.get(folder).translate(picture())
    write_checkpoint(folder, seed=1)
    after = cache.get(folder).translate(picture())
    assert not np.array_equal(before, after)
    write_checkpoint(tmp_path / "other", seed=2)
    (folder / "model.safetensors").write_bytes((tmp_path / "other" / "model.safetensors").read_bytes())
    assert not np.array_equal(cache.get(folder).translate(picture()), after)


def test_a_folder_that_broke_or_went_is_not_served_from_memory(tmp_path):
    folder = write_checkpoint(tmp_path / "demo")
    cache = TranslatorCache(device="cpu")
    cache.get(folder)
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:100])
    with pytest.raises(CheckpointError, match="damaged"):
        cache.get(folder)
    (folder / "model.safetensors").write_bytes(weights)
    cache.get(folder)
    for path in (folder / "config.json", folder / "model.safetensors"):
        path.unlink()
    with pytest.raises(CheckpointError, match=r"config\.json is missing"):
        cache.get(folder)


def test_the_cache_loads_once_for_many_threads(tmp_path):
    folder = write_checkpoint(tmp_path / "demo")
    cache = TranslatorCache(device="cpu")
    barrier = threading.Barrier(8)

    def load(_):
        barrier.wait()
        return cache.get(folder)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(map(id, pool.map(load, range(8))))) == 1


class Gate:
    """Holds loads of one folder back until it is opened."""

    def __init__(self, monkeypatch, folder):
        self.arrived, self.opened, self.loads = threading.Event(), threading.Event(), 0
        load = Translator.from_folder

        def gated(path, *more):
            if path == folder:
                self.loads += 1
                self.arrived.set()
                assert self.opened.wait(20)
            return load(path, *more)

        monkeypatch.setattr(Translator, "from_folder", gated)


def test_a_slow_load_holds_up_nobody_elses_model(tmp_path, monkeypatch):
    slow, other, third = (write_checkpoint(tmp_path / name, seed) for seed, name in enumerate(("slow", "other", "third")))
    cache = TranslatorCache(device="cpu")
    held = cache.get(other)
    gate = Gate(monkeypatch, slow)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(cache.get, slow) for _ in range(2)]
        assert gate.arrived.wait(20)
        assert pool.submit(cache.get, other).result(20) is held
        assert pool.submit(cache.get, third).result(20).translate(picture()).shape == (32, 32, 3)
        assert not any(each.done() for each in waiting)
        gate.opened.set()
        assert waiting[0].result(20) is waiting[1].result(20)
    assert gate.loads == 1


def test_what_is_held_serves_while_the_new_one_loads(tmp_path, monkeypatch):
    folder = write_checkpoint(tmp_path / "demo", seed=0)
    cache = TranslatorCache(device="cpu")
    old = cache.get(folder)
    write_checkpoint(folder, seed=1)
    gate = Gate(monkeypatch, folder)
    with ThreadPoolExecutor(2) as pool:
        loading = pool.submit(cache.get, folder)
        assert gate.arrived.wait(20)
        assert cache.get(folder) is old
        gate.opened.set()
        new = loading.result(20)
    assert new is not old
    assert cache.get(folder) is new
    assert gate.loads == 1


def test_a_failed_load_is_tried_again(tmp_path):
    folder = write_checkpoint(tmp_path / "demo")
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:100])
    cache = TranslatorCache(device="cpu")
    with ThreadPoolExecutor(4) as pool:
        for failed in [pool.submit(cache.get, folder) for _ in range(4)]:
            with pytest.raises(CheckpointError, match="damaged"):
                failed.result()
    (folder / "model.safetensors").write_bytes(weights)
    assert cache.get(folder).translate(picture()).shape == (32, 32, 3)


@pytest.mark.slow
def test_nobody_notices_that_a_folder_is_being_replaced(tmp_path):
    folder = tmp_path / "demo"
    # Other widths: parts of two versions would not fit together.
    configs = [make_config(generator=GeneratorArguments(ngf=width, levels=3, norm="instance")) for width in (4, 5)]
    versions = [(config, *make_networks(config, seed)) for seed, config in enumerate(configs)]
    save_checkpoint(folder, *versions[0])
    done, failures, seen = threading.Event(), [], set()
    caches = [TranslatorCache(device="cpu") for _ in range(2)]

    def draw(cache):
        while not done.is_set():
            try:
                seen.add(cache.get(folder).translate(picture()).tobytes())
                TranslatorCache(device="cpu").get(folder)  # one that holds nothing it could serve meanwhile
            except Exception as error:  # whatever it is, someone would have seen it
                failures.append(error)

    readers = [threading.Thread(target=draw, args=(cache,)) for cache in caches * 2]
    for reader in readers:
        reader.start()
    for number in range(1, 1000):
        save_checkpoint(folder, *versions[number % 2])
        if number >= 40 and len(seen) == 2:  # on a fast disk, readers may not have had their turn yet
            break
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert len(seen) == 2
    expected = Translator.from_folder(folder, "cpu").translate(picture())
    assert all(np.array_equal(cache.get(folder).translate(picture()), expected) for cache in caches)


def test_five_lines_of_python(tmp_path):
    folder = write_checkpoint(tmp_path / "demo", discriminator=DiscriminatorArguments(ndf=4, patch=16, norm="batch"))
    network = Generator.from_pretrained(folder)
    translator = Translator(network, network.levels)
    assert translator.translate(picture(1, 20, 30)).shape == (20, 30, 3)

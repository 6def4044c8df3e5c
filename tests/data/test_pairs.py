"""Pairs from files: what is found, how it is read, and in which order and shape training sees it."""

from itertools import chain, islice

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader

from pix2pix.data.images import to_uint8
from pix2pix.data.make_pairs import MAKERS
from pix2pix.data.pairs import EpochBatches, Pairs, PairsError, Source, find_pairs, has_split, read_pair, whole_pairs
from tests.helpers.making import picture, write_pairs, write_picture

LEFT, RIGHT = picture(1), picture(2)


def side_by_side(path, a=LEFT, b=RIGHT):
    return write_picture(path, np.concatenate([a, b], axis=1))


def as_uint8(pair):
    return tuple(to_uint8(tensor) for tensor in pair)


def plain(sources, **changes):
    """Pairs without jitter or mirroring."""
    return Pairs(sources, **{"size": 32, "load_size": 32, "flip": False, **changes})


# --- finding ---


def test_side_by_side_files(tmp_path):
    for name in ("b.png", "a.jpg", "c.webp"):
        side_by_side(tmp_path / name)
    assert [source.a.name for source in find_pairs(tmp_path)] == ["a.jpg", "b.png", "c.webp"]
    a, b = read_pair(Source(tmp_path / "b.png"))
    assert np.array_equal(a, LEFT)
    assert np.array_equal(b, RIGHT)


def test_split_folders(tmp_path):
    for split in ("train", "val", "test"):
        side_by_side(tmp_path / split / f"{split}.png")
        assert [source.a.stem for source in find_pairs(tmp_path, split)] == [split]
        assert has_split(tmp_path, split)


@pytest.mark.parametrize("sides", ["AB", "ab"])
@pytest.mark.parametrize("layout", ["{split}/{side}", "{side}/{split}", "{split}{side}"])
@pytest.mark.parametrize("split", ["train", "val"])
def test_two_folders_are_paired_by_stem(tmp_path, layout, split, sides):
    for number in range(3):
        write_picture(tmp_path / layout.format(side=sides[0], split=split) / f"{number}.png", picture(number))
        write_picture(tmp_path / layout.format(side=sides[1], split=split) / f"{number}.bmp", picture(10 + number))
    sources = find_pairs(tmp_path, split)
    assert [(source.a.name, source.b.name) for source in sources] == [(f"{n}.png", f"{n}.bmp") for n in range(3)]
    for number, source in enumerate(sources):
        a, b = read_pair(source)
        assert np.array_equal(a, picture(number))
        assert np.array_equal(b, picture(10 + number))
    assert has_split(tmp_path, split)
    assert not has_split(tmp_path, "test")


def test_two_folders_without_splits(tmp_path):
    for side in "AB":
        write_picture(tmp_path / side / "x.png", picture())
    assert len(find_pairs(tmp_path)) == 1
    assert not has_split(tmp_path, "val")


@pytest.mark.parametrize(("lonely_side", "other"), [("A", "B"), ("B", "A")])
def test_a_file_without_partner_is_named(tmp_path, lonely_side, other):
    for side in "AB":
        write_picture(tmp_path / side / "x.png", picture())
    write_picture(tmp_path / lonely_side / "alone.png", picture())
    with pytest.raises(PairsError, match=rf"1 picture.*no partner.*{other}: alone\.png"):
        find_pairs(tmp_path)


@pytest.mark.parametrize("side", ["A", "B"])
def test_two_files_for_one_place_are_named(tmp_path, side):
    for each in "AB":
        write_picture(tmp_path / each / "x.png", picture())
    write_picture(tmp_path / side / "x.jpg", picture(1))
    with pytest.raises(PairsError, match=rf"{side} holds x\.jpg and x\.png: both would be the pair x"):
        find_pairs(tmp_path)


def test_a_missing_side_is_named(tmp_path):
    write_picture(tmp_path / "A" / "x.png", picture())
    with pytest.raises(PairsError, match="B is missing"):
        find_pairs(tmp_path)


def test_a_wrong_path_is_named(tmp_path):
    with pytest.raises(PairsError, match="nowhere is not a folder"):
        find_pairs(tmp_path / "nowhere")
    with pytest.raises(PairsError, match="not a folder"):
        find_pairs(side_by_side(tmp_path / "a.png"))


def test_an_empty_folder_is_named(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(PairsError, match="holds no pictures"):
        find_pairs(tmp_path)
    for side in "AB":
        (tmp_path / side).mkdir()
    with pytest.raises(PairsError, match="A holds no pictures"):
        find_pairs(tmp_path)


def test_a_folder_of_another_layout_is_told_which_are_read(tmp_path):
    for name in ("cats", "dogs"):
        side_by_side(tmp_path / name / "x.png")
    with pytest.raises(PairsError, match=r"holds no pictures .*of folders: cats, dogs\. Pairs are read from .*DIR/trainA"):
        find_pairs(tmp_path)


def test_files_that_are_no_pictures_are_counted(tmp_path):
    side_by_side(tmp_path / "a.png")
    side_by_side(tmp_path / "b.jfif.jpg").rename(tmp_path / "b.jfif")
    for name in ("notes.txt", "c.xcf", ".hidden"):
        (tmp_path / name).touch()
    with pytest.warns(UserWarning, match=r"2 file\(s\) ignored, no pictures by their endings: c\.xcf, notes\.txt$"):
        assert [source.a.name for source in find_pairs(tmp_path)] == ["a.png", "b.jfif"]


def test_a_missing_split_says_what_there_is(tmp_path):
    side_by_side(tmp_path / "val" / "a.png")
    with pytest.raises(PairsError, match=r"no folder train/.*val"):
        find_pairs(tmp_path)
    with pytest.raises(PairsError, match="no folder test/"):
        find_pairs(tmp_path, "test")


# --- reading ---


def test_direction_swaps_input_and_truth(tmp_path):
    sources = [Source(side_by_side(tmp_path / "a.png"))]
    for direction, expected in (("AtoB", (LEFT, RIGHT)), ("BtoA", (RIGHT, LEFT))):
        for pair in (as_uint8(plain(sources, direction=direction)[0, 0]), next(whole_pairs(sources, direction, 32))):
            assert np.array_equal(pair[0], expected[0])
            assert np.array_equal(pair[1], expected[1])
    with pytest.raises(PairsError, match="sideways"):
        plain(sources, direction="sideways")


def test_unusual_files(tmp_path):
    gray = np.stack([LEFT[..., 0]] * 3, axis=2)
    Image.fromarray(LEFT[..., 0]).save(tmp_path / "gray.png")
    Image.fromarray(LEFT[..., 0].astype(np.uint16) * 257).save(tmp_path / "deep.png")
    exif = Image.Exif()
    exif[0x112] = 6
    Image.fromarray(np.ascontiguousarray(np.rot90(LEFT))).save(tmp_path / "turned.png", exif=exif)
    Image.new("RGBA", (32, 32), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    names = {"gray": gray, "deep": gray, "turned": LEFT, "clear": np.full_like(LEFT, 255)}
    pairs = plain([Source(tmp_path / f"{name}.png", tmp_path / "clear.png") for name in names])
    for index, expected in enumerate(names.values()):
        assert np.array_equal(as_uint8(pairs[0, index])[0], expected)


@pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
def test_each_side_is_resized_once_from_its_own_size(tmp_path, direction):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    source = Source(write_picture(tmp_path / "a.png", picture(1, 16, 20)), write_picture(tmp_path / "b.png", noise))
    a, b = read_pair(source)
    assert (a.size, b.size) == ((20, 16), (64, 64))
    for size in (64, 48):
        expected = np.asarray(Image.fromarray(noise).resize((size, size), Image.Resampling.BICUBIC))
        trained = as_uint8(plain([source], size=size, load_size=size, direction=direction)[0, 0])
        measured = next(whole_pairs([source], direction, size))
        for pair in (trained, measured):
            truth = pair[direction == "AtoB"]
            assert np.array_equal(truth, expected)
    assert trained[direction == "BtoA"].std() > 10  # the small side is there, enlarged


def test_a_side_that_is_too_small_is_named_whichever_it_is(tmp_path):
    for side in "AB":
        source = Source(*(write_picture(tmp_path / f"{side}{name}.png", picture(1, 8 if name == side else 32)) for name in "AB"))
        with pytest.warns(UserWarning, match="32x8 pixels"), pytest.raises(PairsError):
            plain([source])


def test_broken_pictures_are_left_out_and_named(tmp_path):
    write_pairs(tmp_path, 3)
    (tmp_path / "001.png").write_bytes(b"this is no picture")
    whole = side_by_side(tmp_path / "003.jpg").read_bytes()
    (tmp_path / "003.jpg").write_bytes(whole[: len(whole) // 2])
    write_picture(tmp_path / "004.png", picture(0, 32, 65))
    write_picture(tmp_path / "005.png", picture(0, 8, 16))
    with pytest.warns(UserWarning, match="left out") as caught:
        pairs = plain(find_pairs(tmp_path))
    told = sorted(str(warning.message) for warning in caught)
    assert [source.a.name for source in pairs.sources] == ["000.png", "002.png"]
    assert len(told) == 4
    for text, name, reason in zip(
        told,
        ("001.png", "003.jpg", "004.png", "005.png"),
        ("identify", "Truncated", "65 pixels wide", "at least 16x16"),
        strict=True,
    ):
        assert name in text
        assert reason in text
    with pytest.warns(UserWarning, match=r"001\.png"):
        assert len(list(whole_pairs(find_pairs(tmp_path)[:3], "AtoB", 32))) == 2


def test_nothing_but_broken_pictures_is_an_error(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(b"")
    with (
        pytest.warns(UserWarning, match="left out"),
        pytest.raises(PairsError, match=r"none of the 3 pictures could be used.*2\.png"),
    ):
        plain(find_pairs(tmp_path))


def test_load_size_below_size_is_an_error(tmp_path):
    with pytest.raises(PairsError, match="load size 16"):
        Pairs([Source(side_by_side(tmp_path / "a.png"))], size=32, load_size=16)


# --- jitter ---


@pytest.mark.parametrize("side", [32, 47])
def test_input_and_truth_share_window_and_mirroring(tmp_path, side):
    image = picture(5, side, side)
    pairs = Pairs([Source(side_by_side(tmp_path / "a.png", image, image))], size=32, load_size=40)
    seen = set()
    for epoch in range(40):
        a, b = pairs[epoch, 0]
        assert a.shape == (3, 32, 32)
        assert torch.equal(a, b)
        seen.add(to_uint8(a).tobytes())
    assert len(seen) > 20


def test_jitter_is_resizing_then_cutting_then_mirroring(tmp_path):
    image = picture(5, 60, 60)
    pairs = Pairs([Source(side_by_side(tmp_path / "a.png", image, image))], size=32, load_size=36)
    resized = np.asarray(Image.fromarray(image).resize((36, 36), Image.Resampling.BICUBIC))
    windows = {
        (top, left, mirrored): resized[top : top + 32, left : left + 32][:, :: -1 if mirrored else 1].tobytes()
        for top in range(5)
        for left in range(5)
        for mirrored in (False, True)
    }
    places = {content: place for place, content in windows.items()}
    seen = {places[to_uint8(pairs[epoch, 0][0]).tobytes()] for epoch in range(400)}
    assert seen == set(windows)  # every window, first and last included, and no other


def test_without_jitter_and_mirroring_the_picture_is_itself(tmp_path):
    pairs = plain([Source(side_by_side(tmp_path / "a.png"))])
    for epoch in range(5):
        a, b = as_uint8(pairs[epoch, 0])
        assert np.array_equal(a, LEFT)
        assert np.array_equal(b, RIGHT)


def test_mirroring_alone(tmp_path):
    pairs = Pairs([Source(side_by_side(tmp_path / "a.png"))], size=32, load_size=32, flip=True)
    seen = [as_uint8(pairs[epoch, 0])[0] for epoch in range(40)]
    mirrored = [np.array_equal(image, LEFT[:, ::-1]) for image in seen]
    assert all(flag or np.array_equal(image, LEFT) for flag, image in zip(mirrored, seen, strict=True))
    assert 8 < sum(mirrored) < 32


def test_draws_are_a_function_of_seed_epoch_and_index(tmp_path):
    sources = find_pairs(write_pairs(tmp_path, 2))
    settings = {"size": 32, "load_size": 40}
    first, again, other = (Pairs(sources, seed=seed, **settings) for seed in (1, 1, 2))
    assert torch.equal(first[3, 1][0], again[3, 1][0])
    _ = again[0, 0]  # what was read before does not matter
    assert torch.equal(first[4, 1][0], again[4, 1][0])
    draws = {tuple(pairs[epoch, 0][0].flatten().tolist()) for pairs in (first, other) for epoch in range(3)}
    assert len(draws) == 6


def test_augmentation_is_drawn_like_everything_else(tmp_path):
    def grain(a, b, random):
        return np.clip(a + random.integers(-9, 10, a.shape), 0, 255).astype(np.uint8), b

    sources = [Source(side_by_side(tmp_path / "a.png"))]
    pairs, untouched = plain(sources, augment=grain), plain(sources)
    assert not torch.equal(pairs[0, 0][0], untouched[0, 0][0])
    assert torch.equal(pairs[0, 0][1], untouched[0, 0][1])
    assert torch.equal(pairs[7, 0][0], plain(sources, augment=grain)[7, 0][0])
    assert not torch.equal(pairs[7, 0][0], pairs[8, 0][0])


@pytest.mark.parametrize("kept", [0, 1, 3])
def test_the_cache_limit_changes_nothing(tmp_path, kept):
    sources = find_pairs(write_pairs(tmp_path, 4, size=40))
    settings = {"size": 32, "load_size": 36}
    one = 2 * 36 * 36 * 3
    limited, cached = Pairs(sources, cache_bytes=kept * one, **settings), Pairs(sources, **settings)
    assert (len(limited.cache), len(cached.cache)) == (kept, 4)
    for index in range(4):
        for left, right in zip(limited[2, index], cached[2, index], strict=True):
            assert torch.equal(left, right)


@pytest.mark.filterwarnings("ignore:This DataLoader will create")  # on machines with fewer processors
@pytest.mark.parametrize("workers", [1, 2])
def test_loading_processes_change_nothing(tmp_path, workers):
    pairs = Pairs(find_pairs(write_pairs(tmp_path, 4)), size=32, load_size=36)

    def batches(count):
        return list(islice(DataLoader(pairs, batch_sampler=EpochBatches(4, 2, 0), num_workers=count), 5))

    for loaded, expected in zip(batches(workers), batches(0), strict=True):
        assert torch.equal(loaded[0], expected[0])
        assert torch.equal(loaded[1], expected[1])


# --- order ---


def steps(number, **arguments):
    """The first `number` batches of keys."""
    return list(islice(iter(EpochBatches(**arguments)), number))


def indices(batches):
    return [index for batch in batches for _, index in batch]


@pytest.mark.parametrize(("count", "batch"), [(7, 1), (7, 2), (6, 3), (3, 5)])
def test_an_epoch_sees_every_pair(count, batch):
    sampler = EpochBatches(count, batch, seed=3)
    for epoch in range(3):
        first = epoch * sampler.steps_per_epoch
        batches = steps(first + sampler.steps_per_epoch, count=count, batch=batch, seed=3)[first:]
        assert set(indices(batches)) == set(range(count))
        assert {number for keys in batches for number, _ in keys} == {epoch}
        assert {len(keys) for keys in batches} == {batch}


def test_order_differs_between_epochs_and_seeds():
    first, second = (indices(steps(40, count=20, batch=1, seed=seed)) for seed in (0, 1))
    assert first[:20] != second[:20]
    assert first[:20] != first[20:]
    assert first[:20] != sorted(first[:20])


@pytest.mark.parametrize("start", [0, 1, 3, 4, 5, 11])
def test_resuming_at_any_step_goes_on_in_the_same_order(start):
    arguments = {"count": 7, "batch": 2, "seed": 5}
    assert steps(6, start=start, **arguments) == steps(start + 6, **arguments)[start:]


@pytest.mark.parametrize(("count", "batch", "world"), [(10, 2, 2), (7, 1, 3), (5, 2, 4)])
def test_processes_share_out_one_global_batch(count, batch, world):
    whole = steps(8, count=count, batch=batch * world, seed=1, start=2)
    parts = [steps(8, count=count, batch=batch, seed=1, start=2, rank=rank, world=world) for rank in range(world)]
    for step in range(8):
        assert list(chain.from_iterable(part[step] for part in parts)) == whole[step]


# --- pairs made from photos ---


@pytest.mark.parametrize("name", sorted(MAKERS))
@pytest.mark.parametrize("size", [(64, 48), (16, 16), (1, 1), (7, 300)])
def test_makers_keep_the_size_and_repeat_themselves(name, size):
    photo = Image.fromarray(picture(3, size[1], size[0]))
    before = np.array(photo)
    made = MAKERS[name](photo)
    assert (made.mode, made.size) == ("RGB", size)
    assert np.array_equal(made, MAKERS[name](photo))
    assert np.array_equal(photo, before)


def test_what_makers_make():
    photo = np.full((64, 64, 3), 90, np.uint8)
    photo[16:48, 16:48] = (250, 180, 20)
    made = {name: np.asarray(maker(Image.fromarray(photo))) for name, maker in MAKERS.items()}
    assert (made["gray"][..., 0] == made["gray"][..., 1]).all()
    assert set(np.unique(made["edges"])) == {0, 255}
    strokes = (made["edges"][..., 0] == 0).nonzero()
    assert {10 < min(places) < 20 and 44 < max(places) < 54 for places in strokes} == {True}
    holes = (made["inpaint"] != photo).any(axis=2)
    assert 0.1 < holes.mean() < 0.6
    assert (made["inpaint"][holes] == 255).all()
    assert np.abs(made["superres"].astype(int) - photo).max() > 5
    assert np.abs(made["superres"].astype(int) - photo).mean() < 20


def test_a_made_input_and_its_photo(tmp_path):
    write_picture(tmp_path / "photo.png", LEFT)
    sources = find_pairs(tmp_path)
    a, b = as_uint8(plain(sources, maker=MAKERS["gray"])[0, 0])
    assert np.array_equal(b, LEFT)
    assert np.array_equal(a, MAKERS["gray"](Image.fromarray(LEFT)))
    a, b = as_uint8(plain(sources, maker=MAKERS["gray"], direction="BtoA")[0, 0])
    assert np.array_equal(a, LEFT)


@pytest.mark.parametrize("name", ["edges", "superres"])
def test_inputs_are_made_at_the_size_that_training_sees(tmp_path, name):
    # Strokes one pixel wide fade when a large photo shrinks, and a quarter of its pixels is still as many as training sees.
    photo = np.asarray(Image.fromarray(picture(3, 512, 512)))
    write_picture(tmp_path / "photo.png", photo)
    expected = MAKERS[name](Image.fromarray(photo).resize((32, 32), Image.Resampling.BICUBIC))
    sources = find_pairs(tmp_path)
    assert np.array_equal(as_uint8(plain(sources, maker=MAKERS[name])[0, 0])[0], expected)
    assert np.array_equal(next(whole_pairs(sources, "AtoB", 32, MAKERS[name]))[0], expected)

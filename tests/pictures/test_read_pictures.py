"""Folders, .npz and idx files of pictures, as people have them."""

from __future__ import annotations

import gzip
import warnings

import numpy as np
import pytest
from made_pictures import folder_of, noise, save, write_idx
from PIL import Image

from netlet.pictures import PicturesError, read_pictures
from netlet.pictures.reading import decoding

pytestmark = pytest.mark.plain


def reasons(read):
    return dict(read.skipped)


# Folders


def test_a_subfolder_is_a_class(tmp_path):
    read = read_pictures(folder_of(tmp_path, n=2))
    assert read.names == ["cat/0.png", "cat/1.png", "dog/0.png", "dog/1.png"]
    assert read.labels.tolist() == ["cat", "cat", "dog", "dog"]
    assert read.pictures.shape == (4, 6, 8, 3)
    assert read.pictures.dtype == np.uint8
    np.testing.assert_array_equal(read.pictures[3], noise(seed=101))  # a PNG of the size that is read loses nothing
    assert (read.skipped, read.notes) == ([], [])


def test_the_number_of_threads_changes_nothing(tmp_path):
    folder_of(tmp_path, n=6)
    one, many = read_pictures(tmp_path, n_threads=1), read_pictures(tmp_path, n_threads=5)
    np.testing.assert_array_equal(one.pictures, many.pictures)
    assert one.names == many.names


def test_a_folder_without_subfolders_has_no_labels(tmp_path):
    folder_of(tmp_path, n=2)
    read = read_pictures(tmp_path / "cat")
    assert read.labels is None
    assert read.names == ["0.png", "1.png"]


def test_a_single_picture(tmp_path):
    assert read_pictures(save(tmp_path / "a.png")).pictures.shape == (1, 6, 8, 3)


def test_folders_within_folders_belong_to_the_first(tmp_path):
    folder_of(tmp_path, n=2)
    save(tmp_path / "cat" / "black" / "tom.png")
    read = read_pictures(tmp_path)
    assert read.labels[read.names.index("cat/black/tom.png")] == "cat"
    assert read.notes == ["1 of the files lie deeper; their class is the first folder's name."]


def test_a_link_that_leads_back_is_not_followed(tmp_path):
    folder_of(tmp_path, n=2)
    (tmp_path / "cat" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert len(read_pictures(tmp_path)) == 4


def test_a_folder_divided_into_parts(tmp_path):
    folder_of(tmp_path / "train", n=3)
    folder_of(tmp_path / "Test", n=1)
    assert len(read_pictures(tmp_path)) == 6
    assert read_pictures(tmp_path).labels[0] == "cat"
    assert len(read_pictures(tmp_path, part="test")) == 2
    with pytest.raises(PicturesError, match="has no pictures of the part 'validation'"):
        read_pictures(tmp_path, part="validation")


def test_hidden_files_are_passed_over(tmp_path):
    folder_of(tmp_path, n=2)
    for name in (".DS_Store", "cat/.hidden.png", "cat/Thumbs.db", "__MACOSX/cat/0.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    read = read_pictures(tmp_path)
    assert (len(read), read.skipped) == (4, [])


def test_files_that_are_no_pictures_are_skipped_and_named(tmp_path):
    folder_of(tmp_path, n=2)
    whole = save(tmp_path / "whole.jpg", noise(64, 64)).read_bytes()
    (tmp_path / "cat" / "empty.png").write_bytes(b"")
    (tmp_path / "cat" / "text.png").write_text("I am a picture")
    (tmp_path / "dog" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "dog" / "head.png").write_bytes((tmp_path / "dog" / "0.png").read_bytes()[:20])
    read = read_pictures(tmp_path)
    assert len(read.pictures) == len(read.labels) == len(read.names) == 4
    assert reasons(read)["whole.jpg"] == "lies beside the folders of the classes"
    assert reasons(read)["cat/empty.png"] == "the file is empty"
    assert reasons(read)["cat/text.png"] == "no picture in a known format"
    assert reasons(read)["dog/cut.jpg"].startswith("damaged or cut short (image file is truncated")
    assert set(reasons(read)) == {"whole.jpg", "cat/empty.png", "cat/text.png", "dog/cut.jpg", "dog/head.png"}


def test_any_byte_may_be_wrong(tmp_path):
    content = bytearray(save(tmp_path / "a.png").read_bytes())
    random = np.random.default_rng(0)
    for at in range(60):
        broken = bytearray(content)
        broken[random.integers(8, len(content))] ^= 1 + int(random.integers(255))
        (tmp_path / f"b{at}.png").write_bytes(broken)
    read = read_pictures(tmp_path, size=(6, 8))
    assert len(read) + len(read.skipped) == 61
    assert len(read.skipped) > 30  # a checksum guards every chunk that matters


def test_a_file_that_claims_to_be_huge_is_refused(tmp_path, monkeypatch):
    folder_of(tmp_path, n=1)
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 900)  # Pillow's own bounds are in the same proportion
    monkeypatch.setattr(decoding, "MOST_PIXELS", 800)
    for number, side in enumerate((29, 31, 50)):  # Pillow passes, warns, refuses
        Image.new("1", (side, side)).save(tmp_path / "cat" / f"bomb{number}.png")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        read = read_pictures(tmp_path)
    assert [name for name, why in read.skipped if "million" in why] == [f"cat/bomb{n}.png" for n in range(3)]
    assert len(read) == 2
    assert not said


def test_a_format_that_starts_other_programs_is_not_opened(tmp_path):
    folder_of(tmp_path, n=1)
    (tmp_path / "cat" / "page.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n")
    assert reasons(read_pictures(tmp_path)) == {"cat/page.png": "no picture in a known format"}


def test_an_empty_class_and_a_class_of_one_are_noted(tmp_path):
    folder_of(tmp_path, n=2)
    save(tmp_path / "emu" / "one.png")
    (tmp_path / "fox").mkdir()
    read = read_pictures(tmp_path)
    assert "The folder fox is empty: no class is made of it." in read.notes
    assert "A single picture shows emu: it can be learnt from, but not tested with; add more of them." in read.notes


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.mkdir(), "holds no pictures; put them into it"),
        (lambda path: (path / "a" / "b").mkdir(parents=True), "holds no pictures"),
        (lambda path: (path.mkdir(), (path / "a.txt").write_text("x")), "none of the 1 files can be read as a picture"),
    ],
)
def test_nothing_to_read(tmp_path, make, message):
    make(tmp_path / "pets")
    with pytest.raises(PicturesError, match=message):
        read_pictures(tmp_path / "pets")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, "size=0"), ({"size": 5000}, "size=5000"), ({"size": (3, 4, 5)}, "neither a number"),
        ({"size": "big"}, "neither a number"), ({"colour": "yes"}, "colour='yes'"), ({"n_threads": 0}, "n_threads=0"),
        ({"part": "tset"}, "part='tset'"),
    ],
)  # fmt: skip
def test_parameters_out_of_range(tmp_path, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        read_pictures(folder_of(tmp_path, n=1), **options)


# Sizes


def test_mixed_sizes_become_the_median(tmp_path):
    for at, (height, width) in enumerate([(10, 20), (12, 20), (40, 20)]):
        save(tmp_path / f"{at}.png", noise(height, width))
    read = read_pictures(tmp_path)
    assert read.pictures.shape == (3, 12, 20, 3)
    assert read.notes == ["2 of 3 pictures are made 12 × 20 pixels, the median size; they had 10 × 20 to 40 × 20."]


def test_large_pictures_are_made_smaller_with_their_aspect(tmp_path):
    save(tmp_path / "a.png", noise(60, 240))
    read = read_pictures(tmp_path)
    assert read.pictures.shape == (1, 16, 64, 3)
    assert "at a longest side of 64" in read.notes[0]
    assert read_pictures(tmp_path, size=(60, 240)).pictures.shape == (1, 60, 240, 3)


def test_a_picture_is_padded_with_the_mean_of_its_border(tmp_path):
    array = np.full((4, 8), 40, np.uint8)
    array[0] = 120  # of the border's 24 places (corners count twice) 8 + 2 are 120
    save(tmp_path / "a.png", array)
    picture = read_pictures(tmp_path, size=8).pictures[0, :, :, 0]
    np.testing.assert_array_equal(picture[2:6], array)
    np.testing.assert_array_equal(picture[[0, 1, 6, 7]], np.full((4, 8), round((10 * 120 + 14 * 40) / 24)))


def test_a_thin_picture_keeps_a_pixel(tmp_path):
    save(tmp_path / "a.png", noise(1, 400))
    assert read_pictures(tmp_path, size=16).pictures.shape == (1, 16, 16, 3)


# Modes


def mode_of(tmp_path, image, ending="png", **options):
    image.save(tmp_path / f"a.{ending}", **options)
    return read_pictures(tmp_path).pictures[0]


GREY = noise(channels=1)


def test_grey_stays_grey(tmp_path):
    np.testing.assert_array_equal(mode_of(tmp_path, Image.fromarray(GREY))[..., 0], GREY)


def test_one_bit(tmp_path):
    np.testing.assert_array_equal(mode_of(tmp_path, Image.fromarray(GREY > 99))[..., 0], np.where(GREY > 99, 255, 0))


def test_sixteen_bits(tmp_path):
    np.testing.assert_array_equal(mode_of(tmp_path, Image.fromarray(GREY.astype(np.uint16) * 256 + 7))[..., 0], GREY)


@pytest.mark.parametrize("scale", [1 / 255, 1])
def test_fractions(tmp_path, scale):
    array = (GREY * scale).astype(np.float32)
    np.testing.assert_array_equal(mode_of(tmp_path, Image.fromarray(array), "tif")[..., 0], GREY)


def test_a_palette_of_colours_and_one_of_greys(tmp_path):
    colours = Image.fromarray(noise()).quantize(16)
    np.testing.assert_array_equal(mode_of(tmp_path, colours), np.asarray(colours.convert("RGB")))
    greys = Image.fromarray(GREY).quantize(16)
    np.testing.assert_array_equal(mode_of(tmp_path, greys)[..., 0], np.asarray(greys.convert("L")))


def test_transparency_is_laid_over_white(tmp_path):
    array = np.dstack([noise(), np.full((6, 8), 255, np.uint8)])
    array[0, 0, 3], array[0, 1] = 0, (0, 0, 0, 51)
    picture = mode_of(tmp_path, Image.fromarray(array))
    assert picture[0, 0].tolist() == [255, 255, 255]
    assert picture[0, 1].tolist() == [204, 204, 204]  # 255 * 0.8
    np.testing.assert_array_equal(picture[1:], array[1:, :, :3])


def test_grey_with_transparency(tmp_path):
    array = np.dstack([GREY, np.where(GREY > 99, 255, 0).astype(np.uint8)])
    picture = mode_of(tmp_path, Image.fromarray(array))
    np.testing.assert_array_equal(picture[..., 0], np.where(GREY > 99, GREY, 255))


def test_a_transparent_colour_of_a_palette(tmp_path):
    image = Image.fromarray(np.arange(48, dtype=np.uint8).reshape(6, 8), mode=None).convert("P")
    picture = mode_of(tmp_path, image, transparency=5)
    assert picture[0, 5, 0] == 255
    assert picture[0, 6, 0] == 6


def test_printing_colours(tmp_path):
    image = Image.new("CMYK", (8, 6), (0, 255, 255, 0))
    assert mode_of(tmp_path, image, "tif")[0, 0].tolist() == [255, 0, 0]


def test_an_animation_gives_its_first_frame(tmp_path):
    first, second = (Image.new("RGB", (8, 6), colour) for colour in ("red", "blue"))
    assert mode_of(tmp_path, first, "gif", save_all=True, append_images=[second])[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "webp"])
def test_the_orientation_of_a_camera(tmp_path, ending):
    array = np.zeros((16, 32), np.uint8)
    array[:, :8] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the left side of the file is the top
    picture = mode_of(tmp_path, Image.fromarray(array), ending, exif=exif)[..., 0]
    assert picture.shape == (32, 16)
    assert picture[:7].min() > 200
    assert picture[9:].max() < 50


def test_colour_if_any_picture_has_it(tmp_path):
    save(tmp_path / "grey.png", GREY)
    save(tmp_path / "red.png", noise())
    read = read_pictures(tmp_path)
    assert read.pictures.shape == (2, 6, 8, 3)
    assert read.notes == ["1 of 2 pictures have colour; the grey ones are made colour too."]
    np.testing.assert_array_equal(read.pictures[0], np.repeat(GREY[..., None], 3, axis=2))
    assert read_pictures(tmp_path, colour=False).pictures.shape == (2, 6, 8, 1)
    assert read_pictures(tmp_path / "grey.png", colour=True).pictures.shape == (1, 6, 8, 3)


# .npz


def npz(path, **arrays):
    np.savez(path / "a.npz", **arrays)
    return path / "a.npz"


@pytest.mark.parametrize(
    "names", [("x", "y"), ("X", "labels"), ("images", "y"), ("x_train", "y_train"), ("train_images", "train_labels")]
)
def test_arrays_by_their_usual_names(tmp_path, names):
    x, y = noise(5, 7, 4), np.array([3, 1, 3, 1, 2])
    read = read_pictures(npz(tmp_path, **{names[0]: x, names[1]: y}))
    np.testing.assert_array_equal(read.pictures[..., 0], x)
    assert read.labels.tolist() == y.tolist()
    assert read.names == ["0", "1", "2", "3", "4"]


def test_the_parts_of_arrays(tmp_path):
    path = npz(tmp_path, x_train=noise(5, 7, 4), y_train=np.arange(5), x_test=noise(2, 7, 4), y_test=np.arange(2))
    assert len(read_pictures(path)) == 5
    assert read_pictures(path, part="test").labels.tolist() == [0, 1]


def test_fractions_and_channels_first(tmp_path):
    whole = np.random.default_rng(0).integers(0, 256, (4, 3, 9, 8))
    read = read_pictures(npz(tmp_path, x=whole / 255))
    np.testing.assert_array_equal(read.pictures, whole.transpose(0, 2, 3, 1))
    assert len(read.notes) == 2
    assert read.labels is None


def test_another_size_of_arrays(tmp_path):
    read = read_pictures(npz(tmp_path, x=np.full((2, 8, 8, 3), 77, np.uint8)), size=4, colour=False)
    np.testing.assert_array_equal(read.pictures, np.full((2, 4, 4, 1), 77))


def test_labels_are_text_or_whole_numbers(tmp_path):
    x = noise(3, 7, 4)
    assert read_pictures(npz(tmp_path, x=x, y=np.array([b"a", b"b", b"a"]))).labels.tolist() == ["a", "b", "a"]
    assert read_pictures(npz(tmp_path, x=x, y=np.array([[1.0], [2.0], [1.0]]))).labels.tolist() == [1, 2, 1]


X = noise(3, 7, 4)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"z": X}, "has no array of pictures; its arrays are z"),
        ({"x": X[0, 0]}, "have the shape"),
        ({"x": X[:0]}, "have the shape"),
        ({"x": np.zeros((2, 5, 5, 7), np.uint8)}, "7 channels"),
        ({"x": X - 300.0}, "range from"),
        ({"x": np.full((1, 2, 2), np.nan)}, "range from nan"),
        ({"x": X.astype(str)}, "of type <U"),
        ({"x": X.astype(object)}, "cannot be read"),
        ({"x": X, "y": np.arange(4)}, "3 pictures and 4 labels"),
        ({"x": X, "y": np.eye(3)}, "y.argmax"),
        ({"x": X, "y": np.array([0.5, 1, 1])}, "not whole numbers"),
        ({"x": X, "y": np.array([np.nan, 1, 1])}, "not whole numbers"),
    ],
)
def test_arrays_that_are_no_pictures(tmp_path, arrays, message):
    with pytest.raises(PicturesError, match=message):
        read_pictures(npz(tmp_path, **arrays))


def test_an_npz_file_that_is_none(tmp_path):
    path = npz(tmp_path, x=X)
    whole = path.read_bytes()
    for content in (b"", b"PK", b"text", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(PicturesError, match="a.npz"):
            read_pictures(path)


# idx


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_idx_with_its_labels_beside(tmp_path, ending):
    x, y = noise(5, 7, 4), np.array([3, 1, 3, 1, 2], np.uint8)
    path = write_idx(tmp_path / f"train-images-idx3-ubyte{ending}", x)
    write_idx(tmp_path / f"train-labels-idx1-ubyte{ending}", y)
    write_idx(tmp_path / "t10k-images-idx3-ubyte", x[:2])
    write_idx(tmp_path / "t10k-labels-idx1-ubyte.gz", y[:2])
    for source in (path, tmp_path):
        read = read_pictures(source)
        np.testing.assert_array_equal(read.pictures[..., 0], x)
        assert read.labels.tolist() == y.tolist()
    assert read_pictures(tmp_path, part="test").labels.tolist() == [3, 1]
    with pytest.raises(PicturesError, match="holds labels; give the file of the pictures"):
        read_pictures(tmp_path / f"train-labels-idx1-ubyte{ending}")


def test_idx_without_labels(tmp_path):
    read = read_pictures(write_idx(tmp_path / "train-images.idx3-ubyte", X))
    assert read.labels is None
    assert "no file of labels beside it" in read.notes[0]


def test_idx_labels_of_another_number(tmp_path):
    path = write_idx(tmp_path / "my-images-idx3-ubyte", X)
    write_idx(tmp_path / "my-labels-idx1-ubyte", np.zeros(4, np.uint8))
    with pytest.raises(PicturesError, match="3 pictures and 4 labels"):
        read_pictures(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: b"", "is no idx file"),
        (lambda content: b"\x01" + content[1:], "is no idx file"),
        (lambda content: content[:2] + b"\x0d" + content[3:], "type 13; only bytes"),
        (lambda content: content[:9], "within its header"),
        (lambda content: content[:-1], "is cut short: 3 × 7 × 4 is 84 bytes"),
        (lambda content: content + b"x", "holds more than its header says"),
        (lambda content: content[:4] + b"\xff" * 12 + content[16:], "is cut short"),
        (lambda content: gzip.compress(content)[:-9], "damaged or cut short"),
        (lambda content: gzip.compress(content)[:30] + bytes(9) + gzip.compress(content)[39:], "damaged or cut short"),
    ],
)
def test_idx_files_that_are_damaged(tmp_path, change, message):
    path = write_idx(tmp_path / "train-images-idx3-ubyte", X)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(PicturesError, match=message):
        read_pictures(path)


def test_pillow_is_asked_for_by_name(tmp_path, monkeypatch):
    folder_of(tmp_path, n=1)
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    with pytest.raises(ImportError, match=r'pip install "netlet\[pictures\]"'):
        read_pictures(tmp_path)
    assert len(read_pictures(npz(tmp_path, x=X))) == 3  # arrays need none

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from priced.data.encoded import Encoded, shape_of
from tests.conftest import Configure
from tests.data.battery import DataBattery, built
from tests.data.pictures import write_folders


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    write_folders(tmp_path / "photos", 60)


class TestImageFolder(DataBattery):
    overrides = ("data=image_folder", "data.root=photos")

    def test_shape_and_classes_are_read_off_the_folders(self, configure: Configure) -> None:
        data = self.built(configure)
        assert (data.shape, data.num_outputs) == ([3, 12, 10], 2)
        assert data.class_names == ["cat", "dog"]


def test_folders_named_train_and_test_are_those_parts(configure: Configure, tmp_path: Path) -> None:
    write_folders(tmp_path / "parted" / "train", 40)
    write_folders(tmp_path / "parted" / "test", 5)
    data = built(configure, "data=image_folder", "data.root=parted")
    assert (len(data.train) + len(data.val), len(data.test)) == (80, 10)


def test_a_picture_of_another_size_is_refused_or_resized(
    configure: Configure, tmp_path: Path
) -> None:
    write_folders(tmp_path / "photos", 3, size=(20, 20))
    call = ("data=image_folder", "data.root=photos")
    with pytest.raises(ValueError, match=r"like the rest.*data\.resize=true"):
        built(configure, *call)
    data = built(configure, *call, "data.resize=true", "data.shape=[3,8,8]")
    assert list(data.sample().shape) == [1, 3, 8, 8]


def test_a_file_that_is_no_picture_is_refused_by_name(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "photos" / "dog" / "torn.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"torn\.png must be a readable picture"):
        built(configure, "data=image_folder", "data.root=photos")


@pytest.mark.parametrize("name", ["nowhere", "photos/cat"])
def test_a_folder_without_classes_is_refused(configure: Configure, name: str) -> None:
    with pytest.raises(ValueError, match="folder"):
        built(configure, "data=image_folder", f"data.root={name}")


def save(file: Path, pixels: object, mode: str | None = None, **options: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(np.asarray(pixels))
    (picture if mode is None else picture.convert(mode)).save(file, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("folders", "sizes"),
    [
        (("train", "val", "test"), (80, 10, 6)),
        (("Training", "Validation"), (64, 10, 16)),
        (("TRAIN", "Test"), (72, 8, 6)),
        (("train",), (58, 6, 16)),
    ],
)
def test_folders_of_parts_are_those_parts_however_they_are_spelled(
    configure: Configure, tmp_path: Path, folders: tuple[str, ...], sizes: tuple[int, ...]
) -> None:
    for name in folders:
        of_part = {"t": 40, "v": 5}[name[0].lower()] if name.lower() != "test" else 3
        write_folders(tmp_path / "parted" / name, of_part)
    data = built(configure, "data=image_folder", "data.root=parted")
    assert data.class_names == ["cat", "dog"]
    assert (len(data.train), len(data.val), len(data.test)) == sizes


def test_what_a_person_did_not_put_there_is_passed_over(
    configure: Configure, tmp_path: Path
) -> None:
    (tmp_path / "photos" / ".ipynb_checkpoints").mkdir()
    save(tmp_path / "photos" / ".ipynb_checkpoints" / "a.png", np.zeros((12, 10, 3), np.uint8))
    (tmp_path / "photos" / "cat" / "._0.png").write_bytes(b"Mac")
    (tmp_path / "photos" / "cat" / "empty.png").write_bytes(b"")
    (tmp_path / "photos" / "__MACOSX").mkdir()
    data = built(configure, "data=image_folder", "data.root=photos")
    assert data.class_names == ["cat", "dog"]
    assert sum(map(len, (data.train, data.val, data.test))) == 120


@pytest.mark.parametrize(
    ("name", "pixels", "mode", "expected"),
    [
        ("grey.png", np.full((4, 4), 128, np.uint8), None, 128),
        ("deep.png", np.full((4, 4), 32896, np.uint16), None, 128),
        ("float.tiff", np.full((4, 4), 0.5, np.float32), None, 128),
        ("float255.tiff", np.full((4, 4), 128, np.float32), None, 128),
        ("palette.png", np.full((4, 4, 3), 128, np.uint8), "P", 128),
        ("print.tiff", np.full((4, 4, 3), 128, np.uint8), "CMYK", 128),
        ("clear.png", np.full((4, 4, 4), (9, 9, 9, 0), np.uint8), None, 255),
        ("half.png", np.full((4, 4, 2), (0, 128), np.uint8), "LA", 127),
    ],
)
def test_pixels_of_any_depth_and_kind_become_eight_bits(
    tmp_path: Path, name: str, pixels: np.ndarray, mode: str | None, expected: int
) -> None:
    file = tmp_path / name
    if name == "half.png":
        Image.fromarray(pixels, "LA").save(file)
    else:
        save(file, pixels, mode)
    for channels in (1, 3):
        got = Encoded([file], channels, top=255.0 if "255" in name else 1.0)(0)
        assert got.shape == (channels, 4, 4)
        assert abs(int(got.mean()) - expected) <= 3, got.mean()


def test_a_picture_stands_as_the_camera_was_held(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "a.jpg", np.zeros((4, 10, 3), np.uint8), exif=exif)
    assert shape_of(tmp_path / "a.jpg") == ([3, 10, 4], False)
    assert Encoded([tmp_path / "a.jpg"], 3)(0).shape == (3, 10, 4)


@pytest.mark.parametrize("grey", ["0", "59"])
def test_colour_is_kept_whichever_picture_is_grey(
    configure: Configure, tmp_path: Path, grey: str
) -> None:
    save(tmp_path / "photos" / "cat" / f"{grey}.png", np.zeros((12, 10), np.uint8))
    assert built(configure, "data=image_folder", "data.root=photos").shape == [3, 12, 10]


def test_a_picture_that_is_too_large_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "large.png", np.zeros((40, 40), np.uint8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ValueError, match=r"large\.png must be smaller"):
        shape_of(tmp_path / "large.png")


def test_the_spread_is_that_of_all_pixels(configure: Configure) -> None:
    data = built(configure, "data=image_folder", "data.root=photos")
    part = data.train[torch.arange(len(data.train))][0].double()
    assert torch.allclose(part.std((0, 2, 3), correction=0), torch.ones(3).double(), atol=1e-5)

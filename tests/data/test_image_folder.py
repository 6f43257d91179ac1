from pathlib import Path

import pytest

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

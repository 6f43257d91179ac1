from tests.conftest import Configure
from tests.data.battery import DataBattery


class TestDigits(DataBattery):
    overrides = ("data=digits",)

    def test_every_class_stands_in_every_part_in_its_share(self, configure: Configure) -> None:
        data = self.built(configure)
        for part in (data.train, data.val, data.test):
            shares = part.targets.bincount(minlength=10) / len(part)
            assert shares.min() > 0.08
            assert shares.max() < 0.12

    def test_the_last_batch_of_an_epoch_is_smaller_and_not_lost(self, configure: Configure) -> None:
        data = self.built(configure, "data.batch_size=100")
        sizes = [len(y) for _, y in data.train_dataloader()]
        assert sum(sizes) == len(data.train)
        assert sizes[-1] < 100

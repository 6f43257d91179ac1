from tests.data.battery import DataBattery


class TestWine(DataBattery):
    overrides = ("data=wine",)

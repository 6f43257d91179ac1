from tests.data.battery import DataBattery


class TestDiabetes(DataBattery):
    overrides = ("data=diabetes",)

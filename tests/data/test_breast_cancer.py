from tests.data.battery import DataBattery


class TestBreastCancer(DataBattery):
    overrides = ("data=breast_cancer",)

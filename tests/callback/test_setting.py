import torch

from priced.callback.setting import Setting
from tests.callback.fake import make_trainer


def test_settings_are_those_asked_for_in_every_group_of_every_optimizer() -> None:
    parameters = [torch.nn.Parameter(torch.zeros(1)) for _ in range(3)]
    groups = [{"params": parameters[:1]}, {"params": parameters[1:2], "lr": 0.5}]
    first = torch.optim.AdamW(groups, lr=0.1)
    second = torch.optim.SGD(parameters[2:], lr=0.2)
    setting = Setting({"lr": 0.01, "betas": [0.5, 0.9]})
    setting.on_train_start(make_trainer(optimizers=[first]), None)  # type: ignore[arg-type]
    assert [group["lr"] for group in first.param_groups] == [0.01, 0.01]
    assert first.param_groups[0]["betas"] == (0.5, 0.9), "as a tuple, which torch takes"
    Setting({"lr": 0.01}).on_train_start(make_trainer(optimizers=[second]), None)  # type: ignore[arg-type]
    assert second.param_groups[0]["lr"] == 0.01

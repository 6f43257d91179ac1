import torch

from priced.callback.rank_seed import RankSeed
from tests.callback.fake import make_trainer


def draw(rank: int, seed: int = 3) -> list[float]:
    torch.manual_seed(seed)
    RankSeed(seed).on_train_start(make_trainer(global_rank=rank), None)  # type: ignore[arg-type]
    return torch.rand(3).tolist()


def test_each_rank_draws_its_own_and_the_first_what_one_process_would() -> None:
    torch.manual_seed(3)
    alone = torch.rand(3).tolist()
    assert draw(0) == alone
    assert len({tuple(draw(rank)) for rank in range(4)}) == 4
    assert draw(1) == draw(1)
    assert draw(1) != draw(1, seed=4)

import pytest
import torch

from priced.data.order import Order


def indices(order: Order) -> list[int]:
    return torch.cat(list(order)).tolist()


def test_an_epoch_holds_every_example_once_in_an_order_of_its_own() -> None:
    epochs = [indices(Order(10, 3, seed=1, position=lambda e=e: (e, 0))) for e in range(3)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_an_epoch_goes_on_where_its_consumed_batches_end() -> None:
    whole = indices(Order(10, 3, seed=1, position=lambda: (4, 0)))
    rest = indices(Order(10, 3, seed=1, position=lambda: (4, 2)))
    assert rest == whole[6:]


def test_without_a_seed_the_order_is_the_datas_own() -> None:
    assert indices(Order(5, 2, seed=None, position=lambda: (0, 0))) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("length", [7, 8, 9])
def test_ranks_share_an_epoch_and_take_as_many_steps(length: int) -> None:
    orders = [Order(length, 2, 1, lambda: (0, 0), rank, ranks=3) for rank in range(3)]
    assert len({len(list(order)) for order in orders}) == 1
    assert {i for order in orders for i in indices(order)} == set(range(length))


def test_ranks_share_a_validation_part_without_doubling_any() -> None:
    orders = [Order(7, 2, None, lambda: (0, 0), rank, ranks=2) for rank in range(2)]
    assert sorted(i for order in orders for i in indices(order)) == list(range(7))
    assert [len(list(order)) for order in orders] == [len(order) for order in orders]

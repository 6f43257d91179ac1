import pytest
import torch
from torch import Tensor

from priced.model.gpt import GPT, Past
from priced.model.sample import choose
from tests.model.battery import ModelBattery


def small(**more: float) -> GPT:
    return GPT(65, 16, width=32, depth=2, heads=2, **more)  # type: ignore[arg-type]


class TestGPT(ModelBattery):
    outputs = (16, 65)

    def model(self) -> GPT:
        return small()

    def batch(self) -> Tensor:
        return torch.randint(65, (4, 16))


def test_gpt_2_has_its_published_size() -> None:
    # A. Radford et al. 2019; 124,439,808 in the released weights of the smallest.
    with torch.device("meta"):
        model = GPT(50257, 1024, width=768, depth=12, heads=12, bias=True)
    assert sum(p.numel() for p in model.parameters()) == 124_439_808


def test_no_token_is_told_of_a_later_one() -> None:
    model = small().eval()
    x = torch.randint(65, (1, 16))
    other = x.clone()
    other[0, 9] = (x[0, 9] + 1) % 65
    before, after = model(x), model(other)
    assert torch.equal(before[0, :9], after[0, :9])
    assert not torch.equal(before[0, 9:], after[0, 9:])


def test_kept_keys_and_values_give_the_logits_of_the_whole_text() -> None:
    model, x = small().eval(), torch.randint(65, (2, 12))
    past, pieces = Past(), []
    for piece in x.split([5, 1, 4, 1, 1], dim=1):
        pieces.append(model(piece, past))
        past.length += piece.shape[1]
    assert torch.allclose(torch.cat(pieces, dim=1), model(x), atol=1e-5)


def test_a_text_longer_than_the_context_goes_on() -> None:
    model = small().eval()
    rng = [torch.Generator().manual_seed(1) for _ in range(2)]
    first, second = (model.generate(torch.ones(1, 3).long(), 40, 0.8, 5, one) for one in rng)
    assert first.shape == (1, 43)
    assert torch.equal(first, second)
    assert first.max() < 65


def test_it_is_compiled_whole() -> None:
    model, x = small(), torch.randint(65, (2, 16))
    whole = torch.compile(model, fullgraph=True, backend="eager")
    assert torch.allclose(whole(x), model(x), atol=1e-5)


def test_bfloat16_gives_about_the_same() -> None:
    torch.manual_seed(0)
    model, x = small(), torch.randint(65, (2, 16))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = model(x)
    assert torch.allclose(rough.float(), model(x), atol=0.05)
    assert model.to(torch.bfloat16)(x).dtype == torch.bfloat16


def test_the_likeliest_token_is_chosen_without_chance() -> None:
    logits = torch.tensor([[0.0, 3.0, 1.0], [5.0, 0.0, 4.0]])
    assert choose(logits, 0, None).flatten().tolist() == [1, 0]
    assert choose(logits, 5.0, 1).flatten().tolist() == [1, 0]
    drawn = choose(logits.repeat(200, 1), 5.0, 2)[1::2]
    assert set(drawn.flatten().tolist()) == {0, 2}


@pytest.mark.parametrize(("temperature", "top_k"), [(-1, None), (1, 0)])
def test_a_choice_that_means_nothing_is_refused(temperature: float, top_k: int | None) -> None:
    with pytest.raises(ValueError, match="must be"):
        choose(torch.zeros(1, 3), temperature, top_k)


@pytest.mark.parametrize(("width", "heads", "dropout"), [(32, 3, 0.0), (0, 1, 0.0), (32, 2, 1.0)])
def test_sizes_that_do_not_fit_are_refused(width: int, heads: int, dropout: float) -> None:
    with pytest.raises(ValueError, match="must"):
        GPT(65, 16, width, 1, heads, dropout)

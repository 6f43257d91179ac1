"""Pretrained models for tests, in the layout of the hub."""

from pathlib import Path

import torch
import transformers

from priced.data.tokenizer import Pieces


def write_pretrained(folder: Path, texts: list[str]) -> None:
    """Write a small language model and its tokenizer."""
    torch.manual_seed(0)
    pieces = Pieces.learn(texts, 300)
    config = transformers.GPT2Config(
        vocab_size=320, n_positions=32, n_embd=32, n_layer=2, n_head=2, pad_token_id=0
    )
    transformers.GPT2LMHeadModel(config).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(pieces.state()["json"])

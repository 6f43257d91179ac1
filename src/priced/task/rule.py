"""What a way to train cannot go with."""

from priced.compose.config import Config


def check_learner(config: Config, ranks: int) -> None:
    """Refuse what only training step by step can do.

    Args:
        config: The run's.
        ranks: How many devices share the work.

    Raises:
        ValueError: If something is asked for that needs steps.
    """
    if config.max_epochs != 1:
        raise ValueError(f"max_epochs must be 1 for what learns once, got {config.max_epochs}")
    if config.data.get("augment"):
        raise ValueError("data.augment needs a network that is trained step by step")
    check_steps(config, "what learns once")
    between = config.trainer.get("val_check_interval")
    if between is not None and between != 1.0:
        raise ValueError(
            "trainer.val_check_interval must be 1.0 for what learns once, from all of the training "
            f"part, got {between}"
        )
    if ranks > 1:
        raise ValueError("what learns once learns on one device: trainer.devices=1")


def check_steps(config: Config, what: str) -> None:
    """Refuse what Lightning does around a step that it makes itself.

    Args:
        config: The run's.
        what: Who makes its own steps.

    Raises:
        ValueError: If such a thing is asked for.
    """
    if config.trainer.get("gradient_clip_val"):
        raise ValueError(f"trainer.gradient_clip_val cannot go with {what}")
    if config.trainer.get("accumulate_grad_batches", 1) != 1:
        raise ValueError(f"trainer.accumulate_grad_batches cannot go with {what}")
    if freezes(config):
        raise ValueError(f"callback=[freeze] cannot go with {what}")


def freezes(config: Config) -> bool:
    """Say whether layers are frozen."""
    return any(one._target_.endswith(".Freeze") for one in (config.callback or {}).values())

"""What tells two runs' settings apart."""

import hashlib
import json
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from priced.check.leaves import leaves
from priced.check.redact import redact_source
from priced.check.schema import HYDRA, list_knobs

_NOT_IN_DIGEST = (*list_knobs("identity", False), HYDRA)
_DIGITS = 16


def digest_config(cfg: DictConfig) -> str:
    """Return a digest of a config, without its seed, its places, its prices and its rungs.

    Runs that share it are repetitions of each other: only the seed, or nothing, differs.
    """
    plain = OmegaConf.to_container(redact_source(cfg), resolve=False)
    assert isinstance(plain, dict)
    kept = {key: value for key, value in plain.items() if key not in _NOT_IN_DIGEST}
    if isinstance(kept.get("callback"), dict):
        kept["callback"].pop("progress", None)
    if kept.get("seeds") == 1:
        kept.pop("seeds")
    if isinstance(kept.get("cv"), dict) and kept["cv"].get("folds") is None:
        kept.pop("cv")
    if isinstance(kept.get("target"), dict) and not kept.get("stop_at_target"):
        kept["target"].pop("rungs", None)
    text = json.dumps(kept, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def read_settings(file: Path) -> dict[str, object]:
    """Return the settings of a resolved config by dotted key, without the run's own places."""
    plain = OmegaConf.to_container(OmegaConf.load(file), resolve=False)
    assert isinstance(plain, dict)
    skip = (*list_knobs("place"), "stages")
    flat = leaves({key: value for key, value in plain.items() if key not in skip})
    own = str(plain.get("folder"))
    return {key: value for key, value in flat.items() if not str(value).startswith(own)}

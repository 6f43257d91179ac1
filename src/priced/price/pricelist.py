"""The price lists that come as files: today's, a user's own, and those of the past."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from priced.price.fact import read_facts
from priced.price.tariff import KINDS, Tariff

_NEEDED = ("name", "usd_per_hour", "source", "as_of")


def tariff_of(plain: Mapping[str, Any]) -> Tariff:
    """Return a tariff from plain data, such as the ledger keeps.

    Raises:
        ValueError: If it is no tariff.
    """
    kept = {one.name for one in fields(Tariff)}
    if missing := [key for key in _NEEDED if key not in plain]:
        raise ValueError(
            f"a tariff must give {', '.join(_NEEDED)}; {', '.join(missing)} is missing"
        )
    for key in kept & set(plain):
        _check_type(key, plain[key])
    return Tariff(**{key: value for key, value in plain.items() if key in kept})


def _check_type(key: str, value: object) -> None:
    """Hold a value of a tariff against its type: a wrong one would be priced all the same."""
    kind, right = "text", isinstance(value, str)
    if key in ("usd_per_hour", "usd_per_kwh"):
        kind, right = "a number", isinstance(value, int | float) and not isinstance(value, bool)
    elif key in ("accelerators", "vcpus"):
        whole = isinstance(value, int) and not isinstance(value, bool)
        kind, right = "a whole number", whole or (key == "vcpus" and value is None)
    elif key in ("vcpu_flops_per_second", "vcpu_bytes_per_second"):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        kind, right = "a number above zero", value is None or (is_number and value > 0)  # type: ignore[operator]
    elif key == "accelerator":
        right = right or value is None
    elif key == "kind":
        kind, right = f"one of {', '.join(KINDS)}", value in KINDS
    if not right:
        raise ValueError(f"a tariff's {key} must be {kind}, got {value!r}")


def tariffs(folder: Path) -> dict[str, Tariff]:
    """Return the tariffs in a folder of options, by name.

    Raises:
        ValueError: If a file of it holds none.
    """
    return {file.stem: _read(file) for file in sorted(folder.glob("*.yaml"))}


def find_tariff(word: str, folder: Path) -> Tariff:
    """Return the tariff that a word means.

    Args:
        word: An option's name (`aws_p5`), one as it was on a day (`aws_p5@2024-01-01`), or a file.
        folder: The options.

    Raises:
        ValueError: If there is none, or nothing is known of that day.
    """
    if word.endswith((".yaml", ".yml")):
        return _read(Path(word))
    name, _, day = word.partition("@")
    file = folder / f"{name}.yaml"
    if not file.is_file():
        names = sorted(one.stem for one in folder.glob("*.yaml"))
        close = [known for known in names if known.startswith(name)]
        close = close or get_close_matches(name, names, n=3)
        known = f"did you mean {', '.join(close)}?" if close else f"they are {', '.join(names)}"
        raise ValueError(f"tariff must be a file or the name of one, got {name}; {known}")
    tariff = _read(file)
    return _on_day(tariff, day) if day else tariff


def _on_day(tariff: Tariff, day: str) -> Tariff:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise ValueError(f"the day of a tariff must be YYYY-MM-DD, got {day}") from None
    rows = [
        row
        for row in read_facts("history")
        if row["instance"] == tariff.machine
        and row["kind"] == tariff.kind
        and (not tariff.region or row["provider"].endswith(tariff.region))
    ]
    past = [row for row in rows if row["as_of"] <= day]
    if not past:
        first = min((row["as_of"] for row in rows), default=None)
        reason = f"its first known price is of {first}" if first else "its past is not known"
        raise ValueError(f"tariff {tariff.name} has no price on {day}: {reason}")
    row = max(past, key=lambda row: row["as_of"])
    return replace(
        tariff,
        name=f"{tariff.name}@{day}",
        usd_per_hour=float(row["usd_per_hour"]),
        source=row["source"],
        as_of=row["as_of"],
    )


def _read(file: Path) -> Tariff:
    from omegaconf import OmegaConf  # what only lists runs reads no file, and starts without it

    try:
        plain = OmegaConf.to_container(OmegaConf.load(file), resolve=True)
    except Exception as error:  # YAML and OmegaConf have no error in common
        reason = " ".join(str(error).split())
        raise ValueError(f"{file} must be a readable tariff: {reason}") from error
    if not isinstance(plain, dict):
        raise ValueError(f"{file} must be a tariff, key: value")
    given = {str(key): value for key, value in plain.items() if key != "_target_"}
    known = [one.name for one in fields(Tariff)]
    if strange := [key for key in given if key not in known]:
        raise ValueError(f"{file}: {strange[0]} is no key of a tariff; it takes {', '.join(known)}")
    return tariff_of(given)

"""Words of a command line in Hydra's grammar: what a user may type plainly is spelled out."""

import re
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser

from priced.check.schema import SECTIONS

_TEXTS = (
    *("predict.prompt", "data.path", "data.root", "data.target", "data.text", "data.image"),
    *("data.pattern", "data.separator", "data.encoding", "data.decimal", "data.tokenizer"),
    *("data.hub", "data.cache", "run", "folder", "logs", "ledger"),
    *("model.pretrained", "model.name", "tariff.name", "tariff.source", "tariff.as_of"),
    *("tariff.machine", "tariff.region", "tariff.accelerator"),
)
"""Keys whose value is text, whatever it looks like."""
_LISTS_OF_TEXT = ("tags", "data.drop", "data.categorical", "data.dates", "data.columns")
_SWEPT = re.compile(r"(choice|glob|tag|sort|shuffle|range|interval)\(")
_SECTION_KEY = re.compile(
    rf"({'|'.join((*SECTIONS, 'budget', 'target', 'pruner', 'price_cut'))})\.[\w.-]+="
)


def key_of(word: str) -> str:
    """Return the key that a word is about, without Hydra's signs for adding and deleting.

    Example:
        >>> key_of("++model.width=3"), key_of("~callback.progress")
        ('model.width', 'callback.progress')
    """
    return word.partition("=")[0].lstrip("+~")


def value_of(words: Sequence[str], key: str) -> str | None:
    """Return the last value that words give to a key, or None.

    Example:
        >>> value_of(["run=last", "seed=1", "run=a1"], "run")
        'a1'
    """
    found = [word.partition("=")[2] for word in words if word.partition("=")[0] == key]
    return found[-1] if found else None


def open_key(word: str) -> str:
    """Let a section take any key without `+`: what its class takes is checked against the class.

    Text (a prompt, a path, a column's name) is taken as it stands, spaces, commas, brackets and
    numbers included; what is quoted already, interpolates or sweeps is left to Hydra.

    Example:
        >>> open_key("model.width=3"), open_key("model=mlp"), open_key("predict.prompt=def ")
        ('++model.width=3', 'model=mlp', "predict.prompt='def '")
        >>> open_key("data.target=3"), open_key("data.path=a (1).csv"), open_key("tags=[a b,c]")
        ("++data.target='3'", "++data.path='a (1).csv'", "tags=['a b','c']")
    """
    key, equals, text = word.partition("=")
    bare = key.lstrip("+")
    if equals and bare in _TEXTS:
        word = f"{key}={_quote(text)}"
    elif equals and bare in _LISTS_OF_TEXT and text.startswith("[") and text.endswith("]"):
        inner = [one.strip() for one in text[1:-1].split(",") if one.strip()]
        if not any(one[0] in "'\"[{$" for one in inner):
            word = f"{key}=[{','.join(map(_quote, inner))}]"
    return f"++{word}" if _SECTION_KEY.match(word) else word


def check_single(words: Sequence[str]) -> None:
    """Refuse a list of values, which only a sweep takes.

    Args:
        words: As Hydra takes them.

    Raises:
        HydraException: If a word is none of Hydra's grammar.
        ValueError: Naming the word.

    Example:
        >>> check_single(["model=mlp", "target.rungs=[0.9,0.95]"])
    """
    for parsed in OverridesParser.create().parse_overrides(list(words)):
        if parsed.is_sweep_override():
            word = str(parsed.input_line).lstrip("+")
            key, _, values = word.partition("=")
            one = f"; {key}=[{values}] is one list" if "(" not in values else ""
            raise ValueError(f"{word} gives several values, a run each: -m sweeps them{one}")


def spell_globs(words: Sequence[str], folders: Sequence[Path]) -> list[str]:
    """Return words with the options that a pattern means in place of `glob(pattern)`.

    Args:
        words: The command line's.
        folders: Where groups of options are.

    Raises:
        ValueError: If a pattern is none of a group's options, or means none of them.
    """
    return [_spell_glob(word, folders) for word in words]


def _spell_glob(word: str, folders: Sequence[Path]) -> str:
    key, _, value = word.partition("=")
    if not value.startswith("glob("):
        return word
    asked = re.fullmatch(r"glob\(\[?([^\[\]=]*)\]?\)", value)
    if asked is None:
        raise ValueError(f"{word}: glob takes a pattern, or a list of them: {key}=glob(a*)")
    patterns = [one.strip() for one in asked[1].split(",")]
    files = [file for root in folders for file in (root / key).glob("*.yaml")]
    names = sorted({f.stem for f in files if any(fnmatch(f.stem, p) for p in patterns)})
    if not names:
        raise ValueError(f"{word} must mean options of a group, found none of {key}")
    return f"{key}={','.join(names)}"


def _quote(text: str) -> str:
    """Quote a text for Hydra, unless it is Hydra's own way to say more than a text."""
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    if text in ("", "null") or quoted or "${" in text or _SWEPT.match(text):
        return text
    # Hydra takes a backslash as one of two where a quote or the end follows.
    escaped = re.sub(r"(\\*)'", lambda found: 2 * found[1] + "\\'", text)
    escaped = re.sub(r"\\+$", lambda found: 2 * found[0], escaped)
    return f"'{escaped}'"

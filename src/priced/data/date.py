"""Dates as numbers: days since the first of January 1970."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from priced.data.number import MISSING, is_missing

SECONDS_PER_DAY = 86_400
_TIME = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
_ISO = rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([T ]{_TIME})?$"
_SLASHES = r"^([0-9]{4})/([0-9]{2})/([0-9]{2})"
_NATIONAL = r"^(?P<one>[0-9]{1,2})(?P<sign>[./-])(?P<two>[0-9]{1,2})[./-](?P<year>[0-9]{4})$"


def read_dates(
    name: str, column: pa.ChunkedArray, asked: bool, lines: Sequence[int]
) -> NDArray[np.float64] | None:
    """Return a column as days (N,), NaN where one is missing; None if it holds no dates.

    Args:
        name: The column's, for an error.
        column: Of dates, or of text: 2026-11-27, with a time or not; 27.11.2026; where they are
            asked for, 27/11/2026 or 11/27/2026 too, if one day beyond 12 tells which it is.
        asked: Whether the column is known to hold dates.
        lines: Where the file counts each row, for an error.

    Raises:
        ValueError: If dates are asked for and there are none, or it is open which is the month.
    """
    kind = column.type
    if pa.types.is_temporal(kind) and not pa.types.is_duration(kind):
        return _days(column)
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        found = None
    else:
        found = _parse_text(name, pc.utf8_trim_whitespace(column), asked)
    if found is None and asked:
        raise ValueError(
            f"column {name} must hold dates as data.dates says, all spelled as 2026-11-27 or all "
            f"as 27.11.2026{_first_other(column, lines)}"
        )
    return found


def _first_other(column: pa.ChunkedArray, lines: Sequence[int]) -> str:
    """Return the first cell that is no date, or that is spelled otherwise than the first date."""
    seen = None
    for cell, line in zip(column.to_pylist(), lines, strict=True):
        text = str(cell if cell is not None else "").strip()
        if text.lower() in MISSING:
            continue
        plain = re.sub(_SLASHES, r"\1-\2-\3", text)
        spelled = next((one for one in (_ISO, _NATIONAL) if re.match(one, plain)), None)
        if spelled is None or (seen is not None and spelled != seen) or not _is_day(plain):
            return f"; row {line} holds {text!r}"
        seen = spelled
    return ""


def _is_day(text: str) -> bool:
    """Say whether a date stands in the calendar; of 27/11/2026 either may be the month."""
    national = re.match(_NATIONAL, text)
    if national is None:
        return _is_iso(text)
    one, two, year = int(national["one"]), int(national["two"]), national["year"]
    return any(_is_iso(f"{year}-{m:02d}-{d:02d}") for d, m in ((one, two), (two, one)))


def _is_iso(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _parse_text(name: str, column: pa.ChunkedArray, asked: bool) -> NDArray[np.float64] | None:
    missing = is_missing(column)
    known = pc.replace_substring_regex(column.filter(pc.invert(missing)), _SLASHES, r"\1-\2-\3")
    if not len(known):
        return None
    if pc.all(pc.match_substring_regex(known, _ISO)).as_py():
        spelled = known
    elif pc.all(pc.match_substring_regex(known, _NATIONAL)).as_py():
        found = _national(name, known, asked)
        if found is None:
            return None
        spelled = found
    else:
        return None
    days = np.full(len(column), np.nan)
    try:
        days[~np.asarray(missing.to_numpy(zero_copy_only=False), dtype=bool)] = _parse(spelled)
    except (pa.ArrowException, ValueError):
        return None
    return days


def _national(name: str, known: pa.ChunkedArray, asked: bool) -> pa.ChunkedArray | None:
    """Spell 27.11.2026 and its like as 2026-11-27."""
    parts = pc.extract_regex(known, _NATIONAL).combine_chunks()
    one, two = (pc.cast(parts.field(key), pa.int64()).to_numpy() for key in ("one", "two"))
    signs = set(parts.field("sign").to_pylist())
    if signs == {"."} or one.max() > 12:
        day, month = one, two
    elif two.max() > 12:
        day, month = two, one
    elif asked:
        raise ValueError(f"column {name}: it is open which is the month: write 2026-11-27")
    else:
        return None
    years = parts.field("year").to_pylist()
    spelled = [f"{y}-{m:02d}-{d:02d}" for y, m, d in zip(years, month, day, strict=True)]
    return pa.chunked_array([spelled])


def _parse(spelled: pa.ChunkedArray) -> NDArray[np.float64]:
    moments = (datetime.fromisoformat(one) for one in spelled.to_pylist())
    known = (one if one.tzinfo else one.replace(tzinfo=UTC) for one in moments)
    return np.array([one.timestamp() / SECONDS_PER_DAY for one in known])


def _days(column: pa.ChunkedArray) -> NDArray[np.float64]:
    kind = column.type
    if pa.types.is_time(kind):
        kind = pa.time64("us")
        whole = pc.cast(pc.cast(column, kind), pa.int64())
        values = pc.divide(pc.cast(whole, pa.float64()), SECONDS_PER_DAY * 1e6)
    else:
        stamps = pc.cast(column, pa.timestamp("us"), safe=False)
        values = pc.divide(
            pc.cast(pc.cast(stamps, pa.int64()), pa.float64()), SECONDS_PER_DAY * 1e6
        )
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)

"""Sets of techniques to try, and what each technique did by the results of them."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, combinations
from math import factorial
from statistics import fmean

DESIGNS = ("ladder", "factorial", "fractional")
MOST_FACTORIAL = 6
"""Techniques of a full factorial design: two to that power are the sets."""
MOST_FRACTIONAL = 16
INTERACTION = "interaction"
"""What a fractional design leaves to no single technique."""

Set = frozenset[str]


def plan_sets(design: str, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the sets of techniques that a design runs; the empty one is the first.

    ladder: each adds one to the set before. factorial: all 2^n. fractional: a regular fraction of
    resolution IV, of 2^k sets with 2^(k-1) >= n, in which no technique is mixed up with a pair of
    others; the empty and the whole set are among them.

    Args:
        design: One of the three.
        names: The techniques.

    Raises:
        ValueError: If the design is not known, or too large.

    Source: G. Box and J. Hunter, "The 2^(k-p) Fractional Factorial Designs, Part I", 1961.

    Example:
        >>> plan_sets("fractional", "abcd")[:3]
        [(), ('a', 'd'), ('b', 'd')]
    """
    if design not in DESIGNS:
        raise ValueError(f"price_cut.design must be one of {', '.join(DESIGNS)}, got {design}")
    if design == "ladder":
        return [tuple(names[:end]) for end in range(len(names) + 1)]
    most = MOST_FACTORIAL if design == "factorial" else MOST_FRACTIONAL
    if len(names) > most:
        way_out = ": take price_cut.design=fractional" if len(names) <= MOST_FRACTIONAL else ""
        raise ValueError(
            f"price_cut.techniques must be {most} or fewer for a {design} design, "
            f"got {len(names)}{way_out}"
        )
    if design == "factorial":
        sizes = range(len(names) + 1)
        return list(chain.from_iterable(combinations(names, size) for size in sizes))
    return _fraction(names)


def _fraction(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return 2^k sets: a technique is on where an odd part of its own base factors is on."""
    base = 1
    while 2 ** (base - 1) < len(names):
        base += 1
    odd = sorted(
        (mask for mask in range(2**base) if mask.bit_count() % 2),
        key=lambda mask: (mask.bit_count(), mask),
    )
    own = dict(zip(names, odd, strict=False))
    return [
        tuple(name for name in names if (row & own[name]).bit_count() % 2) for row in range(2**base)
    ]


def share_effects(worth: Mapping[Set, float]) -> dict[str, float] | None:
    """Return what each technique changed; the parts sum to what all of them change together.

    Where every set was run it is the Shapley value. Of a fraction it is the main effect, which is
    the same where no three techniques act together; what they do is a part of its own,
    `interaction`.

    Args:
        worth: What each set of techniques that was run came to.

    Returns:
        The parts; None if the sets are neither all of them nor a balanced fraction.
    """
    names = sorted(set().union(*worth))
    if not names:
        return None
    if len(worth) == 2 ** len(names):
        return shapley(names, worth.__getitem__)
    if not _is_balanced(names, list(worth)):
        return None
    found = {
        name: fmean(usd for some, usd in worth.items() if name in some)
        - fmean(usd for some, usd in worth.items() if name not in some)
        for name in names
    }
    whole = worth[frozenset(names)] - worth[frozenset()]
    return found | {INTERACTION: whole - sum(found.values())}


def _is_balanced(names: Sequence[str], sets: Sequence[Set]) -> bool:
    """Return whether pairs of techniques are on and off equally often, each set with its rest."""
    everything = frozenset(names)
    if frozenset() not in sets or any(everything - some not in sets for some in sets):
        return False
    return all(
        4 * sum((one in some) == first and (two in some) == second for some in sets) == len(sets)
        for one, two in combinations(names, 2)
        for first in (False, True)
        for second in (False, True)
    )


def shapley(names: Sequence[str], value: Callable[[Set], float]) -> dict[str, float]:
    """Return each one's share of what all of them change together; the shares sum to that.

    Args:
        names: Of n things.
        value: What a set of them is worth; each of the 2^n sets is asked for.

    Source: L. Shapley, "A Value for n-Person Games", 1953, eq. 13.

    Example:
        >>> worth = {frozenset(): 10.0, frozenset("a"): 6.0, frozenset("b"): 8.0}
        >>> shapley("ab", lambda some: worth.get(some, 5.0))
        {'a': -3.5, 'b': -1.5}
    """
    n = len(names)
    found = dict.fromkeys(names, 0.0)
    for name in names:
        others = [one for one in names if one != name]
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for some in combinations(others, size):
                base = frozenset(some)
                found[name] += weight * (value(base | {name}) - value(base))
    return found

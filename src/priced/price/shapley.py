"""What each of several things did, whatever the order that they were done in."""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial


def shapley(names: Sequence[str], value: Callable[[frozenset[str]], float]) -> dict[str, float]:
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

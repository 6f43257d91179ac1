"""How an amount is written."""


def dollars(usd: float) -> str:
    """Return an amount with three significant digits or to the cent, whichever says more.

    Example:
        >>> dollars(12.3456), dollars(0.000123456)
        ('12.35 USD', '0.000123 USD')
    """
    return f"{amount(usd)} USD"


def amount(usd: float) -> str:
    """Return an amount without its currency."""
    if abs(usd) >= 1 or usd == 0:
        return f"{usd:,.2f}"
    return f"{usd:.3g}" if abs(usd) >= 1e-4 else f"{usd:.8f}".rstrip("0")

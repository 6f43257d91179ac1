"""How an amount is written."""

from decimal import Decimal


def dollars(usd: float) -> str:
    """Return an amount with three significant digits or to the cent, whichever says more.

    Example:
        >>> dollars(12.3456), dollars(0.0000123456)
        ('12.35 USD', '0.0000123 USD')
    """
    return f"{amount(usd)} USD"


def amount(usd: float) -> str:
    """Return an amount without its currency."""
    if abs(usd) >= 1 or usd == 0:
        return f"{usd:,.2f}"
    return f"{Decimal(f'{usd:.3g}'):f}"

"""Numbers of things as people write them."""

from __future__ import annotations


def amount(number: int, unit: str) -> str:
    """ "1 document", "1,200 documents": the unit is given in the singular."""
    return f"{number:,} {unit}{'s' * (number != 1)}"

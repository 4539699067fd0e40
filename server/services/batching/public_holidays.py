"""The public holidays of a Land, from the library that knows their laws."""

from collections.abc import Container
from datetime import date

from holidays import country_holidays


def find_public_holidays(land: str) -> Container[date]:
    """Of a Land (`DE-TH`), those that hold in the whole of it; empty: none.

    What holds in some Gemeinden only, such as Fronleichnam in the Eichsfeld, is no part of it.
    """
    if not land:
        return frozenset()
    country, _, subdivision = land.partition("-")
    return country_holidays(country, subdiv=subdivision)

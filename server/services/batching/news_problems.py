"""What an operator has to look after of the news of letters."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from persistence.database import Stores


@dataclass(frozen=True)
class NewsProblems:
    """Batches with the number of their open differences, newest first; outputs that say nothing
    and why (German); how many letters came back of which the directory has not learned yet.
    """

    differing: tuple[tuple[str, int], ...]
    silent: tuple[tuple[str, str], ...]
    doubts: int


def find_news_problems(stores: Stores) -> NewsProblems:
    """What there is now."""
    return NewsProblems(
        stores.letter_news.list_differing(),
        stores.letter_news.list_silent(),
        stores.directory_doubts.count(),
    )


def count_overdue(stores: Stores, moment: datetime, days: int) -> int:
    """How many letters were handed over longer ago, and their output has told no end of them."""
    return stores.letter_news.count_overdue(moment - timedelta(days=days))

"""What print outputs told of batches, as German lines."""

from collections.abc import Iterator

from persistence.stores.letter_news import BatchNews
from server.domain.cut_off import LOCAL_ZONE
from server.services.batching.news_problems import NewsProblems

_MOST_BATCHES = 20


def render_batch_news(news: BatchNews) -> Iterator[str]:
    """How it stands with the news of one batch, and what does not agree."""
    if news.asked:
        asked = news.asked.astimezone(LOCAL_ZONE)
        yield f"Letzte Auskunft der Druckausgabe: {asked:%d.%m.%Y %H:%M}"
    else:
        yield "Noch keine Auskunft der Druckausgabe."
    if news.cause:
        yield f"Zurzeit keine Auskunft: {news.cause}"
    if news.asked and not news.differences:
        yield "Abgleich: ohne Abweichung."
    if news.differences:
        yield f"Abgleich: {_count_differences(news.difference_count)}"
        yield from (f"  {line}" for line in news.differences)
    if news.difference_count > len(news.differences):
        yield f"  … und {news.difference_count - len(news.differences)} weitere"


def render_news_problems(problems: NewsProblems) -> Iterator[str]:
    """What an operator has to look after."""
    for batch_id, number in problems.differing[:_MOST_BATCHES]:
        yield f"Stapel {batch_id}: {_count_differences(number)} (damtshilfe print batch {batch_id})"
    if len(problems.differing) > _MOST_BATCHES:
        yield f"… und {len(problems.differing) - _MOST_BATCHES} weitere Stapel mit Abweichungen"
    for output, cause in problems.silent:
        yield f"Druckausgabe {output} gibt keine Auskunft: {cause}"
    if problems.doubts:
        yield f"Rückläufer, von denen das Verzeichnis noch nichts weiß: {problems.doubts}"


def _count_differences(number: int) -> str:
    return f"{number} Abweichungen" if number > 1 else "1 Abweichung"

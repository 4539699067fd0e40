"""What print outputs told of batches, as German lines."""

from collections.abc import Iterator

from server.domain.local_time import LOCAL_ZONE
from server.services.batching.desk import BatchView
from server.services.batching.news_problems import NewsProblems

_MOST_BATCHES = 20
_MOST_DIFFERENCES = 200


def render_batch_news(view: BatchView) -> Iterator[str]:
    """How it stands with the news of one batch, and what does not agree."""
    news = view.news
    if news.asked:
        asked = news.asked.astimezone(LOCAL_ZONE)
        yield f"Letzte Auskunft der Druckausgabe: {asked:%d.%m.%Y %H:%M}"
    else:
        yield "Noch keine Auskunft der Druckausgabe."
    if news.cause:
        yield f"Zurzeit keine Auskunft: {news.cause}"
    if news.asked and not news.differences:
        yield "Abgleich: ohne Abweichung."
    if news.open_count:
        yield f"Abgleich: {count_differences(news.open_count)}"
    shown = view.open_differences[:_MOST_DIFFERENCES]
    yield from (f"  {number}. {line}" for number, line in enumerate(shown, 1))
    if news.open_count > len(shown):
        yield f"  … und {news.open_count - len(shown)} weitere"
    if view.acknowledged:
        yield f"Geklärt: {count_differences(len(view.acknowledged))}"
    for item in view.acknowledged[:_MOST_DIFFERENCES]:
        day = item.moment.astimezone(LOCAL_ZONE)
        yield f"  {item.line} {day:%d.%m.%Y}, {item.actor}: {item.reason}"


def render_news_problems(problems: NewsProblems) -> Iterator[str]:
    """What an operator has to look after."""
    for batch_id, number in problems.differing[:_MOST_BATCHES]:
        yield f"Stapel {batch_id}: {count_differences(number)} (damtshilfe print batch {batch_id})"
    if len(problems.differing) > _MOST_BATCHES:
        yield f"… und {len(problems.differing) - _MOST_BATCHES} weitere Stapel mit Abweichungen"
    for output, cause in problems.silent:
        yield f"Druckausgabe {output} gibt keine Auskunft: {cause}"
    if problems.doubts:
        yield f"Rückläufer, von denen das Verzeichnis noch nichts weiß: {problems.doubts}"


def count_differences(number: int) -> str:
    """In words."""
    return f"{number} Abweichungen" if number > 1 else "1 Abweichung"

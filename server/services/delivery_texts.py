"""German words for delivery orders and what was done about them, as lines and pages use them."""

from persistence.stores.orders import AttemptEvent, OrderState

ORDER_TEXTS = {
    OrderState.DUE: "offen",
    OrderState.HELD: "warten auf ihr Ziel",
    OrderState.DONE: "erledigt",
    OrderState.PARKED: "angehalten",
    OrderState.CANCELLED: "zurückgezogen",
}
ONE_ORDER_TEXTS = {**ORDER_TEXTS, OrderState.HELD: "wartet auf sein Ziel"}
EVENT_TEXTS = {
    AttemptEvent.DELIVERED: "zugestellt",
    AttemptEvent.CONTINUED: "wird weiter verfolgt",
    AttemptEvent.FAILED: "fehlgeschlagen",
    AttemptEvent.HELD: "wartet",
    AttemptEvent.PARKED: "angehalten",
    AttemptEvent.READDRESSED: "Ziel geändert",
    AttemptEvent.RESUMED: "wieder aufgenommen",
    AttemptEvent.REDIRECTED: "auf Brief umgeleitet",
    AttemptEvent.CANCELLED: "abgebrochen",
}

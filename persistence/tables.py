"""The tables of the XTA server. Migrations under `migrations/xta` bring them into being."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

from persistence.types import NAMING_CONVENTION, UtcDateTime, only_where

metadata = MetaData(naming_convention=NAMING_CONVENTION)

Key = BigInteger().with_variant(Integer, "sqlite")

# Conditions of partial indexes, written as queries write them: else no database uses the index.
WAITS = "state IN ('abgeholt', 'zugestellt')"
IS_NEW = "state = 'zugestellt'"
IS_ACTIVE = "delivery_order.state <> 'done'"

mandant = Table(
    "mandant",
    metadata,
    Column("key", Key, primary_key=True),
    Column("identifier_value", String(255), nullable=False),
    Column("identifier_type", String(64), nullable=False),
    Column("identifier_category", String(255), nullable=False, default=""),
    Column("name", String(255), nullable=False),
    Column("is_electronic", Boolean, nullable=False),
    Column("carries_unknown", Boolean, nullable=False, server_default=true()),
    Column("access_state", String(16), nullable=False, server_default="bestellt"),
    Column("access_last_day", Date, nullable=True),
    # The shortest reminder that was given, in days before the end.
    Column("access_reminded_days", Integer, nullable=True),
    Column("contact", Text, nullable=False, server_default=""),
    # Who leads the mailbox: users of the Web-Client, or a Fachverfahren that must not be disturbed.
    Column("is_mailbox_led_by_web", Boolean, nullable=False, server_default=true()),
    UniqueConstraint("identifier_value", "identifier_type"),
)

mandant_certificate = Table(
    "mandant_certificate",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("mandant_key", ForeignKey("mandant.key"), nullable=False),
    Column("subject", Text, nullable=False),
    Column("not_after", UtcDateTime, nullable=False),
)

# Every change of an access, and who made it.
mandant_access_entry = Table(
    "mandant_access_entry",
    metadata,
    Column("key", Key, primary_key=True),
    Column("mandant_key", ForeignKey("mandant.key"), nullable=False, index=True),
    Column("moment", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("last_day", Date, nullable=True),
)

message = Table(
    "message",
    metadata,
    Column("key", Key, primary_key=True),
    # XTA compares a MessageID without regard to case: the folded form is the unique one.
    Column("message_id_folded", String(255), nullable=False, unique=True),
    Column("message_id", String(255), nullable=False),
    Column("state", String(32), nullable=False),
    # NULL where another data centre has forwarded the message: author_centre is its short name.
    Column("author_mandant", ForeignKey("mandant.key"), nullable=True),
    Column("author_centre", String(64), nullable=False, server_default=""),
    Column("reader_mandant", ForeignKey("mandant.key"), nullable=True),
    Column("author_value", String(255), nullable=False),
    Column("author_type", String(64), nullable=False),
    Column("author_name", Text, nullable=False),
    Column("author_category", Text, nullable=False),
    Column("reader_value", String(255), nullable=False),
    Column("reader_type", String(64), nullable=False),
    Column("reader_name", Text, nullable=False),
    Column("reader_category", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("business_scenario", Text, nullable=False),
    Column("message_type", Text, nullable=False),
    Column("payload_schema", Text, nullable=False),
    Column("is_test", Boolean, nullable=False),
    Column("metadata_xml", LargeBinary, nullable=False),
    Column("tokens_xml", LargeBinary, nullable=True),
    Column("digest", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("origin", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime, nullable=True),
    Column("obsolete_after", Date, nullable=True, index=True),
    Column("initial_send", UtcDateTime, nullable=True),
    Column("delivery", UtcDateTime, nullable=True),
    Column("initial_fetch", UtcDateTime, nullable=True),
    Column("reception", UtcDateTime, nullable=True),
    # What the message says to its Vorgang; NULL where it belongs to none.
    Column("facts", JSON(none_as_null=True), nullable=True),
    # The same for the same content; NULL where the message names no Aktenzeichen.
    Column("content_key", String(64), nullable=True, index=True),
    # The scanner was away when it came: it goes nowhere before it was scanned.
    Column("is_unscanned", Boolean, nullable=False, server_default=false()),
    # It should have become a letter and cannot; that stands in its report.
    Column("is_fallback_noted", Boolean, nullable=False, server_default=false()),
    # The channel that it took; NULL while that is open.
    Column("kanal", String(16), nullable=True),
    Index("ix_message_unread", "author_mandant", "state", "is_fallback_noted", "delivery"),
    # Each mailbox in its order; an index of its own for what was not fetched before.
    Index("ix_message_mailbox", "reader_mandant", "delivery", "key", **only_where(WAITS)),
    Index("ix_message_mailbox_new", "reader_mandant", "delivery", "key", **only_where(IS_NEW)),
    # The outbox of the Web-Client.
    Index("ix_message_outbox", "author_mandant", "initial_send", "key"),
    Index("ix_message_outbox_state", "author_mandant", "state", "initial_send", "key"),
    Index("ix_message_outbox_reader", "author_mandant", "reader_value", "initial_send", "key"),
    Index("ix_message_outbox_kanal", "author_mandant", "kanal", "state", "initial_send", "key"),
)

# What a Mandant wants to happen where its messages do not reach their readers electronically.
fallback_rule = Table(
    "fallback_rule",
    metadata,
    Column("mandant_key", ForeignKey("mandant.key"), primary_key=True),
    Column("unread_days", Integer, nullable=True),
    # Empty where there is no rule.
    Column("refused", String(16), nullable=False),
    Column("no_endpoint", String(16), nullable=False),
)

message_part = Table(
    "message_part",
    metadata,
    Column("message_key", ForeignKey("message.key"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("blob", String(64), nullable=False, index=True),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("attributes", JSON, nullable=False),
)

# What was encrypted of a message for its reader before it went to another data centre; the blob
# counts as long as the row is there.
encrypted_copy = Table(
    "encrypted_copy",
    metadata,
    Column("message_key", ForeignKey("message.key"), primary_key=True),
    Column("blob", String(64), nullable=False, index=True),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("created", UtcDateTime, nullable=False),
)

# Keys of the blob store, wrapped by the master key with this id.
data_key = Table(
    "data_key",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master_id", String(16), nullable=False),
    Column("created", UtcDateTime, nullable=False),
    # Since a newer key took its place for new blobs.
    Column("retired", UtcDateTime, nullable=True),
)

# Blobs that no row named, and since when that is known.
blob_orphan = Table(
    "blob_orphan",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("seen", UtcDateTime, nullable=False),
)

# Which messages a message answers (In-Reply-To), by their folded MessageIDs.
message_relation = Table(
    "message_relation",
    metadata,
    Column("message_key", ForeignKey("message.key"), primary_key=True),
    Column("related_id_folded", String(255), primary_key=True, index=True),
)

report_entry = Table(
    "report_entry",
    metadata,
    Column("key", Key, primary_key=True),
    Column("message_key", ForeignKey("message.key"), nullable=False, index=True),
    Column("timestamp", UtcDateTime, nullable=False),
    Column("code", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    # Of an entry that another data centre wrote: its short name, and its severity.
    Column("centre", String(64), nullable=False, server_default=""),
    Column("severity", Integer, nullable=True),
)

delivery_order = Table(
    "delivery_order",
    metadata,
    Column("key", Key, primary_key=True),
    Column("message_key", ForeignKey("message.key"), nullable=False),
    Column("destination_kind", String(16), nullable=False, server_default="offen"),
    Column("destination_name", String(255), nullable=False, server_default=""),
    # To another data centre: a queue of its own (OrderQueue).
    Column("is_forwarding", Boolean, nullable=False, server_default=false()),
    # Chosen by a person or a rule: not asked for again when it is delivered.
    Column("is_redirected", Boolean, nullable=False, server_default=false()),
    Column("state", String(16), nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("due", UtcDateTime, nullable=False),
    # From here counts the age at which it is parked.
    Column("tried_since", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("leased_until", UtcDateTime, nullable=True),
    # Whose lease it is: a worker changes only what bears its token.
    Column("lease_token", String(32), nullable=False, server_default=""),
    Column("cause", Text, nullable=False, default=""),
    # What is away, where the order waits for it.
    Column("held_by", Text, nullable=False, server_default=""),
    Column("is_delay_told", Boolean, nullable=False, server_default=false()),
    # Both sides of the message (type:value), so that what waits of a Mandant is found; empty
    # where the order was done before these columns came.
    Column("author", String(320), nullable=False, server_default=""),
    Column("reader", String(320), nullable=False, server_default=""),
    UniqueConstraint("message_key", "destination_kind", "destination_name"),
    # In the order of the claims, so that one reads no more rows than it takes.
    Index("ix_delivery_order_due", "state", "is_forwarding", "due", "key"),
    # As an operator lists what waits; most orders are done.
    Index("ix_delivery_order_waiting", "state", "key", **only_where("state <> 'done'")),
    Index("ix_delivery_order_author", "author", "state", "key", **only_where("state <> 'done'")),
    Index("ix_delivery_order_reader", "reader", "state", "key", **only_where("state <> 'done'")),
    Index("ix_delivery_order_destination", "destination_kind", "destination_name", "state", "due"),
)

# What was done about an order, by workers and by persons.
delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    Column("key", Key, primary_key=True),
    Column("order_key", ForeignKey("delivery_order.key"), nullable=False, index=True),
    Column("moment", UtcDateTime, nullable=False),
    Column("event", String(16), nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

# Destinations that failed lately; the circuit breaker that all workers share.
destination_state = Table(
    "destination_state",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("open_until", UtcDateTime, nullable=True),
    Column("cause", Text, nullable=False),
)

# What another data centre has taken over, and when it is asked what became of it.
forwarded_message = Table(
    "forwarded_message",
    metadata,
    Column("message_key", ForeignKey("message.key"), primary_key=True, autoincrement=False),
    # Short name, title and ManagementPort of the data centre.
    Column("centre", String(64), nullable=False),
    Column("title", String(255), nullable=False),
    Column("management", Text, nullable=False),
    # NULL when nothing more is to be asked.
    Column("next_poll", UtcDateTime, nullable=True),
    Column("leased_until", UtcDateTime, nullable=True),
    # How often nothing new was heard in a row, and when there was an answer last.
    Column("polls", Integer, nullable=False, default=0),
    Column("heard", UtcDateTime, nullable=False),
    Column("is_silence_told", Boolean, nullable=False, default=False),
    # Why it is asked back to become a letter; empty where it is not.
    Column("recall_cause", Text, nullable=False, server_default=""),
    Index("ix_forwarded_message_due", "next_poll"),
)

mailbox_request = Table(
    "mailbox_request",
    metadata,
    Column("request_id", String(64), primary_key=True),
    Column("mandant_key", ForeignKey("mandant.key"), nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False, index=True),
    Column("is_closed", Boolean, nullable=False, default=False),
    Column("selector", JSON, nullable=False),
    Column("list_form", String(16), nullable=False),
    Column("max_items", Integer, nullable=False),
    Column("position_delivery", UtcDateTime, nullable=True),
    Column("position_key", BigInteger, nullable=True),
)

# `revision` grows with every import, so that running processes notice it.
codeliste = Table(
    "codeliste",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uri", String(255), nullable=False),
    Column("version", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("valid_from", Date, nullable=True),
    Column("valid_to", Date, nullable=True),
    Column("imported", UtcDateTime, nullable=False),
    Column("revision", BigInteger, nullable=False, unique=True),
    UniqueConstraint("uri", "version"),
)

codeliste_entry = Table(
    "codeliste_entry",
    metadata,
    Column("codeliste_key", ForeignKey("codeliste.key"), primary_key=True),
    Column("code", String(255), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
)

# What a Mandant says of a measure of the standard catalogue.
massnahme_setting = Table(
    "massnahme_setting",
    metadata,
    Column("mandant_key", ForeignKey("mandant.key"), primary_key=True),
    Column("massnahme", String(64), primary_key=True),
    Column("is_disabled", Boolean, nullable=False),
    Column("note", Text, nullable=False),
)

# Measures that only a Mandant knows.
own_massnahme = Table(
    "own_massnahme",
    metadata,
    Column("mandant_key", ForeignKey("mandant.key"), primary_key=True),
    Column("massnahme", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("explanation", Text, nullable=False),
    Column("legal_bases", JSON, nullable=False),
    Column("angaben", JSON, nullable=False),
    Column("laender", JSON, nullable=False),
)

# What a Mandant chose for its letters; NULL leaves it to the settings of the installation.
print_choice = Table(
    "print_choice",
    metadata,
    Column("mandant_key", ForeignKey("mandant.key"), primary_key=True),
    Column("output", String(64), nullable=True),
    Column("duplex", Boolean, nullable=True),
    Column("colour", Boolean, nullable=True),
    Column("stock", String(255), nullable=True),
    Column("envelope", String(255), nullable=True),
    Column("product", String(255), nullable=True),
    Column("cost_centre", String(255), nullable=True),
)

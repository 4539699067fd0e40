"""The only home of SQLAlchemy: tables, engine, stores, blobs, migrations."""

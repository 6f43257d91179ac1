"""The ledger's shapes, from version to version; run by Alembic."""

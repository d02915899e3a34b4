"""Revisions of the warehouse, run by `warehouse.upgrade`. Nothing here is imported before it is needed: Alembic is slow."""

"""Revisions of the warehouse, run by `warehouse.migrations.upgrade`.

Nothing here is imported before it is needed: Alembic is slow.
"""

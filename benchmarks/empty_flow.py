"""An empty flow. Import it only where a Prefect API is available."""

from __future__ import annotations

from prefect import flow, task


@task(persist_result=False)
def _step() -> None:
    """Do nothing."""


@flow(persist_result=False, validate_parameters=False)
def empty() -> None:
    """Run one step that does nothing."""
    _step()

"""The least that a flow can be. Import it only where a Prefect API is at hand."""

from __future__ import annotations

from prefect import flow, task


@task(persist_result=False)
def _step() -> None:
    """Nothing."""


@flow(persist_result=False, validate_parameters=False)
def empty() -> None:
    """One step that does nothing."""
    _step()

"""What a page of the portal is: how it is asked for, and who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from flows.portal.visit import CLERK, OPERATOR, READER, Visit

EVERYBODY = frozenset({CLERK, OPERATOR, READER})
CLERKS, OPERATORS = frozenset({CLERK}), frozenset({OPERATOR})
CLERKS_AND_OPERATORS = frozenset({CLERK, OPERATOR})
READERS_AND_OPERATORS = frozenset({READER, OPERATOR})


@dataclass(frozen=True)
class PortalRoute:
    """A page: how it is asked for, who may (no roles: anybody, signed in or not), and what answers.

    `is_for_first_password`: also for those who have yet to choose a password of their own. `takes_files`: its
    form may be large and slow.
    """

    method: str
    path: str
    roles: frozenset[str]
    page: Callable[[Visit], Response]
    is_for_first_password: bool = False
    takes_files: bool = False

"""What all children need is made once by whoever forks them, as it imports this: the catalogue takes half a second."""

from __future__ import annotations

from schemas.catalogue import indicators, ledgers

ledgers()
indicators()

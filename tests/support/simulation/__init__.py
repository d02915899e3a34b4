"""Nights of a small home under faults, from one seed, against a plain model.

`story` draws what happens, `faults` lets the disk fail and the process die, `life` plays a story over a home,
`promises` says after each night what does not hold. `python -m tests.support.simulation --seed N` plays one
story again.
"""

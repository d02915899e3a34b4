"""States of a submission, as taken; that a later one superseded it is recorded beside the state."""

ACCEPTED = "accepted"
PARTIAL = "partial"  # rows with errors are held back, the rest is loaded
ZERO = "zero"  # a confirmed report of nothing
REJECTED = "rejected"

#: a submission in one of these speaks for its report; a rejected one leaves what stood before
STANDING_STATES = (ACCEPTED, PARTIAL, ZERO)

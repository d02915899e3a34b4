"""Time limits: which run, lapsed, or were met late, on the rows that ledgers hold."""

"""The ledgers that counties submit, one module each."""

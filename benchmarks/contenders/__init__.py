"""Other ways to the same figures, each a command of its own:
`python -m benchmarks.contenders.NAME INBOX FOLDER`.

Each reads the ledgers of penalties that `made_files` made, leaves out rows with a wrong cell,
counts a decision once, keeps the rows in a store in FOLDER and asks it for the thirty
figures. None keeps history, archive, findings or receipts.
"""

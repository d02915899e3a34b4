"""What really happened in a city, how its clerks wrote it down, and what the program made of it.

`matters` holds the truth, `clerks` and `ways` write it into files and send them night by night, `home` runs
the pipeline over them, `verdict` compares. Nothing here reads as the program reads.
"""

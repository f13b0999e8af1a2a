"""Prints the table of the planted mistakes: ``PYTHONPATH=.:tests:tests/examples python -m planted``."""
from planted.table import table

print(table(), end="")

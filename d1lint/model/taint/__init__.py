"""Where the values in a text come from: followed backwards through variables, functions and their callers."""

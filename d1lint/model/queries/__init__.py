"""The queries of the code: what they ask, whom, and what becomes of them."""

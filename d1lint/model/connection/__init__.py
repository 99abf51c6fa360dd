"""Clients and bindings: where code gets its database from, and what it does as it loads."""

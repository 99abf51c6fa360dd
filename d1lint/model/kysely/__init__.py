"""Kysely on D1: its clients, its queries, and what is imported in vain."""

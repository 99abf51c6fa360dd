"""Raw SQL: statements that bypass the query builder, their texts and their justifications."""

"""From table values to the schema: databases, defaults, duplicates, what drizzle-kit sees."""

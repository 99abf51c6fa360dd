"""d1lint: a static linter for TypeScript repositories that use Drizzle ORM on Cloudflare D1."""

__version__ = "0.1.0"

"""Drizzle's own functions as intrinsics of the evaluator: what they build, not how they run."""

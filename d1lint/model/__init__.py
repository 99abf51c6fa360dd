"""The model: modules are evaluated, their tables and clients linked into a `Project`."""

"""The editor's face of the engine: a language server on standard input and output."""

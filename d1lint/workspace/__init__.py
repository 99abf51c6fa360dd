"""The files of a project and what they say about it: packages, aliases, bindings. No syntax tree, no evaluation."""

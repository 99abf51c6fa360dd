"""Tree-sitter: the only floor that holds syntax trees."""

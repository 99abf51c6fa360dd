"""The built-in rules: one folder a family, one module a rule, its page beside it.

`BUILT_IN` is how the engine finds them: rule name → module within this package. A module is imported only when
its rule is needed, and holds the `Rule` under its own last name. The policies are the TOML files in `policies/`.
"""

BUILT_IN = {
    "empty-justification": "native_sql.empty_justification",
    "foreign-dialect": "dialect.foreign_dialect",
    "global-client": "connection.global_client",
    "missing-relation": "relations.missing_relation",
    "suppression-without-reason": "engine.suppression_without_reason",
    "syntax-error": "engine.syntax_error",
    "unindexed-foreign-key": "indexes.unindexed_foreign_key",
    "unjustified-native-sql": "native_sql.unjustified_native_sql",
    "unused-justification": "native_sql.unused_justification",
    "unused-suppression": "engine.unused_suppression",
}

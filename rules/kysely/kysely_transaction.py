"""kysely-transaction: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.kysely.queries import KyselyTransaction
from d1lint.model.project import Project
from d1lint.rule import finding, rule


@rule(on=KyselyTransaction, level="error", clauses=["REC-6"], since="0.1")
def kysely_transaction(transaction: KyselyTransaction, project: Project) -> Iterator[Finding]:
    """A transaction of Kysely's on D1, which always fails."""
    yield finding(
        at=transaction.span,
        symbol=transaction.symbol,
        what=f"Kysely is asked for a transaction on D1, by `{transaction.method}()`.",
        why="`kysely-d1` has none: `Transactions are not supported yet`, every time.",
        instead="Compile the statements and send them as one batch of D1's, which runs whole or not at all.",
    )

export const Page = () => <p title="sqliteTable(">sqliteTable("jsx", {"{ id: text() }"})</p>;

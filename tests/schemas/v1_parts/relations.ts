import { defineRelations, defineRelationsPart } from "drizzle-orm";
import { authors, books, shelves } from "./schema";

const schema = { authors, books, shelves };
export const part1 = defineRelationsPart(schema, (r) => ({
  books: { author: r.one.authors({ from: r.books.authorId, to: r.authors.id }) },
  authors: { books: r.many.books() },
}));
export const part2 = defineRelationsPart({ ba_books: books, shelves }, (r) => {
  const shelf = r.one.shelves({ from: r.ba_books.shelfId, to: r.shelves.id });
  return { ba_books: { shelf }, shelves: { contents: r.many.ba_books() } };
});
export const empty = defineRelations(schema);
export const all = { ...part1, ...part2 };

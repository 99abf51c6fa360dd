// What TypeScript's own parser says of scripts.
//
//     node typescript_syntax.mjs PACKAGES GIVEN.json RESULT.json
//
// PACKAGES is the folder whose node_modules hold the compiler. GIVEN is a list of { name, text }; RESULT has for each the
// first message of the parser, or null.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [packages, given, result] = process.argv.slice(2);
const ts = createRequire(path.join(packages, "package.json"))("typescript");

const verdicts = JSON.parse(fs.readFileSync(given, "utf8")).map(({ name, text }) => {
  const [first] = ts.createSourceFile(name, text, ts.ScriptTarget.Latest).parseDiagnostics;
  return first === undefined ? null : ts.flattenDiagnosticMessageText(first.messageText, " ");
});
fs.writeFileSync(result, JSON.stringify(verdicts));

// What Mermaid's own parser makes of the diagrams in a file, a JSON list: null, or what is wrong, for each.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const [packages, diagrams] = process.argv.slice(2);
const { default: mermaid } = await import(pathToFileURL(`${packages}/node_modules/mermaid/dist/mermaid.core.mjs`).href);
const verdicts = [];
for (const text of JSON.parse(readFileSync(diagrams, "utf8"))) {
  verdicts.push(
    await mermaid.parse(text).then(
      (found) => (found.diagramType === "er" ? null : found.diagramType),
      (error) => String(error),
    ),
  );
}
console.log(JSON.stringify(verdicts));

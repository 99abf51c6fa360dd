// What a published validator of reviewdog's Diagnostic Format says of the report in a file: its errors, as JSON.
const { readFileSync } = require("node:fs");
const [packages, report] = process.argv.slice(2);
const { RDFormatValidator } = require(`${packages}/node_modules/@umbrelladocs/rdformat-validator`);
const validator = new RDFormatValidator({ strictMode: true, allowExtraFields: false });
validator.validateString(readFileSync(report, "utf8")).then((verdict) => {
  console.log(JSON.stringify(verdict));
});

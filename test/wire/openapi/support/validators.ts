import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** What checks values against a part of a document, which a JSON pointer leads to. */
export function validatorsOf(document: object): (pointer: string) => ValidateFunction {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
  addFormats.default(ajv);
  // Formats of OpenAPI's registry, which say nothing that the patterns do not.
  for (const format of ["uint32", "uint64"]) ajv.addFormat(format, true);
  // The words of a document that are not those of a schema.
  ajv.addVocabulary(["openapi", "info", "servers", "tags", "paths", "components"]);
  ajv.addSchema(document, "openapi.json");
  return (pointer) => {
    const validate = ajv.getSchema(`openapi.json${pointer}`);
    if (validate === undefined) throw new Error(`there is no schema at ${pointer}`);
    return validate;
  };
}

/**
 * A function as the engine runs it: its definition, with the validators compiled for one namespace
 * of tables.
 */
import { compileValidator, type ValueCheck } from "../values/check";
import { CompiledOnce } from "../values/compiled-once";
import type { IdResolver } from "../values/id-resolver";
import { compileIngest, type Ingest } from "../values/ingest";
import { MAX_NESTING } from "../values/limits";
import { REJECTED } from "../values/strict-copy";
import type { ValidatorJSON } from "../values/validator-json";
import type { FunctionDefinition } from "./function-definition";

/** A {@link FunctionDefinition} compiled for one namespace of tables. */
export interface RegisteredFunction extends FunctionDefinition {
  /** Path of the component instance it belongs to; "" is the app. */
  readonly component: string;
  /** Copies and checks arguments in one pass; gives up at the slightest doubt. */
  readonly ingestArgs: Ingest;
  /** Says why canonical arguments do not match. */
  readonly checkArgs: ValueCheck;
  /** Copies and checks a result in one pass; gives up at the slightest doubt. */
  readonly ingestReturns: Ingest;
  /** Says why a canonical result does not match. */
  readonly checkReturns: ValueCheck;
}

/** Compiles a definition for the tables `ids` knows. Cost: O(validators), some microseconds. */
export function compileFunction(
  definition: FunctionDefinition,
  ids: IdResolver,
  component = "",
): RegisteredFunction {
  const { argsJSON, returnsJSON = ANY } = definition;
  return {
    ...definition,
    component,
    // Convex wraps arguments in an array, which takes one of the levels.
    ingestArgs: followTables(ids, () =>
      argumentIngests.get(definition, argsJSON, ids, (tables) =>
        compileFast(argsJSON, tables, MAX_NESTING - 1),
      ),
    ),
    checkArgs: compileLazily(argsJSON, ids),
    ingestReturns: followTables(ids, () =>
      resultIngests.get(definition, returnsJSON, ids, (tables) =>
        compileFast(returnsJSON, tables, MAX_NESTING),
      ),
    ),
    checkReturns: compileLazily(returnsJSON, ids),
  };
}

const argumentIngests = new CompiledOnce<FunctionDefinition, Ingest>();
const resultIngests = new CompiledOnce<FunctionDefinition, Ingest>();

/** Compiles again when the tables that were listed are not all there any more: an import does that. */
function followTables(ids: IdResolver, compile: () => Ingest): Ingest {
  let { listed } = ids;
  let ingest = compile();
  return (value) => {
    if (ids.listed !== listed) {
      listed = ids.listed;
      ingest = compile();
    }
    return ingest(value);
  };
}

/** What explains is needed for what is wrong only. */
function compileLazily(json: ValidatorJSON, ids: IdResolver): ValueCheck {
  let check: ValueCheck | undefined;
  return (value) => {
    check ??= compileValidator(json, ids);
    return check(value);
  };
}

const ANY: ValidatorJSON = { type: "any" };

/** Where a commit timestamp may appear, the slow road has to see whether it is a placeholder. */
function compileFast(json: ValidatorJSON, ids: IdResolver, levels: number): Ingest {
  const mayBePending = JSON.stringify(json).includes('"commitTs"');
  return mayBePending ? () => REJECTED : compileIngest(json, ids, levels);
}

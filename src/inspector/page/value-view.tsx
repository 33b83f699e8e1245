/** @jsxImportSource preact */
/** A value with its parts in colour; what looks like an id can be followed. */
import { Fragment } from "preact";
import { isArrayBuffer, type Value } from "../../values/value";
import { printField, printText } from "./value-text";

const ID = /^[0-9a-z]{31,37}$/;
/** Longer texts are cut in lists, and so are ids, which nobody reads to the end. */
const SHOWN_CHARACTERS = 120;
const SHOWN_OF_ID = 12;

export interface ValueViewProps {
  readonly value: Value | undefined;
  /** Follows an id. Default: ids are texts like others. */
  readonly onId?: (id: string) => void;
}

/** Over as many lines as it takes. */
export function ValueView(props: ValueViewProps) {
  return (
    <code class="value">
      <Part {...props} margin="" />
    </code>
  );
}

/** On one line, cut where it is long. */
export function ValueLine({ value }: { value: Value | undefined }) {
  if (value === undefined) return <span class="v-none">unset</span>;
  const text = typeof value === "string" ? value : printText(value, "");
  const limit = ID.test(text) ? SHOWN_OF_ID : SHOWN_CHARACTERS;
  const shown = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return <span class={classOf(value)}>{shown}</span>;
}

function Part({ value, onId, margin }: ValueViewProps & { margin: string }) {
  if (typeof value === "string" && onId !== undefined && ID.test(value)) {
    return (
      <button type="button" class="link v-id" onClick={() => onId(value)}>
        {JSON.stringify(value)}
      </button>
    );
  }
  if (typeof value !== "object" || value === null || isArrayBuffer(value)) {
    return <span class={classOf(value)}>{printText(value)}</span>;
  }
  const inner = `${margin}  `;
  const pass = onId === undefined ? {} : { onId };
  const isList = Array.isArray(value);
  const members: [label: string, value: Value | undefined][] = isList
    ? value.map((each) => ["", each])
    : Object.entries(value);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  if (members.length === 0) return <>{open + close}</>;
  return (
    <>
      {open}
      {members.map(([field, each], i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: places are all that members of lists have
        <Fragment key={i}>
          {`\n${inner}`}
          {!isList && <span class="v-field">{printField(field)}</span>}
          {!isList && ": "}
          <Part value={each} margin={inner} {...pass} />
          {i < members.length - 1 && ","}
        </Fragment>
      ))}
      {`\n${margin}${close}`}
    </>
  );
}

function classOf(value: Value | undefined): string {
  if (value === undefined || value === null) return "v-none";
  if (typeof value === "object") return isArrayBuffer(value) ? "v-bytes" : "v-object";
  return `v-${typeof value}`;
}

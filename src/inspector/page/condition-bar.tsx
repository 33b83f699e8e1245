/** @jsxImportSource preact */
/** The conditions on a table's rows: those there are, and a form for one more. */
import { useRef, useState } from "preact/hooks";
import { type Condition, OPERATORS, type Operator } from "./condition";
import { readValue } from "./read-value";
import { printText } from "./value-text";

export interface ConditionBarProps {
  readonly conditions: readonly Condition[];
  /** Those that the index answers. */
  readonly byIndex: readonly Condition[];
  readonly fields: readonly string[];
  readonly onChange: (conditions: readonly Condition[]) => void;
}

export function ConditionBar({ conditions, byIndex, fields, onChange }: ConditionBarProps) {
  return (
    <div class="conditions">
      {conditions.map((condition) => (
        <span
          key={`${condition.field} ${condition.op} ${printText(condition.value, "")}`}
          class={byIndex.includes(condition) ? "chip chip-index" : "chip"}
        >
          {condition.field} {OPERATORS[condition.op]} {printText(condition.value, "")}
          {byIndex.includes(condition) && <small title="Answered by the index">index</small>}
          <button
            type="button"
            aria-label={`Remove the condition on ${condition.field}`}
            onClick={() => onChange(conditions.filter((each) => each !== condition))}
          >
            ×
          </button>
        </span>
      ))}
      <ConditionForm fields={fields} onAdd={(condition) => onChange([...conditions, condition])} />
    </div>
  );
}

function ConditionForm({
  fields,
  onAdd,
}: {
  fields: readonly string[];
  onAdd: (condition: Condition) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  const [op, setOp] = useState<Operator>("eq");
  const value = useRef<HTMLInputElement>(null);
  const add = (event: Event) => {
    event.preventDefault();
    if (field.current === null || value.current === null) return;
    if (field.current.value.trim() === "") return field.current.focus();
    onAdd({ field: field.current.value.trim(), op, value: readLoosely(value.current.value) });
    field.current.value = "";
    value.current.value = "";
    field.current.focus();
  };
  return (
    <form class="condition-form" onSubmit={add} aria-label="Add a condition">
      <input
        ref={field}
        data-search
        list="fields"
        placeholder="field"
        aria-label="Field"
        autocapitalize="off"
        autocomplete="off"
        spellcheck={false}
      />
      <datalist id="fields">
        {fields.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <select
        aria-label="Operator"
        value={op}
        onChange={(event) => setOp(event.currentTarget.value as Operator)}
      >
        {Object.entries(OPERATORS).map(([name, sign]) => (
          <option key={name} value={name}>
            {sign}
          </option>
        ))}
      </select>
      <input
        ref={value}
        placeholder="value"
        aria-label="Value"
        autocapitalize="off"
        autocomplete="off"
        spellcheck={false}
        title={"Text, 1, 1n, true, null, { a: 1 }; undefined for a field that is not there"}
      />
      <button type="submit">Filter</button>
    </form>
  );
}

/** A value as one writes it; what is none is a text, so that quotes may be left out. */
function readLoosely(text: string): Condition["value"] {
  const trimmed = text.trim();
  if (trimmed === "undefined") return undefined;
  try {
    return readValue(trimmed);
  } catch {
    return trimmed;
  }
}

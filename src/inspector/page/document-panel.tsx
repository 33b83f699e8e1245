/** @jsxImportSource preact */
/** One document as a whole: to be read, changed and deleted, and a form for a new one. */
import type { ComponentChildren } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import type { Value } from "../../values/value";
import { Empty, Pending, Problem } from "./notice";
import { BackendContext } from "./page-backend";
import { readValue } from "./read-value";
import type { Row, TableInfo } from "./table-info";
import { dateText } from "./time-text";
import { messageOf, useQuery } from "./use-query";
import { printText } from "./value-text";
import { ValueView } from "./value-view";

export interface DocumentPanelProps {
  readonly component: string;
  readonly id: string;
  readonly onClose: () => void;
  /** Opens another document. */
  readonly onId: (id: string) => void;
}

export function DocumentPanel({ component, id, onClose, onId }: DocumentPanelProps) {
  const answer = useQuery<{ table: string; document: Row } | null>("document", { component, id });
  const [isEditing, setIsEditing] = useState(false);
  if (answer.kind !== "ok") {
    return (
      <Panel title="Document" onClose={onClose}>
        <Pending answer={answer} what="the document" />
      </Panel>
    );
  }
  if (answer.value === null) {
    return (
      <Panel title="Document" onClose={onClose}>
        <Empty title="There is no such document.">
          <code>{id}</code>
        </Empty>
      </Panel>
    );
  }
  const { table, document } = answer.value;
  return (
    <Panel title={table} onClose={onClose}>
      <dl class="facts">
        <dt>_id</dt>
        <dd>
          <code>{document._id}</code>
        </dd>
        <dt>_creationTime</dt>
        <dd>{dateText(document._creationTime)}</dd>
      </dl>
      {isEditing ? (
        <Editor
          text={printText(fieldsOf(document))}
          action="replaceDocument"
          args={{ component, id }}
          label="Save"
          onDone={() => setIsEditing(false)}
          onCancel={() => setIsEditing(false)}
        />
      ) : (
        <>
          <ValueView value={fieldsOf(document)} onId={onId} />
          {!table.startsWith("_") && (
            <div class="buttons">
              <button type="button" onClick={() => setIsEditing(true)}>
                Edit
              </button>
              <DeleteButton component={component} id={id} onDeleted={onClose} />
            </div>
          )}
        </>
      )}
    </Panel>
  );
}

export interface NewDocumentPanelProps {
  readonly component: string;
  readonly table: TableInfo;
  readonly onClose: () => void;
  readonly onMade: (id: string) => void;
}

export function NewDocumentPanel({ component, table, onClose, onMade }: NewDocumentPanelProps) {
  const fields = table.fields.map((field) => `  ${field}: ""`);
  return (
    <Panel title={`New document in ${table.name}`} onClose={onClose}>
      <Editor
        text={fields.length === 0 ? "{}" : `{\n${fields.join(",\n")}\n}`}
        action="insertDocument"
        args={{ component, table: table.name }}
        label="Insert"
        onDone={(id) => onMade(id as string)}
        onCancel={onClose}
      />
    </Panel>
  );
}

function Panel({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    close.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside
      class="panel"
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <header>
        <h2>{title}</h2>
        <button ref={close} type="button" class="quiet" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </header>
      {children}
    </aside>
  );
}

interface EditorProps {
  readonly text: string;
  readonly action: string;
  readonly args: Record<string, Value>;
  readonly label: string;
  readonly onDone: (result: Value) => void;
  readonly onCancel: () => void;
}

function Editor({ text: initial, action, args, label, onDone, onCancel }: EditorProps) {
  const backend = useContext(BackendContext);
  const [text, setText] = useState(initial);
  const [problem, setProblem] = useState<string>();
  const save = async () => {
    try {
      onDone(await backend.act<Value>(action, { ...args, fields: readValue(text) }));
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <>
      <textarea
        class="code"
        aria-label="Fields"
        rows={Math.min(24, text.split("\n").length + 1)}
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
        }}
      />
      {problem !== undefined && <Problem message={problem} />}
      <div class="buttons">
        <button type="button" class="primary" onClick={save}>
          {label}
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </>
  );
}

/** Asks once more. */
function DeleteButton({
  component,
  id,
  onDeleted,
}: {
  component: string;
  id: string;
  onDeleted: () => void;
}) {
  const backend = useContext(BackendContext);
  const [isAsking, setIsAsking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const remove = () =>
    backend
      .act("deleteDocument", { component, id })
      .then(onDeleted, (error) => setProblem(messageOf(error)));
  if (problem !== undefined) return <Problem message={problem} />;
  return isAsking ? (
    <button type="button" class="danger" onClick={remove} onBlur={() => setIsAsking(false)}>
      Delete it for good?
    </button>
  ) : (
    <button type="button" class="quiet danger-text" onClick={() => setIsAsking(true)}>
      Delete
    </button>
  );
}

function fieldsOf({ _id, _creationTime, ...fields }: Row): Value {
  return fields as Value;
}

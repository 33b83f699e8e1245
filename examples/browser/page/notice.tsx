// What is to be seen in the place of the notes.

import type { ReactNode } from "react";

export function Notice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="notice" role="status">
      <h1>{title}</h1>
      <p>{children}</p>
    </section>
  );
}

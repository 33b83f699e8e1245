/** The port through which validators ask about ids. */

/** Answers for the tables of one namespace. */
export interface IdResolver {
  /**
   * The table of a well-formed id; `"system"` for a private system table; `undefined` when `id`
   * does not decode or its table number is unknown. Must not throw; called on hot paths.
   */
  tableOf(id: string): { readonly table: string } | "system" | undefined;

  /** The tables that were there from the start, and will be as long as anything compiled for them. */
  readonly listed?: ListedTables | undefined;
}

/** A part of the tables that never changes: what is compiled for it may be shared. */
export interface ListedTables extends IdResolver {
  has(table: string): boolean;
}

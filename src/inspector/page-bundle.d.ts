/** What `inspector-page.config.ts` makes of `page/`: beside this file, not kept in the repository. */
export declare const page: {
  /** The whole document. */
  readonly html: string;
  /** `sha256-…` of what is between its `script` and its `style` tags. */
  readonly scriptHash: string;
  readonly styleHash: string;
};

/** The module maps of the app under test and of its component, as a project passes them. */
// `import.meta.glob` is Vite's; its types are not loaded here.
type Glob = { glob(pattern: string): Record<string, () => Promise<unknown>> };

export const modules = (import.meta as unknown as Glob).glob("./convex/**/*.*s");
export const mailerModules = (import.meta as unknown as Glob).glob("./mailer/**/*.*s");

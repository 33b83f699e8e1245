// The first thing a visitor sees: one field, one button.

interface JoinProps {
  readonly onJoin: (name: string) => void;
}

export function Join({ onJoin }: JoinProps) {
  const submit = (form: FormData) => {
    const name = String(form.get("name")).trim();
    if (name !== "") onJoin(name);
  };
  return (
    <main className="join">
      <form action={submit}>
        <h1>Harbour</h1>
        <p>One room, everybody in it. Open a second window to talk to yourself.</p>
        <label htmlFor="name">Your name</label>
        {/* biome-ignore lint/a11y/noAutofocus: the only field of the page */}
        <input id="name" name="name" required maxLength={24} autoComplete="nickname" autoFocus />
        <button type="submit">Come in</button>
      </form>
    </main>
  );
}

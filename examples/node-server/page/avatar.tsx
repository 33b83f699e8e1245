// A name's initial on a colour of its own.

export function Avatar({ name }: { readonly name: string }) {
  return (
    <span className="avatar" aria-hidden="true" style={{ "--hue": hueOf(name) }}>
      {[...name][0]?.toUpperCase()}
    </span>
  );
}

/** 0 to 359, the same for the same name everywhere. */
function hueOf(name: string): number {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)!) % 360;
  return hash;
}

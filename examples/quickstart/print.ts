// How the example talks: steps, facts, and lines that live queries print by themselves.

const isColorful = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;

function paint(code: number, text: string): string {
  return isColorful ? `\u001b[${code}m${text}\u001b[0m` : text;
}

let steps = 0;

export function step(title: string): void {
  steps += 1;
  console.log(`\n${paint(1, `${steps}. ${title}`)}`);
}

export function say(text: string): void {
  console.log(`   ${text}`);
}

export function live(name: string, text: string): void {
  console.log(`   ${paint(36, `~ ${name}`)} ${text === "" ? paint(2, "(nothing)") : text}`);
}

/** Line plots on logarithmic axes, side by side, as one SVG text that needs no script or font. */

export interface Panel {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
}

export interface Series {
  readonly name: string;
  /** All coordinates above zero. */
  readonly points: readonly Point[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const panelWidth = 400;
const panelHeight = 240;
const perRow = 2;
const margin = { left: 56, right: 26, top: 30, bottom: 40 };
const header = 62;
/** The longest label of a panel is wider than its margin. */
const overhang = 12;
const colors = ["#8a8f98", "#d9480f", "#1971c2", "#2f9e44", "#9c36b5", "#e8a400", "#0b7285"];

export function linePlot(title: string, panels: readonly Panel[]): string {
  const width = panelWidth * perRow + overhang;
  const height = header + panelHeight * Math.ceil(panels.length / perRow);
  const names = [...new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))];
  const body = panels.map((panel, i) => {
    const x = (i % perRow) * panelWidth;
    const y = header + Math.floor(i / perRow) * panelHeight;
    return `<g transform="translate(${x} ${y})">${panelBody(panel, names)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
      `height="${height}" font-family="system-ui, sans-serif" font-size="11" fill="#343a40">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(14, 24, title, 'font-size="15" font-weight="600"'),
    ...names.map((name, i) => legendEntry(name, i)),
    ...body,
    "</svg>\n",
  ].join("\n");
}

function legendEntry(name: string, index: number): string {
  const x = 14 + index * 105;
  const line = `<path d="M${x} 44h18" stroke="${color(index)}" stroke-width="2.5"/>`;
  return line + text(x + 24, 48, name);
}

function panelBody({ title, xLabel, yLabel, series }: Panel, names: readonly string[]): string {
  const points = series.flatMap((each) => each.points);
  if (points.length === 0) return text(margin.left, 40, `${title}: nothing measured`);
  const x = logScale(
    points.map((point) => point.x),
    margin.left,
    panelWidth - margin.right,
  );
  const y = logScale(
    points.map((point) => point.y),
    panelHeight - margin.bottom,
    margin.top,
  );
  return [
    text(14, 18, `${title} (${yLabel})`, 'font-weight="600"'),
    ...y.ticks.map((tick) => yTick(y.at(tick), tick)),
    ...x.ticks.map((tick) => xTick(x.at(tick), tick)),
    text(panelWidth - margin.right, panelHeight - 8, xLabel, 'text-anchor="end" fill="#868e96"'),
    ...series.map(({ name, points }) =>
      line(
        points.map((point) => ({ x: x.at(point.x), y: y.at(point.y) })),
        color(names.indexOf(name)),
      ),
    ),
  ].join("\n");
}

function line(points: readonly Point[], stroke: string): string {
  const path = points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`);
  const dots = points.map(
    ({ x, y }) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${stroke}"/>`,
  );
  return `<path d="${path.join("")}" fill="none" stroke="${stroke}" stroke-width="2"/>${dots.join("")}`;
}

function xTick(x: number, tick: number): string {
  return text(x, panelHeight - margin.bottom + 16, short(tick), 'text-anchor="middle"');
}

function yTick(y: number, tick: number): string {
  const right = panelWidth - margin.right;
  const rule = `<path d="M${margin.left} ${y.toFixed(1)}H${right}" stroke="#e9ecef"/>`;
  return rule + text(margin.left - 6, y + 4, short(tick), 'text-anchor="end"');
}

/** Whole powers of ten around the values, mapped evenly to [from, to]. */
function logScale(values: readonly number[], from: number, to: number) {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  const at = (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
  return { at, ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)) };
}

function short(value: number): string {
  return value < 1 ? String(Number(value.toPrecision(1))) : value.toLocaleString("en-US");
}

function color(index: number): string {
  return colors[index % colors.length] as string;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  const safe = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y.toFixed(1)}" ${attributes}>${safe}</text>`;
}

/**
 * Slips of the pen: every place of a source where one small change makes another program. Texts of
 * errors, types and assertions are left alone: a slip there breaks no behaviour that is promised.
 */
import ts from "typescript";

export interface Slip {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
}

/** All slips of a TypeScript source, in the order of their places. */
export function slipsOf(source: string): Slip[] {
  const file = ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true);
  const slips: Slip[] = [];
  const add = (node: ts.Node, after: string) => {
    const start = node.getStart(file);
    const { line } = file.getLineAndCharacterOfPosition(start);
    slips.push({ line: line + 1, start, end: node.end, before: node.getText(file), after });
  };
  const visit = (node: ts.Node): void => {
    if (isLeftAlone(node)) return;
    slip(node, file, add);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return slips;
}

export function withSlip(source: string, { start, end, after }: Slip): string {
  return source.slice(0, start) + after + source.slice(end);
}

const CHECKS = new Set(["assert", "must", "unreachable", "checkInvariants"]);

function isLeftAlone(node: ts.Node): boolean {
  if (ts.isThrowStatement(node) || ts.isImportDeclaration(node) || ts.isTypeNode(node)) return true;
  if (ts.isCallExpression(node)) return CHECKS.has(node.expression.getText());
  return ts.isMethodDeclaration(node) && CHECKS.has(node.name.getText());
}

const OTHER = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.LessThanToken, "<="],
  [ts.SyntaxKind.LessThanEqualsToken, "<"],
  [ts.SyntaxKind.GreaterThanToken, ">="],
  [ts.SyntaxKind.GreaterThanEqualsToken, ">"],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, "!=="],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, "==="],
  [ts.SyntaxKind.AmpersandAmpersandToken, "||"],
  [ts.SyntaxKind.BarBarToken, "&&"],
  [ts.SyntaxKind.MinusToken, "+"],
  [ts.SyntaxKind.AsteriskToken, "+"],
  [ts.SyntaxKind.PlusEqualsToken, "-="],
  [ts.SyntaxKind.MinusEqualsToken, "+="],
]);

function slip(node: ts.Node, file: ts.SourceFile, add: (node: ts.Node, after: string) => void) {
  if (ts.isBinaryExpression(node)) {
    const other = OTHER.get(node.operatorToken.kind);
    if (other !== undefined) add(node.operatorToken, other);
  } else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    add(node, `(${node.operand.getText(file)})`);
  } else if (ts.isIfStatement(node)) {
    add(node.expression, `((${node.expression.getText(file)}), true)`);
    add(node.expression, `((${node.expression.getText(file)}), false)`);
  } else if (ts.isConditionalExpression(node)) {
    add(node.condition, `!(${node.condition.getText(file)})`);
  } else if (ts.isExpressionStatement(node) && isDroppable(node.expression)) {
    add(node, ";");
  } else if (ts.isNumericLiteral(node) && !isKey(node)) {
    add(node, `(${node.text} + 1)`);
  } else if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, "false");
  else if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, "true");
}

/** A call or an assignment of which nothing is returned. */
function isDroppable(node: ts.Expression): boolean {
  if (ts.isCallExpression(node)) return node.expression.kind !== ts.SyntaxKind.SuperKeyword;
  return (
    ts.isBinaryExpression(node) || ts.isDeleteExpression(node) || ts.isPostfixUnaryExpression(node)
  );
}

function isKey(node: ts.Node): boolean {
  return ts.isElementAccessExpression(node.parent) || ts.isPropertyAssignment(node.parent);
}

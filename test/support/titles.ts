import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** The titles of the tests and groups in a test file, as they are in its source. */
export function titlesOf(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(test|describe)\b/.test(node.expression.getText(source))) {
      const [title] = node.arguments as readonly (ts.Expression | undefined)[];
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.push(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorsOf, documents, type Link, linesOf, linksOf } from './support/documents';
import { titlesOf } from './support/titles';

const ROOT = join(__dirname, '..');
const links = documents.flatMap(linksOf);

/** Links to a test have its title, or it for their text, with `…` for what a table fills in. */
const toTests = links.filter(({ file }) => /^test\/.*\.ts$/.test(file));

function where({ path, line, title, file, anchor }: Link): string {
  return `${path}:${line}: "${title}" in ${file}${anchor === '' ? '' : `#${anchor}`}`;
}

const titles = new Map(
  [...new Set(toTests.map(({ file }) => file))]
    .filter((file) => existsSync(join(ROOT, file)))
    .map((file) => [file, titlesOf(join(ROOT, file))]),
);

function isTitled({ title, file }: Link): boolean {
  return titles.get(file)?.some((one) => one.replace(/%[sdijo]/g, '…') === title) ?? false;
}

describe('the documents', () => {
  test('link to files that there are, and to headings in them', () => {
    expect(links.length).toBeGreaterThan(100);
    const broken = links.filter(
      ({ file, anchor }) =>
        !existsSync(join(ROOT, file)) || (anchor !== '' && !anchorsOf(file).includes(anchor)),
    );
    expect(broken.map(where)).toEqual([]);
  });

  test('link to tests by the titles that these have', () => {
    expect(toTests.length).toBeGreaterThan(100);
    expect(toTests.filter((link) => !isTitled(link)).map(where)).toEqual([]);
  });

  test('have a test for every row of the semantics', () => {
    const path = 'docs/semantics.md';
    const tested = new Set(toTests.filter((link) => link.path === path).map(({ line }) => line));
    const rows = linesOf(path)
      .map((text, i, lines) => ({ text, line: i + 1, next: lines[i + 1] ?? '' }))
      .filter(({ text, next }) => /^\| (?!---)/.test(text) && !next.startsWith('| ---'));
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter(({ line }) => !tested.has(line))).toEqual([]);
  });
});

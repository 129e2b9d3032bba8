import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const FOLDERS = ['.', 'bench', 'docs', 'examples'];

/** A code block of a document. */
export interface Block {
  readonly path: string;
  /** Of its first line in the document, counted from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

export interface Link {
  readonly path: string;
  readonly line: number;
  /** The title of the link or, if it has none, its text. */
  readonly title: string;
  /** The file, relative to the root; for a link within the document, the document. */
  readonly file: string;
  /** The anchor of a heading in the file; empty for the whole file. */
  readonly anchor: string;
}

/** The documents of the project, relative to its root. */
export const documents = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

export function linesOf(path: string): string[] {
  return readFileSync(join(ROOT, path), 'utf8').split('\n');
}

/** The code blocks of a document, or of the documentation in a source file. */
export function blocksOf(path: string): Block[] {
  const text = linesOf(path)
    .map((line) => line.replace(/^ +\* ?/, ''))
    .join('\n');
  return [...text.matchAll(/^ *```(\w+)\n(.*?)^ *```$/gms)].map((match) => ({
    path,
    line: text.slice(0, match.index).split('\n').length + 1,
    language: match[1],
    code: match[2],
  }));
}

/** A link may continue on the next line. */
const LINK = /\[((?:`[^`]*`|[^\]`])*)\]\(((?:[^()]|\([^()]*\))*)\)/g;

/** The links of a document to files of the project. */
export function linksOf(path: string): Link[] {
  const document = linesOf(path).join('\n');
  return [...document.matchAll(LINK)]
    .filter(([, , target]) => !/^[a-z]+:/.test(target))
    .map((match) => {
      const [label, target] = match.slice(1).map((text) => text.replaceAll('\n', ' '));
      const [place, ...quoted] = target.split(' ');
      const [file, anchor = ''] = place.split('#');
      const title = quoted.length === 0 ? label : quoted.join(' ').slice(1, -1);
      const found = file === '' ? path : join(path, '..', file);
      const line = document.slice(0, match.index).split('\n').length;
      return { path, line, title, file: found, anchor };
    });
}

/** The anchors of the headings of a document, as GitHub makes them. */
export function anchorsOf(path: string): string[] {
  return linesOf(path)
    .filter((line) => /^#+ /.test(line))
    .map((line) => line.replace(/^#+ /, '').toLowerCase())
    .map((text) => text.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-'));
}

import {
  chmodSync,
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { DirectoryListing } from '../../lib/sources/directory-listing';
import { descriptors } from '../support/descriptors';
import { temporary } from '../support/opened';

// Replaces the names that some kernels do not report.

let folder: string;
beforeEach(() => {
  folder = temporary();
});

const inFolder = (name: string): string => join(folder, name);
const make = (...names: string[]): void =>
  names.forEach((name) => writeFileSync(inFolder(name), ''));

/** Calls it while the folder is readable but not searchable, which does not restrict root. */
function unsearchable<T>(call: () => T): T {
  const isRoot = process.geteuid?.() === 0;
  chmodSync(folder, 0o444);
  if (isRoot) process.seteuid?.(65534);
  try {
    return call();
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(folder, 0o755);
  }
}

function changes(listing: DirectoryListing): string[] {
  return listing
    .changes()
    .map(
      ({ type, name, from }) =>
        `${type}${from === null ? '' : ` ${from.toString()} >`} ${name.toString()}`,
    )
    .sort();
}

test('tells what has come and gone since the last time', () => {
  make('stays', 'goes');
  const listing = new DirectoryListing(Buffer.from(folder));
  expect(changes(listing)).toEqual([]);
  // While it is open, its inode number is not reused.
  const open = openSync(inFolder('goes'), 'r');
  rmSync(inFolder('goes'));
  make('comes');
  mkdirSync(inFolder('folder'));
  linkSync(inFolder('stays'), inFolder('link'));
  closeSync(open);
  expect(changes(listing)).toEqual(['create comes', 'create folder', 'create link', 'delete goes']);
  expect(changes(listing)).toEqual([]);
});

test('takes no new file for one that has gone, though it has its number', ({ skip }) => {
  make('old');
  const listing = new DirectoryListing(Buffer.from(folder));
  const born = (name: string) => lstatSync(inFolder(name), { bigint: true }).birthtimeNs;
  const then = born('old');
  skip(!then, 'the file system does not know when a file was made');
  // A kernel may count birth times in ticks of some milliseconds.
  for (let name = 'old'; born(name) === then; name = 'new') {
    rmSync(inFolder(name));
    make('new');
  }
  expect(changes(listing)).toEqual(['create new', 'delete old']);
});

test('sees renames, also over others, and in a circle', () => {
  make('a', 'b', 'c', 'd');
  const listing = new DirectoryListing(Buffer.from(folder));
  renameSync(inFolder('a'), inFolder('z'));
  expect(changes(listing)).toEqual(['rename a > z']);
  renameSync(inFolder('z'), inFolder('b'));
  expect(changes(listing)).toEqual(['rename z > b']);
  renameSync(inFolder('c'), inFolder('e'));
  renameSync(inFolder('d'), inFolder('c'));
  renameSync(inFolder('e'), inFolder('d'));
  expect(changes(listing)).toEqual(['rename c > d', 'rename d > c']);
});

test('has the names by their bytes', () => {
  const listing = new DirectoryListing(Buffer.from(folder));
  const name = Buffer.from([0x66, 0xff, 0x80]);
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), '');
  expect(listing.changes()).toEqual([{ type: 'create', name, from: null }]);
});

test('is empty when the directory has gone', () => {
  make('file');
  const listing = new DirectoryListing(Buffer.from(folder));
  rmSync(folder, { recursive: true });
  expect(changes(listing)).toEqual(['delete file']);
});

test('of one that may be read and not searched has the names alone', () => {
  make('stays', 'goes', 'is renamed');
  const listing = unsearchable(() => new DirectoryListing(Buffer.from(folder)));
  rmSync(inFolder('goes'));
  make('comes');
  renameSync(inFolder('is renamed'), inFolder('was renamed'));
  expect(unsearchable(() => changes(listing))).toEqual([
    'create comes',
    'create was renamed',
    'delete goes',
    'delete is renamed',
  ]);
  make('last');
  expect(changes(listing)).toEqual(['create last']);
  renameSync(inFolder('last'), inFolder('very last'));
  expect(changes(listing)).toEqual(['rename last > very last']);
});

test('of one that cannot be read for a while tells of nothing until then', () => {
  make('stays', 'goes');
  const listing = new DirectoryListing(Buffer.from(folder));
  rmSync(inFolder('goes'));
  const before = descriptors.limitDescriptors(3);
  try {
    expect(changes(listing)).toEqual([]);
    expect(() => new DirectoryListing(Buffer.from(folder))).toThrow(
      expect.objectContaining({ code: 'EMFILE' }),
    );
  } finally {
    descriptors.limitDescriptors(before);
  }
  expect(changes(listing)).toEqual(['delete goes']);
});

import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileQueue, type FileWatcher } from '../../lib/sources/file-queue';
import { pathBytes } from '../../lib/raw/file-changes';
import { temporary } from '../support/opened';

test('a change is no work for the watchers of other files', () => {
  const folder = temporary();
  const calls: string[] = [];
  const names = ['changed', 'other'];
  const watches = names.map((name) => {
    const path = join(folder, name);
    writeFileSync(path, '');
    const note = (what: string) => (): void => void calls.push(`${name} ${what}`);
    const watcher: FileWatcher = {
      isAwaited: () => false,
      onChange: note('change'),
      onFull: note('full'),
      onDrained: note('drained'),
      onFailure: note('failure'),
      onLost: note('lost'),
    };
    return { path, watcher, watch: fileQueue.add(pathBytes(path), watcher) };
  });
  try {
    appendFileSync(watches[0].path, 'x');
    fileQueue.drain();
    expect(new Set(calls)).toEqual(new Set(['changed change', 'changed drained']));
  } finally {
    for (const { watch, watcher } of watches) fileQueue.remove(watch, watcher);
  }
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the test has opened, and may have closed itself. */
const opened: { close?: () => unknown; destroy?: () => unknown }[] = [];

/** Destroys or closes the handle at the end of the test. */
export function tracked<T extends (typeof opened)[number]>(handle: T): T {
  opened.push(handle);
  return handle;
}

/** A path in a folder that is gone after the test; without a name, the folder. */
export function temporary(name = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'iomux-'));
  tracked({
    close: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  });
  return join(folder, name);
}

export function closeTracked(): void {
  for (const handle of opened.splice(0)) (handle.destroy ?? handle.close)?.call(handle);
}

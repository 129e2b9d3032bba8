import { join } from 'node:path';
// eslint-disable-next-line @typescript-eslint/no-require-imports -- of a CommonJS module, an import makes a copy
import load = require('node-gyp-build');
import type { Native } from './addon';

/** How signals are told; see native/sys/signal_listener.h. */
export const SIGNAL_FIELDS = 6;
export const SIGNAL_SENDER_KNOWN = 1;
export const SIGNAL_VALUE_KNOWN = 2;
/** How many records there must be room for. */
export const SIGNAL_CAPACITY = 256;

/** What comes before the events in a batch; both sides write it. See native/binding/delivery.h. */
export const IN_WAKE = 0;
export const WAITING = 1;
export const HEADER_LENGTH = 2;
/** How many events one harvest collects at most, each of three numbers. */
export const BATCH_CAPACITY = 1024;
/** How many changes one `kqueueControl` makes at most. */
export const MAX_CHANGES = 64;

/** Of the package, where its binaries are looked for. */
const ROOT = join(__dirname, '..');

export const native = load(ROOT) as Native;

/** The file that the addon was loaded from. */
export function addonPath(): string {
  return load.path(ROOT);
}

import type { Native } from './addon';
import { addonPath } from './addon-path';

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

// eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon cannot be imported
export const native = require(addonPath()) as Native;

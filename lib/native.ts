import type { Native } from './addon';
import { addonPath } from './addon-path';

/** The layout of a record of a signal; see native/sys/signal_record.h. */
export const SIGNAL_FIELDS = 6;
export const SIGNAL_SENDER_KNOWN = 1;
export const SIGNAL_VALUE_KNOWN = 2;
/** For how many records `take` must have room. */
export const SIGNAL_CAPACITY = 256;

/** The header of a batch, which both sides write; see native/binding/delivery.h. */
export const IN_WAKE = 0;
export const WAITING = 1;
export const HEADER_LENGTH = 2;
/** The most events of one harvest; each has three numbers. */
export const BATCH_CAPACITY = 1024;
/** The most changes of one `kqueueControl`. */
export const MAX_CHANGES = 64;

// eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon cannot be imported
export const native = require(addonPath()) as Native;

// The declarations use Node's types, and must find them in a program with `types: []` as well.
/// <reference types="node" preserve="true" />
import { closedError, invalidType, invalidValue, outOfRange } from './errors';

/** Anything with a descriptor: the number itself, or an object with the property `fd`. */
export type Source =
  | number
  | {
      /** -1 once it is closed. */
      readonly fd: number;
    };

/** The greatest C int. */
export const MOST_INT = 2 ** 31 - 1;
export const MOST_FD = MOST_INT;

/**
 * The descriptor of a source.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`; `ERR_CLOSED` for a handle that is closed (its
 * `fd` is -1), `ERR_INVALID_ARG_VALUE` for a `Poller` over poll or select.
 */
export function descriptorOf(source: Source): number {
  if (typeof source === 'number') return integer('source', source, 0, MOST_FD);
  const fd: unknown = (source as { fd?: unknown } | null | undefined)?.fd;
  if (typeof fd !== 'number') {
    throw invalidType('source', 'of type number or an object with a numeric "fd"', source);
  }
  if (fd === -1 && (source as { closed?: unknown }).closed === false) {
    throw invalidValue('source', 'must have a descriptor', source);
  }
  if (fd === -1) throw closedError('source');
  return integer('source.fd', fd, 0, MOST_FD);
}

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` */
export function integer(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number') throw invalidType(name, 'of type number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < least || value > most) throw outOfRange(name, `>= ${least} && <= ${most}`, value);
  return value;
}

/** @throws `ERR_INVALID_ARG_TYPE` */
export function boolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalidType(name, 'of type boolean', value);
  return value;
}

/** @throws `ERR_INVALID_ARG_TYPE` */
export function string(name: string, value: unknown): string {
  if (typeof value !== 'string') throw invalidType(name, 'of type string', value);
  return value;
}

/** @throws `ERR_INVALID_ARG_TYPE` */
export function object(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw invalidType(name, 'of type object', value);
}

/** The bytes of what is sent: a string as UTF-8. @throws `ERR_INVALID_ARG_TYPE` */
export function bytesOf(name: string, data: unknown): Uint8Array {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  if (bytes instanceof Uint8Array) return bytes;
  throw invalidType(name, 'of type string or an instance of Uint8Array', data);
}

/** Why nothing can be received into this memory; null if it can. */
export function roomProblem(into: Uint8Array): Error | null {
  if (!(into instanceof Uint8Array)) return invalidType('into', 'an instance of Uint8Array', into);
  return lengthOf(into) === 0 ? invalidValue('into', 'must have room for a byte', into) : null;
}

/** How long a call may block, in milliseconds; -1 for ever. */
export function timeoutOf(o: { timeout?: unknown; signal?: unknown }): number {
  const { timeout, signal } = o;
  if (signal !== undefined) {
    throw invalidValue(
      'options.signal',
      'is not supported by a call that blocks the thread',
      signal,
    );
  }
  if (timeout === undefined) return -1;
  const name = 'options.timeout';
  if (typeof timeout !== 'number') throw invalidType(name, 'of type number', timeout);
  if (timeout >= 0 || timeout === -1) return timeout;
  throw outOfRange(name, '>= 0, or -1 to wait for ever', timeout);
}

/** How many events a call returns at most; `most`: how many it can. */
export function maxEvents(value: unknown, most: number): number {
  const wanted = value === undefined ? most : integer('options.maxEvents', value, 1, MOST_FD);
  return Math.min(wanted, most);
}

/**
 * The length of a view; 0 if its memory was transferred. In Node 20 and 22, `length` itself may be outdated
 * then, in optimized code that has also seen resizable memory.
 */
export function lengthOf(view: Uint8Array): number {
  return view.buffer.byteLength === 0 ? 0 : view.length;
}

export function callback(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidType(name, 'of type function', value);
}

/** @throws `ERR_INVALID_ARG_TYPE` */
export function listOf<T>(name: string, iterable: Iterable<T>): T[] {
  const iterate: unknown = (iterable as Partial<Iterable<T>> | null | undefined)?.[Symbol.iterator];
  // A string is iterable, but always a list that was forgotten.
  if (typeof iterate !== 'function' || typeof iterable === 'string') {
    throw invalidType(name, 'an iterable', iterable);
  }
  return [...iterable];
}

/** @throws `ERR_INVALID_ARG_TYPE` unless `options` is an object or absent. */
export function options<T extends object>(value: T | undefined): Partial<T> {
  if (value === undefined) return {};
  object('options', value);
  return value;
}

/**
 * Refuses options of other libraries that would be ignored here.
 * @param hints by name, what to use instead
 * @throws `ERR_INVALID_ARG_VALUE`
 */
export function refuseForeign(
  o: object,
  hints: Readonly<Record<string, string>>,
  within = 'options',
): void {
  for (const [name, hint] of Object.entries(hints)) {
    const value = (o as Record<string, unknown>)[name];
    if (value !== undefined) throw invalidValue(`${within}.${name}`, hint, value);
  }
}

export const TIMEOUT = { timeout: 'is a signal here: AbortSignal.timeout(milliseconds)' };

/** The option of every call that waits. */
export interface Abortable {
  /** Rejects with `signal.reason`; aborting has no other effect. */
  readonly signal?: AbortSignal | undefined;
}

/** The signal, if there is one. */
export function signalOf(given: Abortable | undefined): AbortSignal | undefined {
  if (given === undefined) return undefined;
  if (given instanceof AbortSignal) {
    throw invalidType('options', 'of type object, with the signal in it: { signal }', given);
  }
  const { signal, timeout: foreign } = options<Abortable & { timeout?: unknown }>(given);
  if (foreign !== undefined) refuseForeign(given, TIMEOUT);
  return signal === undefined ? undefined : abortSignal('options.signal', signal);
}

/** @throws `ERR_INVALID_ARG_TYPE` */
export function abortSignal(name: string, signal: unknown): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  // Like Node, accept one of another realm or a polyfill if it has what is needed.
  const { aborted, throwIfAborted, addEventListener, removeEventListener } = Object(
    signal,
  ) as Partial<AbortSignal>;
  const methods = [throwIfAborted, addEventListener, removeEventListener];
  if (typeof aborted !== 'boolean' || methods.some((method) => typeof method !== 'function')) {
    throw invalidType(name, 'an instance of AbortSignal', signal);
  }
  return signal as AbortSignal;
}

/** Like `signalOf`; throws the reason if the signal is already aborted. */
export function liveSignal(given: Abortable | undefined): AbortSignal | undefined {
  const signal = signalOf(given);
  signal?.throwIfAborted();
  return signal;
}

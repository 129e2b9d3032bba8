import { constants } from 'node:os';
import { getSystemErrorMap, inspect } from 'node:util';

/** Negated errno values that decide what happens next; the numbers differ between systems. */
export const EACCES = -constants.errno.EACCES;
export const EADDRINUSE = -constants.errno.EADDRINUSE;
export const EAGAIN = -constants.errno.EAGAIN;
export const EBADF = -constants.errno.EBADF;
export const ECONNABORTED = -constants.errno.ECONNABORTED;
export const ECONNREFUSED = -constants.errno.ECONNREFUSED;
export const ECONNRESET = -constants.errno.ECONNRESET;
export const EDESTADDRREQ = -constants.errno.EDESTADDRREQ;
export const EEXIST = -constants.errno.EEXIST;
export const EINPROGRESS = -constants.errno.EINPROGRESS;
export const EINVAL = -constants.errno.EINVAL;
export const EIO = -constants.errno.EIO;
export const EMFILE = -constants.errno.EMFILE;
export const EMSGSIZE = -constants.errno.EMSGSIZE;
export const ENFILE = -constants.errno.ENFILE;
export const ENOBUFS = -constants.errno.ENOBUFS;
export const ENOENT = -constants.errno.ENOENT;
export const ENOMEM = -constants.errno.ENOMEM;
export const ENOSYS = -constants.errno.ENOSYS;
export const ENOTCONN = -constants.errno.ENOTCONN;
export const ENOTSOCK = -constants.errno.ENOTSOCK;
export const ENOTSUP = -constants.errno.ENOTSUP;
export const EOPNOTSUPP = -constants.errno.EOPNOTSUPP;
export const EPERM = -constants.errno.EPERM;
export const EPIPE = -constants.errno.EPIPE;
export const ESPIPE = -constants.errno.ESPIPE;
export const ESRCH = -constants.errno.ESRCH;
export const ETIMEDOUT = -constants.errno.ETIMEDOUT;

/** The error of a failed system call, in the shape of Node's own errors. */
export interface SystemError extends Error {
  /** The name of the error: `EBADF`. */
  code: string;
  /** The negated errno, as libuv and Node have it. */
  errno: number;
  /** The system call that was made: `epoll_ctl`. */
  syscall: string;
  /** The descriptor that was passed to it. */
  fd?: number | undefined;
  /** The address that was passed to it. */
  address?: string | undefined;
  /** The port of the address. */
  port?: number | undefined;
  /** The path of the Unix socket or file that was passed to it. */
  path?: string | undefined;
}

/** What a system call was given. */
export type Details = Pick<SystemError, 'fd' | 'address' | 'port' | 'path'>;

/** The error for a failed system call, in the shape of Node's own errors. */
export function systemError(errno: number, syscall: string, details: Details = {}): SystemError {
  const [code, text] = getSystemErrorMap().get(errno) ?? named.get(errno) ?? unmapped(errno);
  const { address, port, path } = details;
  const what = path === undefined ? '' : ` '${path}'`;
  const where = address === undefined ? what : ` ${address}${port === undefined ? '' : `:${port}`}`;
  const error = new Error(`${code}: ${text}, ${syscall}${where}`);
  return Object.assign(fromUsersCall(error), { errno, code, syscall }, details);
}

const named = new Map<number, [code: string, text: string]>();

/** Names an error that neither libuv nor node:os knows. */
export function nameErrno(errno: number, code: string, text: string): void {
  named.set(errno, [code, text]);
}

/** libuv's map, and so Node's, lacks the errors that libuv never returns (EINPROGRESS, EPFNOSUPPORT). */
function unmapped(errno: number): [string, string] {
  const known = Object.entries(constants.errno).find(([, number]) => number === -errno);
  return [known?.[0] ?? 'UNKNOWN', `system error ${-errno}`];
}

/** The errors of several attempts, in their order; the code is that of the first. */
export function attemptsError(errors: Error[]): Error {
  const message = errors.map((error) => error.message).join('; ');
  const [{ code = 'UNKNOWN' }] = errors as NodeJS.ErrnoException[];
  return withCode(new AggregateError(errors, message), code);
}

/** Throws a `systemError` for a negative result; returns any other. */
export function check(result: number, syscall: string, fd?: number): number {
  if (result < 0) throw systemError(result, syscall, fd === undefined ? {} : { fd });
  return result;
}

/** The error of an operation that is not possible in the current state. */
export interface StateError extends Error {
  /** See docs/troubleshooting.md. */
  code: 'ERR_CLOSED' | 'ERR_BUSY' | 'ERR_UNSUPPORTED_PLATFORM' | 'ERR_LIMIT' | 'ERR_INCOMPLETE';
}

type StateCode = StateError['code'];

function stateError(code: StateCode, message: string): StateError {
  return withCode(new Error(message), code);
}

export function closedError(what: string): StateError {
  return stateError('ERR_CLOSED', `The ${what} is closed`);
}

/** Whether the reason is merely that something was closed. */
export function isClosed(reason: unknown): boolean {
  return (Object(reason) as { code?: unknown }).code === 'ERR_CLOSED';
}

export function busyError(message: string): StateError {
  return stateError('ERR_BUSY', message);
}

export function limitError(message: string): StateError {
  return stateError('ERR_LIMIT', message);
}

/** The stream has ended within what was to be read. */
export interface IncompleteError extends StateError {
  /** Always this. */
  code: 'ERR_INCOMPLETE';
  /** The bytes before the end. */
  partial: Buffer;
  /** The number of bytes to read; undefined for a separator. */
  expected: number | undefined;
}

export function incompleteError(partial: Buffer, expected?: number): IncompleteError {
  const wanted = expected === undefined ? 'the separator' : `the ${expected} bytes`;
  const message = `The stream ended after ${partial.length} bytes, before ${wanted}`;
  return Object.assign(stateError('ERR_INCOMPLETE', message) as IncompleteError, {
    partial,
    expected,
  });
}

export function unsupportedError(what: string): StateError {
  return stateError('ERR_UNSUPPORTED_PLATFORM', `${what} is not available on ${process.platform}`);
}

/** `name` is an argument (`fd`) or a property of one (`options.timeout`). */
export function invalidType(name: string, expected: string, value: unknown): TypeError {
  const kind = name.includes('.') ? 'property' : 'argument';
  return withCode(
    new TypeError(`The "${name}" ${kind} must be ${expected}.${received(value)}`),
    'ERR_INVALID_ARG_TYPE',
  );
}

export function invalidValue(name: string, reason: string, value: unknown): TypeError {
  const kind = name.includes('.') ? 'property' : 'argument';
  return withCode(
    new TypeError(`The ${kind} '${name}' ${reason}. Received ${inspect(value)}`),
    'ERR_INVALID_ARG_VALUE',
  );
}

/** Like the error of `process.kill`. */
export function unknownSignal(name: string): TypeError {
  return withCode(new TypeError(`Unknown signal: ${name}`), 'ERR_UNKNOWN_SIGNAL');
}

/** Like the error of Node's classes that are not to be constructed; `makers`: the functions to use instead. */
export function illegalConstructor(makers: string): TypeError {
  return withCode(new TypeError(`Illegal constructor. Use ${makers}`), 'ERR_ILLEGAL_CONSTRUCTOR');
}

/** Like the error of Node when a handle cannot be sent to another process. */
export function invalidHandleType(): TypeError {
  return withCode(new TypeError('This handle type cannot be sent'), 'ERR_INVALID_HANDLE_TYPE');
}

export function closedBeforeConnection(): Error {
  return withCode(
    new Error('Socket closed before the connection was established'),
    'ERR_SOCKET_CLOSED_BEFORE_CONNECTION',
  );
}

export function socketClosed(): Error {
  return withCode(new Error('Socket is closed'), 'ERR_SOCKET_CLOSED');
}

export function endedByPeer(): Error {
  return withCode(new Error('This socket has been ended by the other party'), 'EPIPE');
}

export function streamDestroyed(): Error {
  return withCode(
    new Error('Cannot call write after a stream was destroyed'),
    'ERR_STREAM_DESTROYED',
  );
}

/** `family`: the family that is required; 0 for either. */
export function invalidAddress(value: string, family: 0 | 4 | 6 = 0): TypeError {
  const kind = family === 0 ? 'IP' : `IPv${family}`;
  return withCode(new TypeError(`Invalid ${kind} address: ${value}`), 'ERR_INVALID_IP_ADDRESS');
}

export function outOfRange(name: string, range: string, value: number | bigint): RangeError {
  return withCode(
    new RangeError(
      `The value of "${name}" is out of range. It must be ${range}. Received ${inspect(value)}`,
    ),
    'ERR_OUT_OF_RANGE',
  );
}

/** As in Node, the first line of the stack shows the code, and the name stays that of the class. */
export function withCode<E extends Error, C extends string>(error: E, code: C): E & { code: C } {
  const { name } = error;
  error.name = `${name} [${code}]`;
  fromUsersCall(error); // reads the stack, which is formatted then
  Reflect.deleteProperty(error, 'name');
  return Object.assign(error, { code });
}

/** Removes our own frames, so that the stack begins at the user's call. */
function fromUsersCall<E extends Error>(error: E): E {
  // A user's `Error.prepareStackTrace` may return anything.
  const stack: unknown = error.stack;
  if (typeof stack !== 'string') return error;
  const [message, ...frames] = stack.split(/\n(?= +at )/);
  // Frames of the engine in between, such as `Array.map (<anonymous>)`, are removed too.
  const ours = (frame: string): boolean =>
    frame.includes(__dirname) || frame.endsWith('(<anonymous>)');
  const first = frames.findIndex((frame) => !ours(frame));
  // In a bundle the user's frames are in our file too: if only Node's would be left, keep all.
  if (first > 0 && !frames[first].includes('node:internal'))
    error.stack = [message, ...frames.slice(first)].join('\n');
  return error;
}

/** What was received, in Node's own wording. */
function received(value: unknown): string {
  if (value === null || value === undefined) return ` Received ${String(value)}`;
  if (typeof value === 'function') return ` Received function ${value.name}`;
  if (typeof value === 'object') {
    const constructor = (value as { constructor?: { name?: unknown } }).constructor;
    return typeof constructor?.name === 'string' && constructor.name !== ''
      ? ` Received an instance of ${constructor.name}`
      : ` Received ${inspect(value, { depth: -1 })}`;
  }
  const text = inspect(value, { colors: false });
  const shown = text.length > 28 ? `${text.slice(0, 25)}...` : text;
  return ` Received type ${typeof value} (${shown})`;
}

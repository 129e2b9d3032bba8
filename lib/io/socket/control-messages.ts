import { invalidType, invalidValue } from '../../errors';
import { native } from '../../native';
import { SCM_RIGHTS, SOL_SOCKET } from '../../raw/socket-constants';
import { descriptorOf, listOf, object, type Source } from '../../validate';
import { type Constant, constant } from '../socket-handle';

/** Data sent along with a message beside its bytes; see cmsg(3). */
export interface ControlMessage {
  /** Whose type it is: SOL_SOCKET, IPPROTO_IP and so on. */
  readonly level: Constant;
  /** SCM_RIGHTS, IP_TTL and so on. */
  readonly type: Constant;
  /** A structure of the system's, in its own byte order. */
  readonly data: Uint8Array;
}

export interface ReceivedControlMessage extends ControlMessage {
  /** Whose type it is: SOL_SOCKET, IPPROTO_IP and so on. */
  readonly level: number;
  /** SCM_CREDENTIALS, IP_TTL and so on. */
  readonly type: number;
  readonly data: Buffer;
}

/** SCM_MAX_FD: the most descriptors in one message. */
export const MOST_DESCRIPTORS = 253;
/** struct ControlEntry of native/sys/message.h: level, type, length. */
const HEAD = 12;
const INT = 4;

const nothing = new Uint8Array(0);

/**
 * Encodes control messages and descriptors as `native.sendMessage` takes them.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`, `ERR_CLOSED`,
 * `ERR_UNSUPPORTED_PLATFORM`
 */
export function encodeControl(
  control: Iterable<ControlMessage> | undefined,
  descriptors: Iterable<Source> | undefined,
): Uint8Array {
  const messages = control === undefined ? [] : listOf('options.control', control);
  const entries = messages.map((message, i) => entryOf(`options.control[${i}]`, message));
  const fds =
    descriptors === undefined ? [] : listOf('options.descriptors', descriptors).map(descriptorOf);
  if (fds.length > MOST_DESCRIPTORS) {
    const reason = `must be at most ${MOST_DESCRIPTORS} at once`;
    throw invalidValue('options.descriptors', reason, fds.length);
  }
  if (fds.length > 0) entries.push(entry(SOL_SOCKET, SCM_RIGHTS, intsOf(fds)));
  if (entries.length === 0) return nothing;
  const all = Buffer.concat(entries);
  if (all.length > native.MOST_CONTROL) {
    const reason = `must be at most ${native.MOST_CONTROL} bytes long, with ${HEAD} for each`;
    throw invalidValue('options.control', reason, control);
  }
  return all;
}

/** Decodes what `native.receiveMessage` has written. */
export function decodeControl(bytes: Buffer): {
  control: ReceivedControlMessage[];
  descriptors: number[];
} {
  const ints = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / INT);
  const control: ReceivedControlMessage[] = [];
  const descriptors: number[] = [];
  for (let at = 0; at + HEAD <= bytes.length;) {
    const [level, type, length] = ints.subarray(at / INT);
    at += HEAD;
    if (level === SOL_SOCKET && type === SCM_RIGHTS) {
      const fds = ints.subarray(at / INT, Math.floor((at + length) / INT));
      // -1 stands for a descriptor beyond `maxDescriptors`.
      descriptors.push(...fds.filter((fd) => fd >= 0));
    } else {
      control.push({ level, type, data: Buffer.from(bytes.subarray(at, at + length)) });
    }
    at += padded(length);
  }
  return { control, descriptors };
}

function entryOf(name: string, message: ControlMessage): Buffer {
  object(name, message);
  const { level, type, data } = message;
  if (!(data instanceof Uint8Array)) {
    throw invalidType(`${name}.data`, 'an instance of Uint8Array', data);
  }
  return entry(constant(`${name}.level`, level), constant(`${name}.type`, type), data);
}

function entry(level: number, type: number, data: Uint8Array): Buffer {
  return Buffer.concat([intsOf([level, type, data.length]), data], HEAD + padded(data.length));
}

function intsOf(numbers: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(numbers).buffer);
}

function padded(length: number): number {
  return Math.ceil(length / INT) * INT;
}

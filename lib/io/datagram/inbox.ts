import { native } from '../../native';
import { EAGAIN } from '../../errors';
import { workerThreads } from '../../raw/worker-threads';
import { type Address, ADDRESS_LENGTH } from '../address';
import { decodeSender } from './address-cache';
import { DETAILS, formatBare, MOST_MESSAGES, RECEIVED } from './datagram-records';

/** How a datagram arrived, for sockets opened with `details`. */
export interface DatagramDetails {
  /** The address it was sent to: one of this machine, a multicast group or a broadcast address. */
  readonly destination: string | undefined;
  /** The number of the interface it arrived on. */
  readonly interface: number;
  /** Its time to live, or hop limit, when it arrived. */
  readonly ttl: number;
  /** Its type of service, or traffic class; the two lowest bits are ECN. */
  readonly tos: number;
}

interface Envelope {
  /** Of the sender; `null` for a Unix socket without a name. Equal addresses may be the same object. */
  readonly address: Address | null;
  /** The datagram was longer, and the rest is lost. */
  readonly truncated: boolean;
  /** `undefined` unless the socket was opened with `details`. */
  readonly details: DatagramDetails | undefined;
}

/** A datagram. Small ones share 16 KiB blocks, like Node's buffers: keeping one keeps its block. */
export interface ReceivedDatagram extends Envelope {
  /** What was sent, or only its beginning if `truncated`. */
  readonly data: Buffer;
}

/** A datagram received into the caller's buffer. */
export interface ReceivedInto extends Envelope {
  /** How many bytes; a datagram may have 0. */
  readonly length: number;
}

/**
 * The room for one message: enough for the longest IP datagram, or a train of them. Not a power of two, since
 * the slots of a batch would share cache lines.
 */
const SLOT = 65_536 + 192;
const BYTES_PER_WORD = 4;

// Shared by all sockets of the thread: what is received is copied out before the next call.
const words = new Int32Array(MOST_MESSAGES * RECEIVED.WORDS);
const records = Buffer.from(words.buffer);
let slots = Buffer.alloc(0);

/**
 * Received datagrams are slices of blocks of this size, like Node's small buffers: keeping one keeps its
 * block.
 */
const POOL = 16_384;
let pool = Buffer.alloc(0);
let used = 0;

/**
 * Reserves the `total` bytes that have just been received, and returns their offset in `pool`. If they did
 * not fit into the current pool, they are in `slots`, and are copied to a new one.
 */
function place(total: number): number {
  const start = used;
  if (total <= pool.length - start) {
    used += total;
    return start;
  }
  pool = Buffer.allocUnsafeSlow(Math.max(total, POOL));
  // Transferring one datagram would detach all others of the block.
  workerThreads().markAsUntransferable(pool.buffer);
  slots.copy(pool, 0, 0, total);
  used = total;
  return 0;
}

/** Receives for one socket, one by one or in batches, and keeps what was not asked for yet. */
export class Inbox {
  readonly #details: boolean;
  readonly #onDrained: () => void;
  /** Whether a message may be a train of datagrams. */
  #trains = false;
  /** Datagrams that have been received; those from `#next` on have not been asked for yet. */
  #ready: ReceivedDatagram[] = [];
  #next = 0;

  /** `onDrained` is called when nothing is left to receive. */
  constructor(details: boolean, onDrained: () => void) {
    this.#details = details;
    this.#onDrained = onDrained;
  }

  get hasReady(): boolean {
    return this.#next < this.#ready.length;
  }

  /** Receives trains as one message (GRO), if the system supports it. */
  enableTrains(fd: number): void {
    if (!this.#trains) this.#trains = native.enableTrains(fd) === 0;
  }

  /** Takes the next datagram that is kept. */
  shift(): ReceivedDatagram {
    const datagram = this.#ready[this.#next++];
    if (this.#next === this.#ready.length) this.#clear();
    return datagram;
  }

  /** Takes at most `most` of the datagrams that are kept. */
  take(most: number): ReceivedDatagram[] {
    if (this.#next === 0 && this.#ready.length <= most) {
      const all = this.#ready;
      this.#clear();
      return all;
    }
    const taken = this.#ready.slice(this.#next, this.#next + most);
    this.#next += taken.length;
    if (!this.hasReady) this.#clear();
    return taken;
  }

  /** Receives up to `count` messages, at least one, and keeps them; or returns a negated errno. */
  fill(fd: number, count: number): number {
    const most = Math.min(count, MOST_MESSAGES);
    const received = this.#receive(fd, most);
    if (received > 0) this.#unpack(received);
    return received;
  }

  /** Returns the next datagram, or a negated errno. */
  receiveOne(fd: number): ReceivedDatagram | number {
    if (this.#trains || this.hasReady) {
      const received = this.hasReady ? 1 : this.fill(fd, 1);
      return received < 0 ? received : this.shift();
    }
    const received = this.#receive(fd, 1);
    if (received < 0) return received;
    const length = words[RECEIVED.LENGTH];
    const start = place(length);
    return {
      data: pool.subarray(start, start + length),
      address: senderOf(0),
      truncated: words[RECEIVED.TRUNCATED] === 1,
      details: this.#details ? detailsOf(0) : undefined,
    };
  }

  /** Receives the next datagram into the caller's buffer, or returns a negated errno. */
  receiveInto(fd: number, into: Uint8Array): ReceivedInto | number {
    if (this.#trains || this.hasReady) {
      const received = this.hasReady ? 1 : this.fill(fd, 1);
      return received < 0 ? received : copyInto(into, this.shift());
    }
    const received = native.receiveDatagram(fd, into, records, this.#details);
    if (received === EAGAIN) this.#onDrained();
    if (received < 0) return received;
    return {
      length: words[RECEIVED.LENGTH],
      address: senderOf(0),
      truncated: words[RECEIVED.TRUNCATED] === 1,
      details: this.#details ? detailsOf(0) : undefined,
    };
  }

  #receive(fd: number, most: number): number {
    if (slots.length < most * SLOT) slots = Buffer.allocUnsafeSlow(most * SLOT);
    const control = this.#details || this.#trains;
    const received = native.receiveDatagrams(fd, slots, SLOT, records, most, control, pool, used);
    if (received === EAGAIN || (received > 0 && received < most)) this.#onDrained();
    return received;
  }

  #clear(): void {
    this.#ready = [];
    this.#next = 0;
  }

  #unpack(count: number): void {
    const last = (count - 1) * RECEIVED.WORDS;
    const total = words[last + RECEIVED.OFFSET] + words[last + RECEIVED.LENGTH];
    const start = place(total);
    for (let record = 0; record <= last; record += RECEIVED.WORDS) {
      const length = words[record + RECEIVED.LENGTH];
      const segment = words[record + RECEIVED.SEGMENT] || length;
      let offset = start + words[record + RECEIVED.OFFSET];
      const end = offset + length;
      const address = senderOf(record);
      const truncated = words[record + RECEIVED.TRUNCATED] === 1;
      const details = this.#details ? detailsOf(record) : undefined;
      do {
        const data = pool.subarray(offset, Math.min(offset + segment, end));
        this.#ready.push({ data, address, truncated, details });
        offset += segment;
      } while (offset < end);
    }
  }
}

function copyInto(
  into: Uint8Array,
  { data, address, truncated, details }: ReceivedDatagram,
): ReceivedInto {
  const length = Math.min(data.length, into.length);
  into.set(length < data.length ? data.subarray(0, length) : data);
  return { length, address, truncated: truncated || length < data.length, details };
}

function senderOf(record: number): Address | null {
  const length = Math.min(words[record + RECEIVED.ADDRESS_LENGTH], ADDRESS_LENGTH);
  return decodeSender(records, words, (record + RECEIVED.ADDRESS) * BYTES_PER_WORD, length);
}

function detailsOf(record: number): DatagramDetails {
  const start = record + RECEIVED.DETAILS;
  const from = (start + DETAILS.ADDRESS) * BYTES_PER_WORD;
  const length = words[start + DETAILS.ADDRESS_LENGTH];
  return {
    destination: formatBare(records.subarray(from, from + length)),
    interface: words[start + DETAILS.INTERFACE],
    ttl: words[start + DETAILS.TTL],
    tos: words[start + DETAILS.TOS],
  };
}

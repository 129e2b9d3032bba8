import { invalidType, invalidValue } from '../../errors';

/** Where a record ends: a separator, or several any of which will do. Strings are UTF-8. */
export type Separators = string | Uint8Array | readonly (string | Uint8Array)[];

/**
 * Several separators are searched for in one piece of the bytes at a time, starting with this size and
 * doubling. Otherwise a rare one would be searched for in all bytes again for every record that another ends.
 */
const PIECE = 256;

/**
 * Searches for the first separator in a growing sequence of bytes, without searching any part twice. The
 * result does not depend on how the bytes are split up on arrival: if they end with the beginning of an
 * earlier or longer separator, the search waits for more.
 */
export class SeparatorSearch {
  /** The longest first: it wins if several match at one place. */
  readonly #separators: readonly Buffer[];
  readonly #longest: number;
  #start = 0;
  #length = 0;

  /** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for an empty one */
  constructor(separators: Separators) {
    this.#separators = bytesOf(separators).sort((a, b) => b.length - a.length);
    this.#longest = this.#separators[0].length;
  }

  /** Where the separator begins. Until one is found, none begins before. */
  get start(): number {
    return this.#start;
  }

  /** Where the separator ends. */
  get end(): number {
    return this.#start + this.#length;
  }

  /** Returns whether a separator is found. `ended`: no more bytes will come. */
  find(bytes: Buffer, ended: boolean): boolean {
    const { length } = bytes;
    const several = this.#separators.length > 1;
    for (let size = PIECE; ; size *= 2) {
      const end = several ? Math.min(this.#start + size, length) : length;
      const found = this.#match(end === length ? bytes : bytes.subarray(0, end));
      // Any other that begins there or before is complete, and would have been found.
      if (found !== -1 && found + this.#longest <= end) return this.#settle(found);
      if (found === -1) this.#start = Math.max(this.#start, end - this.#longest + 1);
      if (end < length) continue;
      if (found === -1) return false;
      const begun = ended ? -1 : this.#begun(bytes, found);
      if (begun === -1) return this.#settle(found);
      this.#start = begun;
      return false;
    }
  }

  #settle(found: number): true {
    this.#start = found;
    return true;
  }

  /** Returns where the first separator begins, or -1. Sets the length of the longest one there. */
  #match(bytes: Buffer): number {
    let first = -1;
    for (const separator of this.#separators) {
      const found = bytes.indexOf(separator, this.#start);
      if (found === -1 || (first !== -1 && found >= first)) continue;
      first = found;
      this.#length = separator.length;
    }
    return first;
  }

  /** Returns where an incomplete separator begins that would win against the one found, or -1. */
  #begun(bytes: Buffer, found: number): number {
    const { length } = bytes;
    for (let at = Math.max(this.#start, length - this.#longest + 1); at <= found; at++) {
      const rest = length - at;
      for (const separator of this.#separators) {
        if (separator.length <= rest || (at === found && separator.length <= this.#length)) break;
        if (bytes.compare(separator, 0, rest, at, length) === 0) return at;
      }
    }
    return -1;
  }
}

function bytesOf(separators: Separators): Buffer[] {
  const list: readonly unknown[] = Array.isArray(separators) ? separators : [separators];
  if (list.length === 0) throw invalidValue('separators', 'must not be empty', separators);
  return list.map((separator) => {
    if (typeof separator !== 'string' && !(separator instanceof Uint8Array)) {
      const expected = 'of type string or an instance of Uint8Array, or an array of those';
      throw invalidType('separators', expected, separator);
    }
    if (separator.length === 0) throw invalidValue('separators', 'must not be empty', separator);
    // A copy: the caller's bytes may change while the stream waits.
    return Buffer.from(separator as Uint8Array);
  });
}

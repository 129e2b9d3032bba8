import { expect } from 'vitest';

/** Checks the result of a read, and returns how many bytes it took. */
export type Found = (answer: unknown) => number;

/** The results of reads when all bytes of a stream are there from the beginning. */
export class ReadModel {
  rest: Buffer;

  constructor(bytes: Buffer) {
    this.rest = bytes;
  }

  consume(count: number): void {
    this.rest = this.rest.subarray(count);
  }

  /** The number of bytes depends on how they arrived; their values do not. */
  some(max: number): Found {
    const { rest } = this;
    if (rest.length === 0) return is(null, 0);
    return (answer) => {
      expect(answer).toBeInstanceOf(Buffer);
      const { length } = answer as Buffer;
      expect(length).toBeGreaterThan(0);
      expect(length).toBeLessThanOrEqual(max);
      expect(String(answer)).toBe(rest.subarray(0, length).toString());
      return length;
    };
  }

  exactly(count: number): Found {
    const { rest } = this;
    if (rest.length < count) return this.#incomplete();
    return is(rest.subarray(0, count), count);
  }

  peek(count: number): Found {
    return is(this.rest.length === 0 ? null : this.rest.subarray(0, count), 0);
  }

  /** The first position of any separator, and the longest one at that position. */
  until(separators: readonly string[], limit: number): Found {
    const text = this.rest.toString();
    for (let at = 0; at < text.length; at++) {
      const here = separators.filter((separator) => text.startsWith(separator, at));
      if (here.length === 0) continue;
      if (at > limit) return failed('ERR_LIMIT');
      const end = at + Math.max(...here.map((separator) => separator.length));
      return is(this.rest.subarray(0, end), end);
    }
    const longest = Math.max(...separators.map((separator) => separator.length));
    // So far the longest of them cannot begin within the limit any more.
    return text.length - longest + 1 > limit ? failed('ERR_LIMIT') : this.#incomplete();
  }

  line(limit: number): Found {
    const text = this.rest.toString();
    if (text === '') return is(null, 0);
    const [line, ending] = /^([^\n]*?)(\r?\n|$)/.exec(text)?.slice(1) ?? [];
    if (line.length > limit) {
      // A last CR may have been taken for the beginning of an ending, but no more than that.
      return failed('ERR_LIMIT');
    }
    return is(line, line.length + ending.length);
  }

  #incomplete(): Found {
    const { rest } = this;
    return (answer) => {
      expect(answer).toMatchObject({ code: 'ERR_INCOMPLETE' });
      expect((answer as { partial: Buffer }).partial.toString()).toBe(rest.toString());
      return rest.length;
    };
  }
}

function is(value: Buffer | string | null, taken: number): Found {
  return (answer) => {
    expect(answer).toEqual(value);
    return taken;
  };
}

function failed(code: string): Found {
  return (answer) => {
    expect(answer).toMatchObject({ code });
    return 0;
  };
}

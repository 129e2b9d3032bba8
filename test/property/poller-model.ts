import { readSync, writeSync } from 'node:fs';
import { expect } from 'vitest';
import {
  type Interest,
  type Mode,
  Poller,
  READABLE,
  type ReadyEvent,
  WRITABLE,
} from '../../lib/index';
import { close, dup, socketPair } from '../support/descriptors';

/** One end of a socket pair, which is only read from: the state that its duplicates share. */
interface File {
  readonly peer: number;
  peerOpen: boolean;
  unread: number;
  /** The number of its open descriptors. */
  open: number;
}

interface Registered {
  readonly file: File;
  readonly interest: Interest;
  readonly mode: Mode;
  readonly token: number;
  /** Its descriptor was closed without `delete`. */
  stale: boolean;
  /** A `oneshot` that has been reported. */
  spent: boolean;
  /** Something has arrived that an `edge` must report. */
  edge: boolean;
}

/** What the program does with the registration of a descriptor that it closes. */
export type Closing = 'delete before' | 'delete after' | 'forget';

type Said = Pick<ReadyEvent, 'readable' | 'writable' | 'hangup'>;

/** A model of what a poller must and may report. */
export class PollerModel {
  readonly #poller: Poller;
  readonly #files = new Set<File>();
  readonly #descriptors = new Map<number, File>();
  readonly #registered = new Map<number, Registered>();
  #tokens = 0;

  constructor(readonly backend: 'epoll' | 'poll') {
    this.#poller = new Poller({ backend });
  }

  open(): void {
    const [fd, peer] = socketPair();
    const file = { peer, peerOpen: true, unread: 0, open: 0 };
    this.#files.add(file);
    this.#use(fd, file);
    this.#deleteStale(peer);
  }

  duplicate(at: number): void {
    this.#with(at, (fd, file) => {
      this.#use(dup(fd), file);
    });
  }

  close(at: number, how: Closing): void {
    this.#with(at, (fd, file) => {
      if (how === 'delete before') this.#delete(fd);
      close(fd);
      this.#descriptors.delete(fd);
      file.open--;
      if (file.open === 0) this.#closePeer(file);
      const registered = this.#registered.get(fd);
      if (registered !== undefined) registered.stale = true;
      if (how === 'delete after') this.#delete(fd);
    });
  }

  add(at: number, interest: Interest, mode: Mode): void {
    this.#with(at, (fd, file) => {
      const known = this.#registered.has(fd);
      const token = ++this.#tokens;
      this.#expect(known ? 'EEXIST' : undefined, () => {
        this.#poller.add(fd, interest, { mode, token });
      });
      if (!known) this.#registered.set(fd, newRegistration(file, interest, mode, token));
    });
  }

  modify(at: number, interest: Interest, mode: Mode): void {
    this.#with(at, (fd, file) => {
      const known = this.#registered.has(fd);
      const token = ++this.#tokens;
      this.#expect(known ? undefined : 'ENOENT', () => {
        this.#poller.modify(fd, interest, { mode, token });
      });
      if (known) this.#registered.set(fd, newRegistration(file, interest, mode, token));
    });
  }

  delete(at: number): void {
    this.#with(at, (fd) => {
      this.#delete(fd);
    });
  }

  deleteStale(): void {
    for (const [fd, { stale }] of [...this.#registered]) if (stale) this.#deleteStale(fd);
  }

  write(at: number): void {
    this.#with(at, (_, file) => {
      if (!file.peerOpen || file.unread > 100) return;
      writeSync(file.peer, 'x');
      file.unread++;
      this.#edges(file, READABLE);
    });
  }

  drain(at: number): void {
    this.#with(at, (fd, file) => {
      if (file.unread === 0) return;
      expect(readSync(fd, Buffer.alloc(256))).toBe(file.unread);
      file.unread = 0;
    });
  }

  end(at: number): void {
    this.#with(at, (_, file) => {
      this.#closePeer(file);
    });
  }

  notify(): void {
    this.#poller.notify();
  }

  wait(maxEvents: number | undefined): void {
    const events = this.#poller.wait({
      timeout: 0,
      ...(maxEvents === undefined ? {} : { maxEvents }),
    });
    const reported = new Set<Registered>();
    for (const event of events) {
      const registered = this.#registered.get(event.source as number);
      // A descriptor that was closed without `delete` may still be reported, under its own token.
      expect(registered, 'an event of something unknown').toBeDefined();
      if (registered === undefined) continue;
      expect(reported.has(registered), 'two events of one descriptor').toBe(false);
      reported.add(registered);
      expect(event).toEqual({ ...NO_EVENT, ...said(registered), ...nameOf(event, registered) });
      expect(isDue(registered), 'an event of nothing').toBe(true);
    }
    if (maxEvents === undefined) this.#expectAll(reported);
    else expect(events.length).toBeLessThanOrEqual(maxEvents);
    for (const registered of reported) {
      registered.spent = registered.mode === 'oneshot';
      registered.edge = false;
    }
  }

  [Symbol.dispose](): void {
    this.#poller.close();
    for (const fd of this.#descriptors.keys()) close(fd);
    for (const file of this.#files) if (file.peerOpen) close(file.peer);
  }

  #use(fd: number, file: File): void {
    this.#deleteStale(fd);
    this.#descriptors.set(fd, file);
    file.open++;
  }

  /** The number that a new descriptor got may have been another's that was never deleted. */
  #deleteStale(fd: number): void {
    if (this.#registered.get(fd)?.stale === true) this.#delete(fd);
  }

  #delete(fd: number): void {
    const known = this.#registered.delete(fd);
    this.#expect(known ? undefined : 'ENOENT', () => {
      this.#poller.delete(fd);
    });
  }

  #closePeer(file: File): void {
    if (!file.peerOpen) return;
    close(file.peer);
    file.peerOpen = false;
    this.#edges(file, READABLE | WRITABLE);
  }

  #edges(file: File, directions: Interest): void {
    for (const registered of this.#registered.values()) {
      if (registered.file === file && (registered.interest & directions) !== 0)
        registered.edge = true;
    }
  }

  /** Everything that is open, ready and not spent; an edge only if something has come. */
  #expectAll(reported: Set<Registered>): void {
    for (const registered of this.#registered.values()) {
      const { stale, mode, edge } = registered;
      if (stale || !isDue(registered) || (mode === 'edge' && !edge)) continue;
      expect(reported.has(registered), 'an event is missing').toBe(true);
    }
  }

  #expect(code: string | undefined, call: () => void): void {
    if (code === undefined) call();
    else expect(call).toThrow(expect.objectContaining({ code }));
  }

  #with(at: number, use: (fd: number, file: File) => void): void {
    const descriptors = [...this.#descriptors];
    if (descriptors.length > 0) use(...descriptors[at % descriptors.length]);
  }
}

const NO_EVENT = {
  readable: false,
  writable: false,
  priority: false,
  hangup: false,
  error: false,
};

function newRegistration(file: File, interest: Interest, mode: Mode, token: number): Registered {
  return { file, interest, mode, token, stale: false, spent: false, edge: true };
}

function nameOf(
  { source }: ReadyEvent,
  { token }: Registered,
): Pick<ReadyEvent, 'source' | 'token'> {
  return { source, token };
}

/** Our end is never written to, so it is always writable. */
function said({ file, interest }: Registered): Said {
  return {
    readable: (interest & READABLE) !== 0 && (file.unread > 0 || !file.peerOpen),
    writable: (interest & WRITABLE) !== 0,
    hangup: !file.peerOpen,
  };
}

function isDue(registered: Registered): boolean {
  const { readable, writable, hangup } = said(registered);
  return !registered.spent && (readable || writable || hangup);
}

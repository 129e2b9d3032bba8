import { check } from '../errors';
import { native } from '../native';
import { openWaker, type WakerEnds } from '../raw/waker';
import { READABLE } from './interest';
import type { Selector } from './selector';
import type { Table } from './table';

/** The generation of its events; those of the table begin with 1. */
const GENERATION = 0;

/** Wakes a poller from any thread: `Poller.notify(handle)`. A plain object, cloneable to a Worker. */
export interface NotifyHandle {
  /** The descriptor to write to; not to be used without the serial. */
  readonly fd: number;
  /** Tells this poller from others whose handle had the same descriptor. */
  readonly serial: number;
}

/**
 * A descriptor of the poller's own that any thread can make readable, to end a wait without an event. It is
 * opened when the handle is first accessed.
 */
export class Notifier {
  readonly #selector: Selector;
  readonly #table: Table;
  #waker: WakerEnds | undefined;
  #handle: NotifyHandle | undefined;
  #notified = false;

  constructor(selector: Selector, table: Table) {
    this.#selector = selector;
    this.#table = table;
  }

  /** The descriptor that the batch reports; -1 while there is none. */
  get fd(): number {
    return this.#waker?.waitEnd.fd ?? -1;
  }

  /** @throws `EMFILE`, `ENFILE` */
  get handle(): NotifyHandle {
    this.#waker ??= this.#open();
    const { fd } = this.#waker.signalEnd;
    return (this.#handle ??= { fd, serial: native.shareWaker(fd) });
  }

  /** Adds it to the selector again, which has been emptied. */
  register(): void {
    if (this.#waker !== undefined) this.#add(this.#waker);
  }

  /** Returns whether an event of the batch is a notification, which `take` then reports. */
  note(fd: number, generation: number): boolean {
    const ours = fd === this.fd && generation === GENERATION;
    this.#notified ||= ours;
    return ours;
  }

  /** Returns whether there was a notification since the last call, and resets it. */
  take(): boolean {
    if (!this.#notified) return false;
    this.#notified = false;
    check(native.drainWaker(this.fd), 'read');
    return true;
  }

  close(): void {
    if (this.#waker !== undefined) close(this.#waker);
  }

  #open(): WakerEnds {
    const waker = openWaker('notify handle');
    try {
      this.#table.lose(waker.waitEnd.fd);
      this.#add(waker);
    } catch (error) {
      close(waker);
      throw error;
    }
    return waker;
  }

  #add({ waitEnd }: WakerEnds): void {
    const { controlCall } = this.#selector;
    check(this.#selector.add(waitEnd.fd, GENERATION, READABLE, 'level'), controlCall);
  }
}

function close({ waitEnd, signalEnd }: WakerEnds): void {
  waitEnd.close();
  signalEnd.close();
}

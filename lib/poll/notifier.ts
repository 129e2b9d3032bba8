import { check } from '../errors';
import { native } from '../native';
import { openWaker, type WakerEnds } from '../raw/waker';
import { READABLE } from './interest';
import type { Selector } from './selector';
import type { Table } from './table';

/** Of its events; the table counts from 1. */
const GENERATION = 0;

/** Wakes a poller from any thread: `Poller.notify(handle)`. A plain object, cloneable to a Worker. */
export interface NotifyHandle {
  /** What is written to; not to be used without the serial. */
  readonly fd: number;
  /** Which of all pollers whose handle had this descriptor it is. */
  readonly serial: number;
}

/**
 * A descriptor of the poller's own, which any thread can make readable, so that a wait ends without
 * an event. It is opened when somebody asks for the handle.
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

  /** What the batch reports; -1 while there is none. */
  get fd(): number {
    return this.#waker?.waitEnd.fd ?? -1;
  }

  /** @throws `EMFILE`, `ENFILE` */
  get handle(): NotifyHandle {
    this.#waker ??= this.#open();
    const { fd } = this.#waker.signalEnd;
    return (this.#handle ??= { fd, serial: native.shareWaker(fd) });
  }

  /** Has the selector report it, also after that was emptied. */
  register(): void {
    if (this.#waker !== undefined) this.#add(this.#waker);
  }

  /** Whether an event of the batch was a notification. */
  note(fd: number, generation: number): boolean {
    const ours = fd === this.fd && generation === GENERATION;
    this.#notified ||= ours;
    return ours;
  }

  /** Whether one has been noted since the last time. */
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

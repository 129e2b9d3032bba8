import type { Backend } from '../poll/selector';
import type { Driver } from '../raw/driver';

/** What a reactor is built on, and how much is waiting on it. */
export interface ReactorStatistics {
  /** The system's multiplexer. */
  readonly backend: Backend;
  /** How a wake-up reaches JavaScript. */
  readonly driver: Driver;
  /** Promises waiting for a descriptor. */
  readonly waiting: number;
  /** Descriptors in the kernel's set. */
  readonly armed: number;
  /** Registered callbacks. */
  readonly registrations: number;
}

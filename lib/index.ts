export type { Abortable, Source } from './validate';
export type { StateError, SystemError } from './errors';
export { type Interest, type Mode, PRIORITY, READABLE, WRITABLE } from './poll/interest';
export type { Readiness } from './poll/events';
export type { Backend } from './poll/selector';
export type { ReadyEvent } from './poll/table';
export type { NotifyHandle } from './poll/notifier';
export { Poller } from './poll/poller';
export type { Driver } from './raw/driver';
export type { Registration } from './reactor/registration';
export { Reactor } from './reactor/reactor';
export type { ReactorStatistics } from './reactor/statistics';
export {
  notifyClosing,
  priority,
  reactor,
  readable,
  ready,
  register,
  watch,
  writable,
} from './reactor/default';
export { type ReceivedSignal, Signals } from './sources/signals';
export { type FileEvent, FileWatch, type FileWatchOptions } from './sources/file-watch';
export type { Duration } from './sources/time';
export { Timer, type TimerSetting } from './sources/timer';
export { type RemoteWaker, Waker, type WakerHandle } from './sources/waker';
export { type ProcessExit, processExit } from './sources/process-exit';

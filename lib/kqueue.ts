export * from './raw/kqueue';
export * from './raw/kqueue-constants';
export type { Abortable, Source } from './validate';

export * from './raw/select';
export type { Abortable, Source } from './validate';

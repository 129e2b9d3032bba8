export * from './raw/epoll';
export type { Abortable, Source } from './validate';

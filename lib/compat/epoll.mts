export * from './epoll.js';

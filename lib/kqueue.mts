export * from './kqueue.js';

/** What the code in the documents takes for granted. */
export const fragments = `
  declare const fd: number;
  declare const pid: number;
  declare const port: number;
  declare const host: string;
  declare const path: string;
  declare const buffer: Buffer;
  declare const body: Buffer;
  declare const stream: import('iomux/net').Stream;
  declare const client: import('iomux/net').Stream;
  declare const server: import('iomux/net').Stream;
  declare const listener: import('iomux/net').Listener;
  declare const socket: import('iomux/socket').Socket;
  declare const { closeSync }: typeof import('node:fs');
  declare const { open }: typeof import('node:fs/promises');
  declare const { Worker, workerData }: typeof import('node:worker_threads');
  declare const { IPPROTO_TCP, TCP_INFO, TCP_QUICKACK }: typeof import('iomux/socket');
  declare function callback(...values: unknown[]): void;
  declare function advance(beats: number): void;
  declare function processQueue(): void;
  declare function reload(): void;
  declare function stillNeeded(): boolean;
  declare namespace NodeJS {
    interface ProcessEnv {
      readonly NOTIFY_SOCKET: string;
    }
  }
`;

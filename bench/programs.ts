import { join } from 'node:path';

/** The path of a program of `bench/native`. */
export function nativeProgram(name: string): string {
  return join(__dirname, '../native/build/Release', name);
}

/** Whether a command runs one of those, which need no warm-up: no engine optimises them. */
export function isNative([program = '']: readonly string[]): boolean {
  return program.startsWith(nativeProgram(''));
}

/** The path of a compiled script of this folder. */
export function script(name: string): string {
  return join(__dirname, `${name}.js`);
}

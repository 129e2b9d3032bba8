import { join } from 'node:path';

/** The path of a program of `bench/native`. */
export function nativeProgram(name: string): string {
  return join(__dirname, '../native/build/Release', name);
}

/** The path of a compiled script of this folder. */
export function script(name: string): string {
  return join(__dirname, `${name}.js`);
}

/**
 * Tells the harness where the server listens, and ends the process when the harness closes its
 * standard input.
 *
 * @param address what the server's `address` says
 */
export function serveUntilInputEnds(address: { port: number } | string | null): void {
  if (address === null || typeof address === 'string')
    throw new Error('The server does not listen');
  const { port } = address;
  process.stdout.write(`${JSON.stringify({ port })}\n`);
  process.stdin.on('end', () => process.exit(0)).resume();
}

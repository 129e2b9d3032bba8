// Fetches several pages at once, with HTTP written by hand, and prints the status and length of each.
// Usage: http-get.mts URL...
import { connect } from 'iomux/net';

for (const line of await Promise.all(process.argv.slice(2).map(get))) console.log(line);

async function get(url: string): Promise<string> {
  try {
    const { protocol, hostname, port, host, pathname, search } = new URL(url);
    if (protocol !== 'http:') throw new Error(`${protocol} is not spoken here`);
    const name = hostname.replace(/^\[|\]$/g, ''); // an IPv6 address has brackets in a URL
    await using stream = await connect(
      { host: name, port: Number(port || 80) },
      { signal: AbortSignal.timeout(10_000) },
    );
    await stream.write(
      `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    const status = await stream.readLine();
    for (let line = status; line !== '' && line !== null;) line = await stream.readLine();
    const { length } = await stream.readAll();
    return `${url}: ${status ?? 'no answer'}, ${length} bytes`;
  } catch (error) {
    return `${url}: ${(error as Error).message}`;
  }
}

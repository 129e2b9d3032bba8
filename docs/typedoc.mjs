// The API reference: `npm run docs` writes it as HTML into docs/api, and fails when an export has no
// documentation or a link leads nowhere.

import { readFileSync } from 'node:fs';
import { Application, Comment, Converter, ReflectionKind } from 'typedoc';

const MAN7 = 'https://man7.org/linux/man-pages';
const KQUEUE = 'https://man.freebsd.org/cgi/man.cgi?query=kqueue&sektion=2';

/** Where the system describes the constants that begin so; the longer beginning counts. */
const PAGES = {
  AF: ['address_families(7)', `${MAN7}/man7/address_families.7.html`],
  CAN: ['SocketCAN', 'https://docs.kernel.org/networking/can.html'],
  EPOLL: ['epoll_ctl(2)', `${MAN7}/man2/epoll_ctl.2.html`],
  ETH_P: ['packet(7)', `${MAN7}/man7/packet.7.html`],
  EV: ['kqueue(2)', KQUEUE],
  EVFILT: ['kqueue(2)', KQUEUE],
  FD_SETSIZE: ['select(2)', `${MAN7}/man2/select.2.html`],
  IP: ['ip(7)', `${MAN7}/man7/ip.7.html`],
  IPPROTO: ['ip(7)', `${MAN7}/man7/ip.7.html`],
  IPV6: ['ipv6(7)', `${MAN7}/man7/ipv6.7.html`],
  LOCAL: ['unix(4)', 'https://man.freebsd.org/cgi/man.cgi?query=unix&sektion=4'],
  MSG: ['recv(2)', `${MAN7}/man2/recv.2.html`],
  NETLINK: ['netlink(7)', `${MAN7}/man7/netlink.7.html`],
  NOTE: ['kqueue(2)', KQUEUE],
  POLL: ['poll(2)', `${MAN7}/man2/poll.2.html`],
  SCM: ['unix(7)', `${MAN7}/man7/unix.7.html`],
  SHUT: ['shutdown(2)', `${MAN7}/man2/shutdown.2.html`],
  SO: ['socket(7)', `${MAN7}/man7/socket.7.html`],
  SOCK: ['socket(2)', `${MAN7}/man2/socket.2.html`],
  SOL: ['getsockopt(2)', `${MAN7}/man2/getsockopt.2.html`],
  TCP: ['tcp(7)', `${MAN7}/man7/tcp.7.html`],
  VMADDR: ['vsock(7)', `${MAN7}/man7/vsock.7.html`],
};

function pageOf(name) {
  const isOf = (beginning) => name === beginning || name.startsWith(`${beginning}_`);
  const events = /^(EPOLL|POLL)[A-Z]+$/.exec(name); // EPOLLIN
  const key = events?.[1] ?? Object.keys(PAGES).findLast((beginning) => isOf(beginning));
  return PAGES[key];
}

/** The system's constants are what its own manual says of them. */
function describeConstants(context) {
  const kinds = ReflectionKind.Variable | ReflectionKind.Property;
  for (const constant of context.project.getReflectionsByKind(kinds)) {
    const page = constant.hasComment() ? undefined : pageOf(constant.name);
    if (page === undefined) continue;
    const text = `\`${constant.name}\` of the system; see [${page[0]}](${page[1]}).`;
    constant.comment = new Comment([{ kind: 'text', text }]);
  }
}

/** `path?: undefined` says that there must be none, and is not there to be used. */
function leaveOutAbsent(context) {
  const isUndefined = (type) => type?.type === 'intrinsic' && type.name === 'undefined';
  for (const property of context.project.getReflectionsByKind(ReflectionKind.Property)) {
    if (property.flags.isOptional && isUndefined(property.type)) {
      context.project.removeReflection(property);
    }
  }
}

/** Modules are called what a program imports. */
function nameModules(context) {
  for (const module of context.project.getReflectionsByKind(ReflectionKind.Module)) {
    module.name = module.name === 'index' ? 'iomux' : `iomux/${module.name}`;
  }
}

/** The entry points of the package, by the source of each. */
function entryPoints() {
  const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return Object.values(exports)
    .filter((entry) => typeof entry === 'object')
    .map(({ require }) => `lib/${/^\.\/dist\/(.+)\.js$/.exec(require.default)[1]}.ts`);
}

const app = await Application.bootstrap({
  name: 'iomux',
  entryPoints: entryPoints(),
  tsconfig: 'tsconfig.json',
  readme: 'none',
  out: 'docs/api',
  excludeInternal: true,
  excludePrivate: true,
  // What Node itself has is in its own documentation.
  excludeExternals: true,
  intentionallyNotExported: ['lib/sources/file-watch.ts:NameOf'],
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  treatWarningsAsErrors: true,
});
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, describeConstants);
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, leaveOutAbsent);
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, nameModules);

const project = await app.convert();
if (project !== undefined) {
  app.validate(project);
  if (!process.argv.includes('--check')) await app.generateDocs(project, 'docs/api');
}
process.exitCode =
  project === undefined || app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0;

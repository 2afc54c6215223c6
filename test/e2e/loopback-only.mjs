/**
 * Loaded into the program and into every process that it starts, by NODE_OPTIONS: whatever would leave the machine is
 * refused, and written into the file that UNROLLED_STRAYED names, one line each.
 */
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import net from 'node:net';

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|::1|\[::1\]|::ffff:127(?:\.\d+){3})$/u;

/** @param {unknown} host */
function check(host) {
  if (typeof host !== 'string' || host === '' || LOOPBACK.test(host)) return;
  appendFileSync(process.env['UNROLLED_STRAYED'] ?? '', `${host}\n`);
  throw new Error(`${host} is not this machine.`);
}

/**
 * Puts a check before a method.
 * @param {object} owner
 * @param {string} name
 * @param {(args: readonly unknown[]) => unknown} hostOf
 */
function guard(owner, name, hostOf) {
  const original = /** @type {unknown} */ (Reflect.get(owner, name));
  if (typeof original !== 'function') throw new Error(`There is no ${name} to guard.`);
  /** @this {unknown} @param {unknown[]} args */
  const guarded = function (...args) {
    check(hostOf(args));
    return /** @type {unknown} */ (Reflect.apply(original, this, args));
  };
  Reflect.set(owner, name, guarded);
}

/**
 * Of connect(options), connect(port, host), and connect([options, callback]) as net.connect calls it; a path is local.
 * @param {readonly unknown[]} args
 */
function hostOfConnect([first, second]) {
  const target = /** @type {unknown} */ (Array.isArray(first) ? first[0] : first);
  return typeof target === 'object' && target !== null && 'host' in target ? target.host : second;
}

guard(net.Socket.prototype, 'connect', hostOfConnect);
guard(dns, 'lookup', ([host]) => host);
guard(dns.promises, 'lookup', ([host]) => host);
guard(dgram.Socket.prototype, 'connect', ([, host]) => host);
guard(dgram.Socket.prototype, 'send', (args) => args.find((arg, i) => i > 0 && typeof arg === 'string'));

/** Who may talk to the browser host: whoever has opened the address that it printed. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A browser that has not asked by then was not opened. */
const CODE_MS = 120_000;

/**
 * The printed address carries a token, which no other page or program of the machine can guess. Opening it sets a cookie,
 * which holds another secret: only this browser sends it, only to this host, and never on behalf of another site. Both
 * hold as long as the host runs.
 *
 * The address with which the host itself opens a browser stands on the browser's command line, which every user of the
 * machine can read. It carries a code instead, which serves once and not for long.
 */
export class Session {
  readonly token = secret();
  /** Codes that were not used yet, with the time at which they end. */
  readonly #codes = new Map<string, number>();
  readonly #cookieName: string;
  readonly #cookieValue = secret();

  /** Cookies know no ports: the name keeps hosts on several ports apart. */
  constructor(port: number) {
    this.#cookieName = `unrolled-${port}`;
  }

  /** Whether `token` is the one of the printed address. */
  isToken(token: string): boolean {
    return equal(token, this.token);
  }

  /** A code that serves once, instead of the token. */
  newCode(now = Date.now()): string {
    const code = secret();
    this.#codes.set(code, now + CODE_MS);
    return code;
  }

  /** Whether `code` opens the session; it does not again. */
  useCode(code: string, now = Date.now()): boolean {
    for (const [known, end] of this.#codes) {
      if (equal(code, known)) {
        this.#codes.delete(known);
        return now < end;
      }
    }
    return false;
  }

  /** The value of Set-Cookie. */
  get setCookie(): string {
    return `${this.#cookieName}=${this.#cookieValue}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Whether the value of a request's Cookie has this session's. */
  isOpen(cookies: string | undefined): boolean {
    const prefix = `${this.#cookieName}=`;
    return (cookies ?? '')
      .split(';')
      .map((cookie) => cookie.trim())
      .some((cookie) => cookie.startsWith(prefix) && equal(cookie.slice(prefix.length), this.#cookieValue));
  }
}

/** 256 bits, in letters that stand in addresses and cookies as they are. */
function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** In a time that does not tell how much of them agrees. */
function equal(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

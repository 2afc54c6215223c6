/** Who may talk to the browser host: whoever has opened the address that it printed. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * The address carries a token, which no other page or program of the machine can guess. Opening it sets a cookie, which
 * holds another secret: only this browser sends it, only to this host, and never on behalf of another site. Both
 * hold as long as the host runs.
 */
export class Session {
  readonly token = secret();
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

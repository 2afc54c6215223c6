/** The names of the host itself, against pages elsewhere whose names were made to lead here (DNS rebinding). */

export interface Origins {
  /** As the Host header names it. */
  isHost(host: string | undefined): boolean;
  /** As the Origin header names it. */
  isOrigin(origin: string | undefined): boolean;
  /** Of the sockets to it. */
  readonly sockets: readonly string[];
}

/** Of a host on the loopback device. */
export function loopbackOrigins(port: number): Origins {
  const hosts = ['127.0.0.1', 'localhost'].map((name) => `${name}:${port}`);
  const origins = hosts.map((host) => `http://${host}`);
  return {
    isHost: (host) => host !== undefined && hosts.includes(host.toLowerCase()),
    isOrigin: (origin) => origin !== undefined && origins.includes(origin),
    sockets: hosts.map((host) => `ws://${host}`),
  };
}

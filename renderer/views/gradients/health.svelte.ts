import type { ProgramConnection } from '../../../electron/api/client-connect.ts';
import type { HealthRecord } from '../../../engine/gradients/health-record.ts';

/** How an open run's training has fared, read anew whenever it is asked to follow. */
export class RunHealth {
  readonly #connection: ProgramConnection;
  readonly #id: string;
  #records = $state.raw<readonly HealthRecord[]>([]);

  constructor(connection: ProgramConnection, id: string) {
    this.#connection = connection;
    this.#id = id;
  }

  get records(): readonly HealthRecord[] {
    return this.#records;
  }

  async follow(): Promise<void> {
    const answer = await this.#connection.api.runs.health({ id: this.#id });
    if (answer.ok) this.#records = answer.value;
  }
}

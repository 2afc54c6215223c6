/** Looks into a session between two of its passes; the training process's side of the contract's `traces`. */
import { InputError, UnrolledError } from '../../engine/errors.ts';
import { traceNames, traceView } from '../../engine/team/traces.ts';
import type { Session } from '../../engine/training/session.ts';
import { MAXIMUM_TRACE_VALUES } from '../api/traces.ts';
import { failureOf } from './failure.ts';
import type { Look, Seen } from './messages.ts';

/** Never throws: what cannot be seen is told. */
export function look(session: Session, { names, item }: Look): Seen {
  try {
    const { update, team } = session;
    if (team.control.word('steps') === 0) {
      throw new UnrolledError('no-pass', 'The model has made no pass yet.', 'Do one update first.');
    }
    const pass = { update, part: team.control.word('training') === 1 ? 'training' : 'validation' } as const;
    const views = (names ?? traceNames(team)).map((name) => traceView(team, name));
    const shapes = views.map(({ name, steps, batch, units }) => ({ name, steps: steps ?? null, batch, units }));
    if (names === null) return { kind: 'list', list: { ...pass, traces: shapes } };

    const { batchSize } = session.spec;
    if (item !== null && item >= batchSize) {
      throw new InputError(`there is no item ${item} in a batch of ${batchSize}: they count from 0`);
    }
    const batch = item === null ? batchSize : 1;
    const total = shapes.reduce((sum, { steps, units }) => sum + (steps ?? 1) * batch * units, 0);
    if (total > MAXIMUM_TRACE_VALUES) {
      throw new InputError(
        `${total} values are more than the ${MAXIMUM_TRACE_VALUES} that are read at once`,
        'name fewer traces, or one item of the batch',
      );
    }
    const traces = shapes.map((shape, i) => ({ ...shape, batch, values: views[i]!.toArray(item ?? undefined) }));
    return { kind: 'snapshot', snapshot: { ...pass, traces } };
  } catch (error) {
    return { kind: 'failure', failure: failureOf(error, 'reading the run’s traces') };
  }
}

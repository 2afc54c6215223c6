/**
 * A host of one run, to be killed: `node host.ts WORKSPACE EXPERIMENT`. It opens the workspace, creates the run where
 * there is none and goes on with it where there is one; it says where the run stands, then each thing it is told of.
 */
import { Runs } from '../../../electron/runs/runs.ts';
import { createRunService } from '../../../electron/runs/service.ts';
import { forkProcess } from '../../../electron/runs/start-process.ts';
import { Workspace } from '../../../electron/workspace/workspace.ts';

const [path = '', experiment = ''] = process.argv.slice(2);
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

const workspace = Workspace.open(path);
workspace.settings.set({ parallelRuns: 1, threads: 1 });
const runs = await Runs.open(
  workspace,
  (event, value) => say({ event, value, pids: [...runs.processes.values()] }),
  forkProcess,
);
const service = createRunService(workspace, runs);
const [run] = runs.list();
if (run === undefined) {
  await service.runs.create({ experiment: JSON.parse(experiment), start: true });
} else {
  const evaluated = runs.rows.evaluations(run.id).map(({ update }) => update);
  const samples = runs.rows.samples(run.id).map(({ update }) => update);
  const checkpoints = runs.checkpoints.list(run.id).map(({ update }) => update);
  const history = [...(await service.runs.history({ id: run.id, points: 20_000 })).update];
  say({ found: run.state, update: run.progress.update, evaluated, samples, checkpoints, history: history.length });
  await service.runs.resume({ id: run.id });
}

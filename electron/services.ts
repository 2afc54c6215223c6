/** Everything that the contract asks of the back, over the workspace that is open; the same in every host. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { loadCore } from '../engine/core/load.ts';
import type { Emit } from './api/call.ts';
import { contract, type events, type Services } from './api/contract.ts';
import { coreFiles } from './core/core-files.ts';
import { createDatasetService } from './datasets/service.ts';
import { createExportService } from './exports/service.ts';
import { createImportService } from './imports/service.ts';
import { createExperimentService } from './experiments/service.ts';
import { SpeedBook } from './experiments/speed.ts';
import { Runs } from './runs/runs.ts';
import { createRunService } from './runs/service.ts';
import { forkProcess, type StartProcess } from './runs/start-process.ts';
import { createTaskService } from './tasks/service.ts';
import { TaskTeller } from './tasks/task-teller.ts';
import { requireApart } from './workspace/location.ts';
import { moveFolder } from './workspace/move.ts';
import { createWorkspaceService, workspaceInfo, type WorkspaceSurroundings } from './workspace/service.ts';
import { Workspace } from './workspace/workspace.ts';

export interface ServicesOptions {
  /** The workspace's folder. */
  readonly path: string;
  readonly emit: Emit<typeof events>;
  readonly host: 'electron' | 'browser';
  /** Of the program. */
  readonly version: string;
  /** Path of the log file, where the host keeps one. */
  readonly log?: string;
  /** How training processes are started; child processes of Node's where it is not given. */
  readonly startProcess?: StartProcess;
  /** A folder of the host's own, which no workspace may be or hold. */
  readonly reserved?: string;
}

export interface RunningServices {
  readonly services: Services;
  /** Whether a run trains now. */
  readonly training: boolean;
  /** Pauses every run and closes the workspace. */
  close(): Promise<void>;
}

/** An open workspace with its services. */
interface Opened {
  readonly workspace: Workspace;
  readonly services: Services;
  readonly runs: Runs;
  close(): Promise<void>;
}

/** Opens the workspace. Throws UnrolledError where it cannot be opened. */
export async function createServices(options: ServicesOptions): Promise<RunningServices> {
  const around = { open: openOther, move };
  let current: Promise<Opened> = open(options, options.path, around);
  let opened = await current;
  return {
    services: forward(() => current),
    get training() {
      return !opened.runs.idle;
    },
    close: async () => (await current).close(),
  };

  /** Opens another workspace before this one is closed: where that fails, this one stays. */
  async function openOther(path: string) {
    const before = await current;
    if (!before.workspace.isPresent) {
      // Whatever it was, it is gone: nothing of it can be kept open until the other one is.
      await before.close();
      current = Promise.resolve(await open(options, path, around));
      tell(await current);
    } else if (resolve(path) !== before.workspace.path) {
      const next = await open(options, path, around);
      current = Promise.resolve(next);
      await before.close();
      tell(next);
    }
    return workspaceInfo((await current).workspace);
  }

  /** Calls that come meanwhile wait until there is a workspace again: the moved one, or this one where it stays. */
  async function move(path: string) {
    const closed = current.then(async (before) => {
      await before.close();
      return before.workspace.path;
    });
    const moved = closed.then((from) => moveFolder(from, resolve(path)));
    current = moved.then(
      () => open(options, path, around),
      async () => open(options, await closed, around),
    );
    void current.then(
      (next) => (opened = next),
      () => undefined,
    );
    await moved;
    const next = await current;
    tell(next);
    return workspaceInfo(next.workspace);
  }

  function tell(next: Opened): void {
    const { workspace } = next;
    opened = next;
    options.emit('workspace.changed', workspaceInfo(workspace));
    options.emit('settings.changed', workspace.settings.get());
  }
}

async function open(
  options: ServicesOptions,
  path: string,
  other: Pick<WorkspaceSurroundings, 'open' | 'move'>,
): Promise<Opened> {
  const { emit, startProcess = forkProcess } = options;
  requireApart(path, options.reserved);
  const workspace = Workspace.open(path);
  try {
    const runs = await Runs.open(workspace, emit, startProcess);
    const teller = new TaskTeller();
    const data = createDatasetService(workspace, emit, () => teller.bundledDatasets());
    const exporting = createExportService(workspace, runs, emit, options.version);
    const importing = createImportService(workspace, runs);
    const speeds = new SpeedBook(() => runs.idle);
    return {
      workspace,
      runs,
      services: {
        app: { info: () => appInfo(options) },
        ...createWorkspaceService(workspace, emit, {
          ...other,
          settingsChanged: () => runs.serveQueue(),
          runRestored: (id) => runs.restore(id),
        }),
        datasets: data.datasets,
        ...createTaskService(workspace, teller),
        ...createExperimentService(workspace, teller, speeds),
        ...createRunService(workspace, runs),
        exports: exporting.exports,
        models: importing.models,
      },
      async close() {
        await Promise.all([exporting.close(), importing.close()]);
        await Promise.all([runs.close(), data.close(), teller.close(), speeds.close()]);
        workspace.close();
      },
    };
  } catch (error) {
    workspace.close();
    throw error;
  }
}

async function appInfo({ version, host, log }: ServicesOptions) {
  const cores = availableParallelism();
  const { build } = await loadCore(coreFiles, { shared: cores > 1 });
  return { version, host, platform: process.platform, cores, build, log: log ?? null };
}

/** Calls that are answered where the workspace has disappeared too. */
const WITHOUT_WORKSPACE: ReadonlySet<string> = new Set(['app.info', 'workspace.open']);

/** Services that are asked for anew at each call. */
function forward(current: () => Promise<Opened>): Services {
  const domains = Object.entries(contract).filter(([name]) => name !== 'dialogs' && name !== 'host');
  const forwarded = domains.map(([domain, calls]) => {
    const methods = Object.keys(calls).map((method) => {
      const handler = async (args: unknown): Promise<unknown> => {
        const { workspace, services } = await current();
        if (!WITHOUT_WORKSPACE.has(`${domain}.${method}`)) {
          workspace.requirePresent();
        }
        return (services as unknown as Handlers)[domain]![method]!(args);
      };
      return [method, handler] as const;
    });
    return [domain, Object.fromEntries(methods)] as const;
  });
  return Object.fromEntries(forwarded) as unknown as Services;
}

type Handlers = Readonly<Record<string, Readonly<Record<string, (args: unknown) => unknown>>>>;

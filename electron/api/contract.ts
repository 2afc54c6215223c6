/** Everything that passes between the face and the back. */
import { app, dialogs, host, hostEvents, settingsDomain, workspace, workspaceInfo, settings } from './app.ts';
import type { Client, Contract, Events, Handlers } from './call.ts';
import { datasets, importProgress, tasks } from './data.ts';
import { exportProgress, exports, models } from './exports.ts';
import { checkpoints, experiments, runEvents, runs } from './runs.ts';
import { traces } from './traces.ts';

export const contract = {
  app,
  dialogs,
  host,
  workspace,
  settings: settingsDomain,
  datasets,
  tasks,
  experiments,
  runs,
  checkpoints,
  traces,
  exports,
  models,
} as const satisfies Contract;

export const events = {
  ...runEvents,
  ...hostEvents,
  'datasets.import': importProgress,
  'exports.progress': exportProgress,
  'workspace.changed': workspaceInfo,
  'settings.changed': settings,
} as const satisfies Events;

export type Api = Client<typeof contract>;
/** What the services fulfil, the same in every host. */
export type Services = Omit<Handlers<typeof contract>, 'dialogs' | 'host'>;
/** What each host fulfils by itself. */
export type HostServices = Pick<Handlers<typeof contract>, 'dialogs' | 'host'>;

/** The program itself, its workspace and its settings. */
import * as v from 'valibot';
import { call } from './call.ts';
import { count, done, nothing } from './values.ts';

export const appInfo = v.object({
  version: v.string(),
  host: v.picklist(['electron', 'browser']),
  platform: v.string(),
  cores: count,
  /** The core's build that runs get. */
  build: v.string(),
  /** Path of the log file; null where the program writes to a terminal instead. */
  log: v.nullable(v.string()),
});

export const workspaceInfo = v.object({
  path: v.string(),
  /** Bytes free where it lies; null where the system does not say. */
  freeBytes: v.nullable(count),
  datasets: count,
  runs: count,
  /** What a person should know about how it was opened, in sentences: a damaged database, a synchronized folder. */
  notices: v.optional(v.array(v.string())),
});

export type WorkspaceInfo = v.InferOutput<typeof workspaceInfo>;

export const settings = v.object({
  theme: v.picklist(['system', 'light', 'dark']),
  /** Threads of one run; 0: as many as there are cores. */
  threads: v.pipe(count, v.maxValue(64)),
  /** Runs that train at once. */
  parallelRuns: v.pipe(count, v.minValue(1), v.maxValue(16)),
});
export type Settings = v.InferOutput<typeof settings>;

export const app = { info: call(nothing, appInfo) };

export const workspace = {
  info: call(nothing, workspaceInfo),
  /** Opens another folder as the workspace, a new or an existing one. */
  open: call(v.strictObject({ path: v.pipe(v.string(), v.minLength(1)) }), workspaceInfo),
  /** Moves the workspace's files into a folder that is empty or does not exist, and opens it there. */
  move: call(v.strictObject({ path: v.pipe(v.string(), v.minLength(1)) }), workspaceInfo),
  /** Takes a deletion back. */
  undo: call(v.strictObject({ token: v.string() }), done),
};

export const settingsDomain = {
  get: call(nothing, settings),
  /** Only what is given changes. */
  set: call(v.partial(v.strictObject(settings.entries)), settings),
};

const chosen = v.object({
  /** null: the person chose nothing. */
  path: v.nullable(v.string()),
});

/** The system's own dialogs. A host that has none answers with the failure 'no-dialogs'; app.info says which it is. */
export const dialogs = {
  /** A file to import. */
  chooseFile: call(nothing, chosen),
  /** Where to save a file. `name`: what it might be called. */
  saveFile: call(v.strictObject({ name: v.string() }), chosen),
  /** A folder for the workspace. */
  chooseFolder: call(nothing, chosen),
};

/** What the system asks of the app's window. */
export const host = {
  /** A file that the person opened with the program, the next one at each call; null where there is no further one. */
  takeFile: call(nothing, chosen),
};

export const hostEvents = {
  /** There are files for `host.takeFile`. */
  'host.filesOpened': nothing,
  /** The program ends: it pauses the runs, and answers no calls any more. */
  'host.closing': nothing,
};

/** The calls of the contract that concern the workspace that is open and its settings. */
import type { Emit } from '../api/call.ts';
import type { events, Services } from '../api/contract.ts';
import type { WorkspaceInfo } from '../api/app.ts';
import { pagePath } from './person-path.ts';
import type { Workspace } from './workspace.ts';

/** What only those can do who hold the open workspace and its services. */
export interface WorkspaceSurroundings {
  open(path: string): Promise<WorkspaceInfo>;
  move(path: string): Promise<WorkspaceInfo>;
  settingsChanged(): void;
  /** A run was brought back from the trash. */
  runRestored(id: string): void;
}

export function workspaceInfo(workspace: Workspace): WorkspaceInfo {
  const { path, freeBytes, datasets, database, notices } = workspace;
  const runs = Number(database.get('SELECT count(*) AS count FROM runs WHERE removed IS NULL')?.['count']);
  return { path, freeBytes, datasets: datasets.count, runs, ...(notices.length > 0 ? { notices: [...notices] } : {}) };
}

export function createWorkspaceService(
  workspace: Workspace,
  emit: Emit<typeof events>,
  around: WorkspaceSurroundings,
): Pick<Services, 'workspace' | 'settings'> {
  return {
    workspace: {
      info: () => workspaceInfo(workspace),
      open: ({ path }) => around.open(pagePath(path)),
      move: ({ path }) => around.move(pagePath(path)),
      undo({ token }) {
        const { kind, id } = workspace.trash.undo(token);
        if (kind === 'run') {
          around.runRestored(id);
        }
        return {};
      },
    },
    settings: {
      get: () => workspace.settings.get(),
      set(changes) {
        const settings = workspace.settings.set(changes);
        emit('settings.changed', settings);
        around.settingsChanged();
        return settings;
      },
    },
  };
}

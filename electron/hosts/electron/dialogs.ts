import type { BrowserWindow, Dialog, OpenDialogOptions } from 'electron';
import type { HostServices } from '../../api/contract.ts';

/** The system's dialogs, above the window. */
export function electronDialogs(
  dialog: Pick<Dialog, 'showOpenDialog' | 'showSaveDialog'>,
  window: () => BrowserWindow,
): HostServices {
  async function choose(...properties: NonNullable<OpenDialogOptions['properties']>) {
    const { canceled, filePaths } = await dialog.showOpenDialog(window(), { properties });
    return { path: canceled ? null : (filePaths[0] ?? null) };
  }
  return {
    dialogs: {
      chooseFile: () => choose('openFile'),
      async saveFile({ name }) {
        const { canceled, filePath } = await dialog.showSaveDialog(window(), { defaultPath: name });
        return { path: canceled ? null : filePath };
      },
      chooseFolder: () => choose('openDirectory', 'createDirectory'),
    },
  };
}

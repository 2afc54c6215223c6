import type { BrowserWindow, Dialog, OpenDialogOptions } from 'electron';
import type { HostServices } from '../../api/contract.ts';

/** The system's dialogs, above the window. */
export function electronDialogs(
  dialog: Pick<Dialog, 'showOpenDialog' | 'showSaveDialog'>,
  window: () => BrowserWindow | undefined,
): Pick<HostServices, 'dialogs'> {
  async function choose(...properties: NonNullable<OpenDialogOptions['properties']>) {
    const parent = window();
    const { canceled, filePaths } = await (parent
      ? dialog.showOpenDialog(parent, { properties })
      : dialog.showOpenDialog({ properties }));
    return { path: canceled ? null : (filePaths[0] ?? null) };
  }
  return {
    dialogs: {
      chooseFile: () => choose('openFile'),
      async saveFile({ name }) {
        const parent = window();
        const options = { defaultPath: name };
        const { canceled, filePath } = await (parent
          ? dialog.showSaveDialog(parent, options)
          : dialog.showSaveDialog(options));
        return { path: canceled ? null : filePath };
      },
      chooseFolder: () => choose('openDirectory', 'createDirectory'),
    },
  };
}

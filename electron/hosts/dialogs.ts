import { UnrolledError } from '../../engine/errors.ts';
import type { HostServices } from '../api/contract.ts';

/** For a host that cannot show the system's dialogs. */
export const noDialogs: HostServices = {
  // The system opens no files with a browser's page.
  host: { takeFile: () => ({ path: null }) },
  dialogs: {
    chooseFile: () => {
      throw new UnrolledError(
        'no-dialogs',
        'The page cannot show this dialog of the system in a browser.',
        "Use the page's own way to choose a file, or drop it onto the page.",
      );
    },
    saveFile: () => {
      throw new UnrolledError(
        'no-dialogs',
        'The page cannot show this dialog of the system in a browser.',
        'The browser saves the file as a download.',
      );
    },
    chooseFolder: () => {
      throw new UnrolledError(
        'no-dialogs',
        'The page cannot show this dialog of the system in a browser.',
        "Type the folder's path.",
      );
    },
  },
};

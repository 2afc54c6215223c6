/** Python, for the tests and measurements that need a module of it. */
import { spawnSync } from 'node:child_process';

/** The one on the path first; on Linux the system's too, for which packages are installed. */
const INTERPRETERS = process.platform === 'win32' ? ['python'] : ['python3', '/usr/bin/python3'];

/** Whether a module is there. It is not imported, which takes seconds for the large ones. */
const LOOK = 'import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)';

/** The first Python that has the module; undefined where none has. */
export function pythonWith(module: string): string | undefined {
  return INTERPRETERS.find((python) => spawnSync(python, ['-c', LOOK, module]).status === 0);
}

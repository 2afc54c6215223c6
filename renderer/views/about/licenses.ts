/** Licenses of what others made and the program contains, as build/licenses.mjs writes them and the host serves them. */
import * as v from 'valibot';

const packageNotice = v.object({ name: v.string(), version: v.string(), license: v.string(), text: v.string() });

const licensesSchema = v.object({
  program: v.object({ license: v.string(), text: v.string() }),
  software: v.array(packageNotice),
  fonts: v.array(packageNotice),
  datasets: v.array(
    v.object({
      title: v.string(),
      source: v.string(),
      license: v.string(),
      /** Where the license of the data can be read. */
      address: v.string(),
      /** The packages that the data are taken from. */
      packages: v.array(packageNotice),
    }),
  ),
});

export type PackageNotice = v.InferOutput<typeof packageNotice>;
export type Licenses = v.InferOutput<typeof licensesSchema>;

/** Rejects where the host does not have them. */
export async function readLicenses(read: (path: string) => Promise<Response> = fetch): Promise<Licenses> {
  return v.parse(licensesSchema, await (await answerOf('licenses.json', read)).json());
}

/** All of them as one text. Rejects where the host does not have them. */
export async function readLicensesText(read: (path: string) => Promise<Response> = fetch): Promise<string> {
  return (await answerOf('licenses.txt', read)).text();
}

async function answerOf(name: string, read: (path: string) => Promise<Response>): Promise<Response> {
  const response = await read(`/licenses/${name}`);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response;
}

import type * as v from 'valibot';
import type { appInfo } from '../../electron/api/app.ts';

export type AppInfo = v.InferOutput<typeof appInfo>;

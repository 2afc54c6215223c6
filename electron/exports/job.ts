/** What an export is made of: plain values, fit to be sent to a thread. */
import type { CardMetric } from '../../engine/exports/card.ts';
import type { ExportFormat } from '../../engine/exports/formats.ts';
import type { BundledEvaluation, BundledRun, BundleContents } from './bundle.ts';

export interface ExportJob {
  readonly format: ExportFormat;
  /** It becomes a folder, or a zip where the target's name ends so. */
  readonly severalFiles: boolean;
  /** What the file is to be called, for programs that use it. */
  readonly fileName: string;
  /** The checkpoint's file. */
  readonly checkpoint: string;
  readonly about: AboutRun;
  /** The folder of a workspace's own datasets, where there is one. */
  readonly datasets?: string | undefined;
  /** Of the format 'bundle'. */
  readonly bundle?: BundleSource | undefined;
}

export interface AboutRun {
  readonly name: string;
  readonly note: string;
  /** Of the checkpoint; empty where it was not evaluated. */
  readonly metrics: readonly CardMetric[];
  /** "2026-11-25" */
  readonly date: string;
  /** Of the program. */
  readonly version: string;
}

export interface BundleSource {
  readonly run: BundledRun;
  readonly evaluations: readonly BundledEvaluation[];
  readonly samples: BundleContents['samples'];
  /** The history's file, or its content where it is kept in another form; null: none. */
  readonly history: { readonly path: string } | { readonly bytes: Uint8Array } | null;
  /** The folder of the run whose health goes along; null: none. */
  readonly health: string | null;
  readonly checkpoints: readonly {
    readonly path: string;
    readonly update: number;
    readonly saved: number;
    readonly pinned: boolean;
  }[];
}

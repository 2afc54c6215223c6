import type { TaskInfo } from '../../../electron/api/data.ts';
import type { FieldKind } from './fields.ts';

type Option = TaskInfo['options'][number];

export function optionKind({ type }: Pick<Option, 'type'>): FieldKind {
  switch (type) {
    case 'boolean':
      return 'switch';
    case 'choice':
      return 'select';
    case 'integer':
    case 'number':
      return 'number';
  }
}

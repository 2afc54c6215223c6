import type { TaskInfo } from '../../../electron/api/data.ts';
import { maybe } from '../../messages/messages.ts';
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

/** Its name in words: the catalogue's, or made from the name itself: "validationShare" is "validation share". */
export function optionLabel(name: string): string {
  const words = name.replaceAll(/(?<=[a-z])[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);
  return maybe(`field.task.${name}`) ?? words.charAt(0).toUpperCase() + words.slice(1);
}

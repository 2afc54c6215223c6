/** Texts in one form of Unicode, so that "é" is one symbol whether it was written as one code point or as two. */
import type { JsonValue } from '../json.ts';
import type { Normalization } from './data.ts';
import type { Task, TaskCodec } from './task.ts';

/** A task whose data are in this form already: its codec brings what it is asked into it too. */
export function normalizedTask(task: Task, form: Normalization | undefined): Task {
  if (form === undefined) return task;
  return {
    ...task,
    state: { ...task.state, normalization: form },
    codec: normalizingCodec(task.codec, form),
  };
}

export function normalizingCodec(codec: TaskCodec, form: Normalization): TaskCodec {
  const { target } = codec;
  return {
    ...codec,
    encode: (input) => codec.encode(normalized(input, form)),
    ...(target ? { target: { ...target, read: (text: string) => target.read(text.normalize(form)) } } : {}),
  };
}

function normalized(value: JsonValue, form: Normalization): JsonValue {
  if (typeof value === 'string') return value.normalize(form);
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((member) => normalized(member, form));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, JsonValue>>).map(([name, member]) => [
      name,
      normalized(member, form),
    ]),
  );
}

/** From a call's name and arguments to the handler that answers it, both sides of it checked. */
import * as v from 'valibot';
import { fail, succeed, type Call, type Contract, type Handlers, type Result } from '../api/call.ts';
import { MAXIMUM_REQUEST_BYTES } from '../api/messages.ts';
import { isHeavy, whyNotPlain } from '../api/plain.ts';
import { UnrolledError } from '../../engine/errors.ts';
import { nearest } from '../../engine/nearest.ts';
import { describeIssue } from './issues.ts';
import { logDefect, logPath, type Log } from './log.ts';

/** Answers calls. Never throws, whatever it is given. */
export type Dispatch = (name: string, args: unknown) => Promise<Result<unknown>>;

interface Route {
  readonly call: Call;
  readonly handler: (args: unknown) => unknown;
}

/**
 * The calls of `contract`, named "domain.function", answered by `handlers`. A wrong name or argument is the failure
 * 'unknown-call' or 'bad-request', an UnrolledError is its own failure, and whatever else is thrown, or a result that breaks its schema,
 * is the failure 'defect', whose cause goes to the log alone.
 */
export function dispatch<C extends Contract>(contract: C, handlers: Handlers<C>, log: Log = logDefect): Dispatch {
  const routes = routesOf(contract, handlers);
  return async (name, args) => {
    const route = routes.get(name);
    if (route === undefined) {
      return unknownCall(name, routes);
    }
    // Before anything looks at every part of it: a thing that is held many times over counts as often.
    if (isHeavy(args, MAXIMUM_REQUEST_BYTES)) {
      const limit = `${MAXIMUM_REQUEST_BYTES / 2 ** 20} MiB`;
      return fail('too-large', `The call ${name} holds more than ${limit}, which is what passes.`);
    }
    const impure = whyNotPlain(args);
    if (impure !== undefined) {
      return badRequest(name, impure);
    }
    const parsed = v.safeParse(route.call.args, args);
    if (!parsed.success) {
      return badRequest(name, describeIssue(parsed.issues[0]));
    }
    try {
      return succeed(checkedResult(route.call, await route.handler(parsed.output)));
    } catch (error) {
      if (error instanceof UnrolledError) {
        return fail(error.code, error.message, error.hint);
      }
      log(`the call ${name}`, error);
      return fail(
        'defect',
        `This is a defect of the program: ${name} failed in a way that it should not.`,
        defectHint(),
      );
    }
  };
}

function defectHint(): string {
  const path = logPath();
  const where = path === undefined ? 'the log of the program' : `the log file ${path}`;
  return `Nothing of yours is wrong. The details are in ${where}; please report them.`;
}

/** Every call by its name. A handler that is missing is found here, when the program starts. */
function routesOf(contract: Contract, handlers: Readonly<Record<string, object>>): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  for (const [domainName, domain] of Object.entries(contract)) {
    const group = handlers[domainName] as Readonly<Record<string, unknown>> | undefined;
    for (const [callName, call] of Object.entries(domain)) {
      const handler = group?.[callName];
      if (typeof handler !== 'function') {
        throw new TypeError(`No handler answers the call ${domainName}.${callName}.`);
      }
      routes.set(`${domainName}.${callName}`, { call, handler: (args) => handler.call(group, args) as unknown });
    }
  }
  return routes;
}

function checkedResult(call: Call, result: unknown): unknown {
  const checked = v.safeParse(call.result, result);
  if (!checked.success) {
    throw new TypeError(`The result is not what the contract says: ${describeIssue(checked.issues[0])}.`);
  }
  const impure = whyNotPlain(checked.output);
  if (impure !== undefined) {
    throw new TypeError(`The result cannot pass to the face: ${impure}.`);
  }
  return checked.output;
}

function badRequest(name: string, complaint: string): Result<never> {
  return fail('bad-request', `The call ${name} was refused: ${complaint}.`);
}

function unknownCall(name: string, routes: ReadonlyMap<string, Route>): Result<never> {
  const shown = name.length > 100 ? `${name.slice(0, 97)}...` : name;
  const meant = name.length > 100 ? undefined : nearest(name, routes.keys());
  return fail(
    'unknown-call',
    `There is no call "${shown}".`,
    meant === undefined ? undefined : `There is "${meant}"; did you mean that?`,
  );
}

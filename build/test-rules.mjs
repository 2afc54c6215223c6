/**
 * What the tests keep to, as ESLint rules.
 *
 * `polled-reads` is for tests of a page (test/e2e). A page is drawn when it can be: what a test reads once may be of the
 * moment before, on a slow machine more often than on a fast one. So a page is read inside `expect.poll` or `eventually`
 * only, which look again until what they expect is there. A function of the file that reads the page counts as a read
 * wherever it is called.
 *
 * `sentence-titles` is for all tests: a title can be understood without the code beneath it.
 */

/** Methods of a locator (and of a page) that answer at once with what is there now. */
const READS = new Set([
  'allInnerTexts',
  'allTextContents',
  'ariaSnapshot',
  'boundingBox',
  'count',
  'evaluateAll',
  'getAttribute',
  'innerHTML',
  'innerText',
  'inputValue',
  'isChecked',
  'isDisabled',
  'isEditable',
  'isEnabled',
  'isHidden',
  'isVisible',
  'textContent',
]);

/**
 * @typedef {import('estree').Node & { parent: Node }} Node
 */

/**
 * @param {import('estree').Node} callee
 * @returns {boolean} Whether it is `eventually` or `expect.poll`, which call a function until it is content.
 */
function polls(callee) {
  if (callee.type === 'Identifier') return callee.name === 'eventually';
  return (
    callee.type === 'MemberExpression' &&
    callee.object.type === 'Identifier' &&
    callee.object.name === 'expect' &&
    callee.property.type === 'Identifier' &&
    callee.property.name === 'poll'
  );
}

/**
 * @param {import('estree').CallExpression} call
 * @returns {boolean}
 */
function isRead({ callee }) {
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return false;
  const { name } = callee.property;
  // Where the page is: it goes there after the action, too.
  if (name === 'url') return callee.object.type === 'Identifier' && callee.object.name === 'page';
  return READS.has(name);
}

/**
 * @param {Node} node
 * @returns {boolean}
 */
function isFunction({ type }) {
  return type === 'ArrowFunctionExpression' || type === 'FunctionExpression' || type === 'FunctionDeclaration';
}

/** @type {import('eslint').Rule.RuleModule} */
export const polledReads = {
  meta: {
    type: 'problem',
    docs: { description: 'A page is read inside expect.poll or eventually only.' },
    messages: {
      once: '{{name}} reads the page once, which may not have been drawn yet: read it inside expect.poll or eventually.',
    },
    schema: [],
  },
  create(context) {
    const { sourceCode } = context;
    /** @type {Set<Node>} Functions with a name that read the page. */
    const readers = new Set();

    /**
     * @param {Node} call
     * @param {Node} argument
     * @returns {boolean} Whether the call looks again: itself, or as a function of this file that polls what it is given.
     */
    function looksAgain(call, argument) {
      if (call.type !== 'CallExpression') return false;
      const index = call.arguments.findIndex((one) => one === argument);
      if (index < 0 || polls(call.callee)) return index === 0;
      if (call.callee.type !== 'Identifier') return false;
      const { name } = call.callee;
      for (let scope = sourceCode.getScope(call); ; scope = scope.upper) {
        const definition = scope.set.get(name)?.defs[0];
        if (definition !== undefined) return pollsParameter(definition, index);
        if (scope.upper === null) return false;
      }
    }

    /**
     * @param {import('eslint').Scope.Definition} definition
     * @param {number} index
     */
    function pollsParameter({ node }, index) {
      const called = /** @type {Node | null} */ (node.type === 'VariableDeclarator' ? node.init : node);
      if (called === null || !isFunction(called)) return false;
      const parameter = /** @type {import('estree').FunctionDeclaration} */ (called).params[index];
      const variable = sourceCode.getDeclaredVariables(called).find(({ identifiers }) => identifiers[0] === parameter);
      const uses = variable?.references ?? [];
      return uses.length > 0 && uses.every(({ identifier }) => isPolled(/** @type {Node} */ (identifier), called));
    }

    /**
     * @param {Node} node
     * @param {Node} end
     * @returns {boolean} Whether it is looked at again by something inside of `end`.
     */
    function isPolled(node, end) {
      for (let inner = node; inner !== end; inner = inner.parent) if (looksAgain(inner.parent, inner)) return true;
      return false;
    }

    /**
     * Where a read is done: nowhere that matters, in a function of its own, or on the spot.
     * @param {Node} read
     * @param {string} name
     */
    function check(read, name) {
      for (let inner = read, outer = read.parent; ; inner = outer, outer = outer.parent) {
        if (outer.type === 'Program') {
          context.report({ node: read, messageId: 'once', data: { name } });
          return;
        }
        if (looksAgain(outer, inner)) return;
        if (isFunction(inner) && (inner.type === 'FunctionDeclaration' || outer.type === 'VariableDeclarator')) {
          follow(inner, outer);
          return;
        }
      }
    }

    /**
     * Checks every place that uses a function which reads.
     * @param {Node} reader
     * @param {Node} parent
     */
    function follow(reader, parent) {
      if (readers.has(reader)) return;
      readers.add(reader);
      const [variable] = sourceCode.getDeclaredVariables(parent.type === 'VariableDeclarator' ? parent : reader);
      for (const { identifier, init } of variable?.references ?? []) {
        if (init !== true) check(/** @type {Node} */ (identifier), identifier.name);
      }
    }

    return {
      CallExpression(node) {
        if (isRead(node)) check(/** @type {Node} */ (node), sourceCode.getText(node.callee).split('.').at(-1) ?? '');
      },
    };
  },
};

const GROUPS = new Set(['describe']);
const TESTS = new Set(['test', 'property']);
/** In a title: words, and what a value is put in place of. */
const WORD = /%[a-z#]|\$\{?[\w.]+|[\p{L}\p{N}_'’-]+/giu;
const LEAST_WORDS = 3;

/**
 * @param {import('estree').Node} callee As of `test(…)`, `test.each(…)(…)` or `test.skipIf(…)(…)`.
 * @returns {string | undefined} The first name in it.
 */
function firstName(callee) {
  for (let node = callee; ;) {
    if (node.type === 'Identifier') return node.name;
    if (node.type === 'CallExpression') node = node.callee;
    else if (node.type === 'MemberExpression') node = node.object;
    else return undefined;
  }
}

/**
 * @param {import('estree').Node | undefined} node
 * @returns {string | undefined} A title as it is written; undefined where a name stands in its place.
 */
function titleOf(node) {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral') return node.quasis.map(({ value }) => value.raw).join('%s');
  return undefined;
}

/** @type {import('eslint').Rule.RuleModule} */
export const sentenceTitles = {
  meta: {
    type: 'suggestion',
    docs: { description: 'The title of a test, after those of its groups, is a sentence.' },
    messages: { fragment: '“{{title}}” is no sentence: say what is true when the test passes.' },
    schema: [],
  },
  create(context) {
    /** @type {(string | undefined)[]} */
    const groups = [];
    /** @param {import('estree').CallExpression} node */
    const isGroup = ({ callee, arguments: { length } }) => length > 1 && GROUPS.has(firstName(callee) ?? '');
    return {
      CallExpression(node) {
        const [first] = node.arguments;
        if (isGroup(node)) groups.push(titleOf(first));
        else if (node.arguments.length > 1 && TESTS.has(firstName(node.callee) ?? '')) {
          const title = titleOf(first);
          // The name of a group that is computed is taken for a word.
          const whole = [...groups.map((group) => group ?? 'group'), title ?? ''].join(' ');
          if (title !== undefined && (whole.match(WORD) ?? []).length < LEAST_WORDS) {
            context.report({ node: first ?? node, messageId: 'fragment', data: { title: whole } });
          }
        }
      },
      'CallExpression:exit'(/** @type {import('estree').CallExpression} */ node) {
        if (isGroup(node)) groups.pop();
      },
    };
  },
};

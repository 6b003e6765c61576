import { type ErrorCode, PlatformError } from '@maru/api/errors';
import type { ResourceProblem } from '@maru/api/wire';

/** `file:line:column: path: message`, as compilers print it. */
export function formatProblem(problem: ResourceProblem): string {
  const place = `${problem.file ?? '(input)'}:${problem.line}:${problem.column}`;
  return problem.path === '' ? `${place}: ${problem.message}` : `${place}: ${problem.path}: ${problem.message}`;
}

/** One error for a whole set of problems: the code of the first, every place in the message. */
export function problemsError(problems: readonly ResourceProblem[]): PlatformError {
  const code = (problems[0]?.code ?? 'resource_invalid') as ErrorCode;
  return new PlatformError(code, { message: problems.map(formatProblem).join('\n'), details: { problems } });
}

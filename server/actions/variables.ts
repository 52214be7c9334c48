/**
 * Names that decide how programs run, load code or reach the network, and ours. Whoever could set them would have the
 * interpreter, the walls or the context of an execution in their hands.
 */
const refused =
  /^(NODE_.*|LD_.*|DYLD_.*|PYTHON.*|BASH_.*|ENV|SHELLOPTS|BASHOPTS|PS4|IFS|PERL.*|RUBY.*|GIT_.*|npm_.*|GCONV_PATH|GLIBC_.*|MALLOC_.*|.*_PROXY|PATH|HOME|LANG|TZ|TMPDIR|ATTUNE_.*)$/i;

/** Whether an action or a caller may set this environment variable. */
export function isAllowedVariable(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !refused.test(name);
}

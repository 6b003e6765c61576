const CALLS =
  /"(?:tool_calls|function_call)"\s{0,16}:\s{0,16}[[{]|"type"\s{0,16}:\s{0,16}"(?:tool_use|server_tool_use|function_call|[a-z_]{1,40}_call)"|"functionCall"\s{0,16}:/;

/** Whether an answer calls tools: giving it again would make the client act again. Quotes inside of text are escaped and do not count. */
export const callsTools = (answer: Buffer): boolean => CALLS.test(answer.toString('latin1'));

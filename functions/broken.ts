// Throws. The answer is 500; the log shows the error at its place in this file.
//   curl -i localhost:8080/broken
function parse(text: string): unknown {
  return JSON.parse(text);
}

export default (): Response => Response.json(parse('{ "unfinished": '));

// serve.ts: the four scripts' work without a process for each. A line [command, folder, ...words] on stdin gives
// one line on stdout: ["printed", text] or ["failed", message].
import { all, get } from "./get";
import { reset } from "./reset";
import { save } from "./save";
import { set } from "./set";

const pretty = (value: any) => JSON.stringify(value, null, 2);
const byName = (a: any, b: any) => Buffer.compare(Buffer.from(a.workflow), Buffer.from(b.workflow));

async function answer(command: string, folder: string, words: string[]): Promise<string> {
  const [workflow, step, context, now] = words;
  if (command === "get") return pretty(await get(workflow, folder));
  if (command === "all") return pretty((await all(folder)).sort(byName)); // readdir's order is anyone's
  if (command === "set") return pretty(await set(workflow, step, context ? JSON.parse(context) : undefined, folder, now));
  if (command === "reset") return reset(workflow, folder);
  if (command === "save") return save(workflow, "completed", "", folder);
  throw new Error(`no such command: ${command}`);
}

for await (const line of console) {
  const [command, folder, ...words] = JSON.parse(line);
  let said: [string, string];
  try {
    said = ["printed", await answer(command, folder, words)];
  } catch (error) {
    said = ["failed", String(error)];
  }
  process.stdout.write(JSON.stringify(said) + "\n");
}

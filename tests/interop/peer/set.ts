// set.ts <workflow> <step> [context-json]: enters a step; writes in place, without a lock.
import { mkdirSync } from "node:fs";

const FOLDER = "ia/state/sessions";

export async function set(
  workflow: string,
  step: string,
  context?: any,
  folder = FOLDER,
  now = new Date().toISOString(),
): Promise<any> {
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/${workflow}.json`;
  const file = Bun.file(path);
  const state: any = ((await file.exists()) && (await file.json())) || { started_at: now, steps: [] };
  if (state.steps[state.steps.length - 1] !== step) state.steps.push(step);
  state.step = step;
  if (context) state.context = { ...state.context, ...context };
  state.updated_at = now;
  await Bun.write(path, JSON.stringify(state, null, 2));
  return state;
}

if (import.meta.main) {
  const [workflow, step, text] = process.argv.slice(2);
  if (!workflow || !step) {
    console.error("Usage: set.ts <workflow:name> <step> [context-json]");
    process.exit(1);
  }
  let context: any;
  try {
    context = text ? JSON.parse(text) : undefined;
  } catch {
    console.error(`Invalid JSON context: ${text}`);
    process.exit(1);
  }
  console.log(JSON.stringify(await set(workflow, step, context), null, 2));
}

// get.ts <workflow> | --all: prints the state or null, or an array of all states.
import { readdirSync } from "node:fs";

const FOLDER = "ia/state/sessions";

export async function get(workflow: string, folder = FOLDER): Promise<any> {
  const file = Bun.file(`${folder}/${workflow}.json`);
  return (await file.exists()) ? await file.json() : null;
}

export async function all(folder = FOLDER): Promise<any[]> {
  const sessions: any[] = [];
  try {
    for (const name of readdirSync(folder)) {
      if (!name.endsWith(".json")) continue;
      const workflow = name.slice(0, -".json".length);
      const state = await get(workflow, folder);
      if (state) sessions.push({ workflow, ...state });
    }
  } catch {
    // no folder, or a broken file: what was found so far
  }
  return sessions;
}

if (import.meta.main) {
  const workflow = process.argv[2];
  if (!workflow) {
    console.error("Usage: get.ts <workflow:name> | --all");
    process.exit(1);
  }
  console.log(JSON.stringify(workflow === "--all" ? await all() : await get(workflow), null, 2));
}
